"""The form of an SFTP server."""

from typing import Any

from django import forms

from connector.console.configuring.form import STORED_HELP, ConfigForm, SecretInput, SecretText, Section, without_empty
from core.models import Publish


class ServerForm(ConfigForm):
    """Address, sign-in, and how files get their name. Host keys are approved on the server's page."""

    kind = "server"
    sections = (
        Section("Server", ("name", "host", "port", "username")),
        Section("Sign-in", ("password", "private_key", "passphrase"), STORED_HELP + " What you enter replaces it."),
        Section("How files get their name", ("publish", "staging_folder")),
    )
    name = forms.CharField(max_length=100, help_text="A short name, as in erp.")
    host = forms.CharField(max_length=255, help_text="sftp.example.com, or a pasted sftp:// address.")
    port = forms.IntegerField(min_value=1, max_value=65535, initial=22)
    username = forms.CharField(max_length=100)
    password = forms.CharField(max_length=1000, required=False, widget=SecretInput())
    private_key = forms.CharField(
        max_length=20_000, required=False, widget=SecretText({"rows": 4}), help_text="OpenSSH or PEM."
    )
    passphrase = forms.CharField(
        max_length=1000, required=False, widget=SecretInput(), help_text="Of the private key, when it has one."
    )
    publish = forms.ChoiceField(choices=Publish.choices, initial=Publish.RENAME, label="Naming")
    staging_folder = forms.CharField(
        max_length=500, required=False, help_text="Only for naming through a staging folder."
    )

    def initial_of(self, before: dict[str, Any]) -> dict[str, Any]:
        """Show everything but secrets."""
        shown = ("name", "host", "port", "username", "publish", "staging_folder")
        return {"publish": Publish.RENAME, **{key: before[key] for key in shown if key in before}}

    def value(self) -> dict[str, Any]:
        """Write the fields; host keys stay as they are."""
        kept = {key: value for key, value in (self.before or {}).items() if key == "options"}
        names = ("name", "host", "port", "username", "publish", "staging_folder")
        return {**kept, **without_empty({key: self.cleaned_data[key] for key in names})}
