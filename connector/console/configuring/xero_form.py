"""The form of a Xero connection."""

from typing import Any

from django import forms

from connector.console.configuring.form import STORED_HELP, ConfigForm, SecretInput, SecretText, Section, without_empty
from core.models import GrantAuth

AUTHS = (
    (GrantAuth.AUTHORIZATION_CODE, "Sign in at Xero (a person connects it)"),
    (GrantAuth.CUSTOM_CONNECTION, "Custom connection (client id and secret)"),
    (GrantAuth.REFRESH_TOKEN, "Refresh token from elsewhere"),
)


class XeroForm(ConfigForm):
    """How the connection signs in, what it reads, and how often."""

    kind = "xero"
    paths = {"webhook_keys": "webhook_keys", "auth": "auth"}
    sections = (
        Section("Connection", ("name", "auth", "client_id")),
        Section("Secrets", ("client_secret", "refresh_token", "webhook_keys"), STORED_HELP),
        Section("Reading", ("poll", "xero_tenant_id", "day_limit")),
    )
    name = forms.CharField(max_length=100, help_text="A short name, as in books.")
    auth = forms.ChoiceField(choices=AUTHS, label="Sign-in")
    client_id = forms.CharField(
        max_length=200, required=False, help_text="Of the connection's own app; empty: the installation's app."
    )
    client_secret = forms.CharField(max_length=1000, required=False, widget=SecretInput())
    refresh_token = forms.CharField(max_length=4000, required=False, widget=SecretInput())
    webhook_keys = forms.CharField(
        max_length=2000, required=False, widget=SecretText({"rows": 2}), help_text="Signing keys, one a line."
    )
    poll = forms.CharField(
        max_length=100, required=False, initial="*/15 * * * *", help_text="Cron, in the tenant's zone."
    )
    xero_tenant_id = forms.CharField(
        max_length=36, required=False, label="Organisation's id", help_text="Found at the first connection when empty."
    )
    day_limit = forms.IntegerField(
        min_value=1, required=False, label="Calls a day", help_text="Empty: the installation's limit."
    )

    def initial_of(self, before: dict[str, Any]) -> dict[str, Any]:
        """Show everything but secrets."""
        shown = ("name", "auth", "client_id", "poll", "xero_tenant_id", "day_limit")
        return {key: before[key] for key in shown if key in before}

    def value(self) -> dict[str, Any]:
        """Write the fields; several webhook keys become several secrets."""
        names = ("name", "auth", "client_id", "poll", "xero_tenant_id", "day_limit")
        value = without_empty({key: self.cleaned_data[key] for key in names})
        keys = [f"webhook_key_{number}" for number, _ in enumerate(self._webhook_keys())]
        return {**value, "webhook_keys": [{"env": key} for key in keys]} if keys else value

    def _webhook_keys(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["webhook_keys"].splitlines() if line.strip()]

    def secrets(self) -> dict[str, str]:
        """Give the posted secrets, each webhook key by itself."""
        found = super().secrets()
        found.pop("webhook_keys", None)
        return found

    def lookups(self) -> dict[str, str]:
        """Give all posted secrets under the names that `value` refers to."""
        keys = {f"webhook_key_{number}": key for number, key in enumerate(self._webhook_keys())}
        return {**self.secrets(), **keys}
