"""Setting a stream's cursor by hand: to a moment, or back to the beginning; with a reason, and said in the trail."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from connector.console import moments
from connector.console.deciding import ReasonForm, decided, dialog
from connector.console.detail import DetailPage
from connector.console.theme import action
from connector.console.xero_pages.reading import stream_name
from core import cursors
from core.models import Organisation, StreamCursor

SAFE = "What is read again and did not change is not sent again."


class ResetForm(ReasonForm):
    """Which stream, why, and a box to tick. Only streams that were read have a cursor to set."""

    field_order = ("stream", "read_until", "reason", "confirmed")
    stream = forms.ChoiceField()
    confirmed = forms.BooleanField(label="Read again from there on", error_messages={"required": "Tick the box."})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = StreamCursor.objects.filter(organisation_id=str(self.object_id)).select_related("organisation__tenant")
        self.zone = ZoneInfo("UTC")
        choices = []
        for row in rows.order_by("stream"):
            self.zone = moments.zone(row.organisation.tenant.time_zone)
            choices.append((row.stream, f"{stream_name(row.stream)}, {self._read_until(row)}"))
        self.fields["stream"].choices = choices  # type: ignore[attr-defined]

    def _read_until(self, row: StreamCursor) -> str:
        if row.read_until is None:
            return "read from the beginning next"
        return f"read until {row.read_until.astimezone(self.zone):%d %b %Y, %H:%M %Z}"


class CursorForm(ResetForm):
    """As well, the moment from which on changes are read."""

    read_until = forms.DateTimeField(
        label="Changes since",
        help_text="In the tenant's time zone. One after the present cursor leaves out what changed in between.",
        widget=forms.DateTimeInput({"type": "datetime-local"}),
    )

    def clean_read_until(self) -> datetime:
        """Take what was typed as a time of the tenant's zone."""
        typed: datetime = self.cleaned_data["read_until"]
        return typed.replace(tzinfo=self.zone)


class CursorDialogs(DetailPage):
    """The two dialogs, for the page family of organisations. Integrators and owners may."""

    @action(
        description="Set a cursor",
        url_path="set-cursor",
        icon="flag",
        permissions=["change"],
        dialog=dialog("From when on should a stream be read?", SAFE, CursorForm, "Set the cursor"),
    )
    def set_cursor(self, request: HttpRequest, form: CursorForm, object_id: str) -> HttpResponse:
        """Let the next reading of a stream begin at a moment that a person chose."""
        return self._set(request, form, object_id, form.cleaned_data["read_until"])

    @action(
        description="Reset a cursor",
        url_path="reset-cursor",
        icon="restart_alt",
        permissions=["change"],
        dialog=dialog("Read a stream from the beginning?", f"It may take many calls. {SAFE}", ResetForm, "Reset it"),
    )
    def reset_cursor(self, request: HttpRequest, form: ResetForm, object_id: str) -> HttpResponse:
        """Let the next reading of a stream read everything."""
        return self._set(request, form, object_id, None)

    def _set(self, request: HttpRequest, form: ResetForm, object_id: str, at: datetime | None) -> HttpResponse:
        organisation = self.require(request, object_id)
        stream, reason = form.cleaned_data["stream"], form.cleaned_data["reason"]
        done = f"{stream_name(stream)}: the next poll reads {'from there on' if at else 'everything'}."
        back = reverse("admin:core_organisation_change", args=[organisation.pk])
        details = {"stream": stream, "read_until": at, "reason": reason}
        return decided(request, _set, organisation, done=done, back=back, **details)


def _set(organisation: Organisation, *, actor: Any, **details: Any) -> bool:
    cursors.set_cursor(organisation, actor=actor.get_username(), **details)
    return True
