"""Host keys of a planned change: an announced key is entered, and keys count from a moment on or up to one.

Moments are typed as the clocks of the tenant's zone show them.
"""

from typing import Any

from django import forms

from connector.console import moments
from connector.console.theme import DialogForm
from core.errors import Invalid
from core.models import HostKey, Server
from sftp_app.hostkeys import read_host_keys
from sftp_app.target import HostKeyPin

_FORMAT = "%Y-%m-%dT%H:%M"


class MomentField(forms.DateTimeField):
    """A moment without a zone, for the browser's own picker."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput({"type": "datetime-local"}, format=_FORMAT)
        super().__init__(required=False, widget=widget, input_formats=[_FORMAT], **kwargs)


class EnterKeyForm(DialogForm):
    """A key as its owner has told it."""

    key = forms.CharField(
        max_length=20_000,
        widget=forms.Textarea({"rows": 3}),
        label="The key, or its fingerprint",
        help_text="A line of known_hosts, ssh-ed25519 AAAA…, or SHA256:….",
    )

    def clean_key(self) -> tuple[HostKeyPin, ...]:
        """Read the key in any of its forms."""
        server = Server.objects.filter(pk=self.object_id or "").first()
        try:
            return read_host_keys(
                self.cleaned_data["key"], host=server.host if server else "", port=server.port if server else 22
            )
        except Invalid as refused:
            raise forms.ValidationError([f"{item.reason} {item.hint}".strip() for item in refused.findings]) from None


class DatesForm(DialogForm):
    """From when and up to when a key counts; both may be left open."""

    valid_from = MomentField(label="Counts from", help_text="Empty: from now on.")
    valid_until = MomentField(label="Counts until", help_text="Empty: until somebody rejects it.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = HostKey.objects.select_related("server__tenant").filter(pk=self.object_id or "").first()
        if self.row:
            zone = moments.zone(self.row.server.tenant.time_zone)
            for name in ("valid_from", "valid_until"):
                at = getattr(self.row, name)
                self.fields[name].initial = at.astimezone(zone).strftime(_FORMAT) if at else None
                self.fields[name].label = f"{self.fields[name].label} ({zone.key})"

    def clean(self) -> dict[str, Any]:
        """Read both in the tenant's zone; the end comes after the beginning."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        zone = moments.zone(self.row.server.tenant.time_zone if self.row else "")
        for name in ("valid_from", "valid_until"):
            data[name] = data[name].replace(tzinfo=zone) if data.get(name) else None  # what was typed, as shown there
        if data["valid_from"] and data["valid_until"] and data["valid_until"] <= data["valid_from"]:
            self.add_error("valid_until", "The key would end before it begins to count.")
        return data
