"""The form of an SFTP server."""

from functools import cached_property
from typing import Any

from django import forms

from connector.console.configuring.form import STORED_HELP, ConfigForm, SecretInput, SecretText, Section, without_empty
from core.models import Publish
from sftp_app.keys import KeyPair, generate_key_pair

NAMES = ("name", "host", "port", "username", "publish", "staging_folder")
USUAL = {
    "hidden_temporary": True,
    "sweep_temporaries": True,
    "read_back": False,
    "allow_legacy_algorithms": False,
}
"""What a switch that is not written means."""

WORDS = ("trigger", "checksum", "absent_means", "give_up_days")


class ServerForm(ConfigForm):
    """Address, sign-in, and how files get their name. Host keys are approved on the server's page."""

    kind = "server"
    paths = {f"options.{name}": name for name in (*USUAL, *WORDS)}
    sections = (
        Section("Server", ("name", "host", "port", "username")),
        Section(
            "Sign-in",
            ("generate_key", "private_key", "passphrase", "password"),
            STORED_HELP + " What you enter replaces all of it.",
        ),
        Section(
            "How files get their name",
            ("publish", "staging_folder", "hidden_temporary"),
            "The server's page finds out what suits it.",
        ),
        Section("Beside each file", ("trigger", "checksum")),
        Section("Care", ("read_back", "absent_means", "give_up_days", "sweep_temporaries", "allow_legacy_algorithms")),
    )
    name = forms.CharField(max_length=100, help_text="A short name, as in erp.")
    host = forms.CharField(max_length=255, help_text="sftp.example.com, or a pasted sftp:// address.")
    port = forms.IntegerField(min_value=1, max_value=65535, initial=22)
    username = forms.CharField(max_length=100)
    generate_key = forms.BooleanField(
        required=False,
        label="Generate a key pair for me",
        help_text="The server's page then shows the public line for the partner. Until the partner has it, sign-ins"
        " are refused.",
    )
    private_key = forms.CharField(
        max_length=20_000, required=False, widget=SecretText({"rows": 4}), help_text="OpenSSH or PEM."
    )
    passphrase = forms.CharField(
        max_length=1000, required=False, widget=SecretInput(), help_text="Of the private key, when it has one."
    )
    password = forms.CharField(max_length=1000, required=False, widget=SecretInput())
    publish = forms.ChoiceField(choices=Publish.choices, initial=Publish.RENAME, label="Naming")
    staging_folder = forms.CharField(
        max_length=500, required=False, help_text="Only for naming through a staging folder."
    )
    hidden_temporary = forms.BooleanField(
        required=False, initial=True, label="Temporary names begin with a dot", help_text="Some servers refuse that."
    )
    trigger = forms.CharField(
        max_length=50,
        required=False,
        label="Trigger file",
        help_text="Comes after each file, as in {name}.done or {stem}.ok. Empty: none.",
    )
    checksum = forms.ChoiceField(
        required=False,
        choices=[("", "None"), ("sha256", "{name}.sha256, as sha256sum writes it")],
        label="Checksum file",
    )
    read_back = forms.BooleanField(
        required=False, label="Read every file back before it gets its name", help_text="Doubles the traffic."
    )
    absent_means = forms.ChoiceField(
        required=False,
        choices=[("", "The partner has taken it"), ("hold", "A person decides")],
        label="A file that is gone after a break",
    )
    give_up_days = forms.IntegerField(
        min_value=1, max_value=365, required=False, label="Give up after days", help_text="Empty: 7."
    )
    sweep_temporaries = forms.BooleanField(
        required=False, initial=True, label="Remove what broken attempts left, after a day"
    )
    allow_legacy_algorithms = forms.BooleanField(
        required=False,
        label="Allow outdated ciphers",
        help_text="CBC and SHA-1 checks, for servers that cannot do better. Ask the partner to upgrade.",
    )

    def initial_of(self, before: dict[str, Any]) -> dict[str, Any]:
        """Show everything but secrets."""
        options = before.get("options", {})
        shown = {key: before[key] for key in NAMES if key in before}
        absent = "hold" if options.get("absent_means") == "hold" else ""
        return {"publish": Publish.RENAME, **USUAL, **options, "absent_means": absent, **shown}

    def clean(self) -> dict[str, Any]:
        """Refuse two keys at once."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("generate_key") and data.get("private_key"):
            self.add_error("private_key", "Leave this empty, or do not ask for a new pair.")
        return data

    def value(self) -> dict[str, Any]:
        """Write the fields; host keys stay as they are."""
        return without_empty({**{key: self.cleaned_data[key] for key in NAMES}, "options": self._options()})

    def _options(self) -> dict[str, Any]:
        """Write what is unusual, and what was written before."""
        data, before = self.cleaned_data, (self.before or {}).get("options", {})
        switches = {key: data[key] for key, usual in USUAL.items() if data[key] != usual or key in before}
        if data["publish"] == Publish.DIRECT:
            switches.pop("hidden_temporary", None)
        absent = data["absent_means"] or (before.get("absent_means") if before.get("absent_means") != "hold" else None)
        return without_empty({**switches, **{key: data[key] for key in WORDS}, "absent_means": absent})

    def secrets(self) -> dict[str, str]:
        """Give the posted secrets, or the new key in their place."""
        if self.cleaned_data.get("generate_key"):
            return {"private_key": self._pair.private.reveal()}
        return super().secrets()

    @cached_property
    def _pair(self) -> KeyPair:
        return generate_key_pair(comment="")
