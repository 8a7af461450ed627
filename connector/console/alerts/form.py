"""The form of an alert rule."""

from typing import Any

from django import forms

from connector.console.configuring.form import STORED_HELP, ConfigForm, SecretInput, Section, without_empty
from core.models import AlertChannel, Integration

LINES = ("recipients", "codes")
PLAIN = ("name", "channel", "every_minutes", "recovered", "enabled")


class AlertRuleForm(ConfigForm):
    """Which problems, to whom, which way, how often."""

    kind = "alert_rule"
    sections = (
        Section("Alert rule", ("name", "channel", "enabled")),
        Section(
            "To whom", ("recipients", "url", "secret"), f"E-mail needs recipients, others an address. {STORED_HELP}"
        ),
        Section("Of what", ("codes", "integrations"), "Nothing chosen: every problem of the tenant."),
        Section("How often", ("every_minutes", "recovered")),
    )
    name = forms.CharField(max_length=100, help_text="A short name, as in accounts-by-mail.")
    channel = forms.ChoiceField(choices=AlertChannel.choices)
    enabled = forms.BooleanField(required=False, initial=True)
    recipients = forms.CharField(
        max_length=5000, required=False, widget=forms.Textarea({"rows": 3}), help_text="Mail addresses, one a line."
    )
    url = forms.CharField(
        max_length=2000, required=False, widget=SecretInput(), label="Webhook address", help_text="https:// only."
    )
    secret = forms.CharField(
        max_length=500,
        required=False,
        widget=SecretInput(),
        label="Signing secret",
        help_text="Of the signed webhook: at least 16 characters, or whsec_ and base64.",
    )
    codes = forms.CharField(
        max_length=5000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        label="Only these codes",
        help_text="One a line, as in ACK_OVERDUE; SFTP_* means all that begin so.",
    )
    integrations = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, label="Only these integrations"
    )
    every_minutes = forms.IntegerField(
        min_value=1, max_value=1440, initial=15, label="At most one message in", help_text="Minutes."
    )
    recovered = forms.BooleanField(required=False, initial=True, label="Say when a problem is over")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = Integration.objects.filter(tenant=self.tenant).order_by("name").values_list("name", flat=True)[:500]
        offered = [(name, name) for name in names]
        if offered:
            self.fields["integrations"].choices = offered  # type: ignore[attr-defined]
        else:
            del self.fields["integrations"]

    def initial_of(self, before: dict[str, Any]) -> dict[str, Any]:
        """Show everything but secrets; lists one a line."""
        usual = {"every_minutes": 15, "recovered": True, "enabled": True, "integrations": []}
        shown = {key: before.get(key, usual.get(key)) for key in (*PLAIN, "integrations")}
        return {**shown, **{key: "\n".join(before.get(key, [])) for key in LINES}}

    def value(self) -> dict[str, Any]:
        """Give the entry as a configuration file would have it."""
        data = self.cleaned_data
        lines = {key: [line.strip() for line in data[key].splitlines() if line.strip()] for key in LINES}
        chosen = {"integrations": data.get("integrations", [])}
        return {**{key: data[key] for key in PLAIN}, **without_empty(lines), **without_empty(chosen)}
