"""Host keys: a person compares a fingerprint with the server's owner, then approves or rejects it."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from connector import tasks
from connector.console import moments, second_person, words
from connector.console.detail import Card, DetailPage
from connector.console.dialogs import leave_dialog
from connector.console.filters import OwnRelatedFilter
from connector.console.host_key_dates import DatesForm
from connector.console.theme import ActionVariant, DialogForm, action, display
from connector.host_keys import Dates, approve, reject
from core import audit, servers
from core.clock import database_now
from core.models import HostKey, HostKeyState, Role
from sftp_app.hostkeys import read_host_keys

SHORTEST = 4


class ApproveForm(DatesForm):
    """Approving needs a look at the fingerprint that the owner has told: its end is typed, or all of it pasted."""

    field_order = ("told", "valid_from", "valid_until")
    told = forms.CharField(
        max_length=100,
        label="What the server's owner told you",
        help_text="The last four characters of the fingerprint, or all of it. Do not copy it from this page.",
    )

    def clean_told(self) -> str:
        """Compare what was told with the key; a wrong one is refused without saying where it differs."""
        told: str = self.cleaned_data["told"].strip()
        if self.row is None or len(told) < SHORTEST or not self.row.fingerprint.endswith(told.rstrip("=")):
            raise forms.ValidationError("That is not the end of this fingerprint. Do not approve it.")
        return told


class RejectForm(DialogForm):
    """Rejecting takes a key out of use at once."""


class HostKeyAdmin(DetailPage):
    """Host keys that were seen or announced."""

    tenant_path = "server__tenant_id"
    list_display = ("fingerprint", "server", "key_type", "shown_state", "counts", "approved_by")
    list_filter: ClassVar[Any] = ["state", ("server", OwnRelatedFilter)]
    list_select_related = ("server__tenant", "approved_by")
    search_fields = ("fingerprint__startswith", "server__name__istartswith")
    detail_related = ("server__tenant", "approved_by")
    actions_detail = ("approve", "set_dates", "reject")
    empty_why = "No host key was seen yet. Fetch one on a server's page."

    def has_decide_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let integrators decide about host keys."""
        return self.holds(request, Role.INTEGRATOR, obj)

    def has_approve_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let integrators approve a host key that is not approved."""
        return self._may_become(request, obj, HostKeyState.APPROVED)

    def has_reject_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let integrators reject a host key that is not rejected."""
        return self._may_become(request, obj, HostKeyState.REJECTED)

    def _may_become(self, request: HttpRequest, obj: Any, state: str) -> bool:
        row = self.named_row(request, obj)
        return bool(row and row.state != state) and self.has_decide_permission(request, row)

    def has_dates_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let integrators date keys that are approved."""
        row = self.named_row(request, obj)
        return bool(row and row.state == HostKeyState.APPROVED) and self.has_decide_permission(request, row)

    def zone_of(self, obj: HostKey) -> str:
        """Use the zone of the server's tenant."""
        return obj.server.tenant.time_zone

    def cards(self, obj: Any) -> list[Card]:
        """Show the key, who approved it, and the other keys of its server to compare with."""
        others = obj.server.host_keys.exclude(pk=obj.pk).order_by("-pk")[:20]
        return [
            Card(
                "This key",
                [
                    ("Server", words.link(obj.server)),
                    ("Type", obj.key_type),
                    ("Fingerprint", obj.fingerprint),
                    ("State", words.chip(words.HOST_KEY.get(obj.state))),
                    *second_person.facts(matter_of(obj), zone=self.zone_of(obj), now=obj.read_now),
                    ("Seen", moments.moment(obj.created_at, self.zone_of(obj))),
                    ("Approved by", obj.approved_by),
                    ("Approved", moments.moment(obj.approved_at, self.zone_of(obj))),
                    ("Counts from", moments.moment(obj.valid_from, self.zone_of(obj))),
                    ("Counts until", moments.moment(obj.valid_until, self.zone_of(obj))),
                    ("Last session with it", moments.moment(obj.last_seen_at, self.zone_of(obj))),
                ],
            ),
            Card("Other keys", [(key.fingerprint, words.chip(words.HOST_KEY.get(key.state))) for key in others]),
        ]

    @action(
        description="Approve",
        url_path="approve",
        icon="verified_user",
        variant=ActionVariant.PRIMARY,
        permissions=["approve"],
        dialog={
            "title": "Approve this host key?",
            "description": "Ask the server's owner for the fingerprint over another channel, a phone call for example."
            " Files are sent to whoever holds this key.",
            "form_class": ApproveForm,
            "form_submit_text": "Approve",
        },
    )
    def approve(self, request: HttpRequest, form: ApproveForm, object_id: str) -> HttpResponse:
        """Approve the key; what was on hold for the server goes on."""
        return self._vouch(request, form, object_id, done="The host key is approved for {}.")

    @action(
        description="Set dates",
        url_path="set-dates",
        icon="event",
        permissions=["dates"],
        dialog={
            "title": "From when up to when does this key count?",
            "description": "For a change that the owner has planned: the old key ends when the new one begins. Two keys"
            " may count at a time.",
            "form_class": DatesForm,
            "form_submit_text": "Set dates",
        },
    )
    def set_dates(self, request: HttpRequest, form: DatesForm, object_id: str) -> HttpResponse:
        """Set from when and up to when an approved key counts."""
        return self._vouch(request, form, object_id, done="The dates are set for {}.")

    def _vouch(self, request: HttpRequest, form: DatesForm, object_id: str, *, done: str) -> HttpResponse:
        row, now = self.require(request, object_id), database_now()
        dates: Dates = (form.cleaned_data["valid_from"], form.cleaned_data["valid_until"])
        if second_person.carry_out(
            matter_of(row, dates), lambda: vouch(row, dates, by=request.user, now=now), user=request.user, now=now
        ):
            tasks.ring(tasks.deliver, server_id=row.server_id)
            messages.success(request, done.format(row.server))
            return leave_dialog(reverse("admin:core_server_change", args=[row.server_id]))
        messages.info(request, second_person.WAITS)
        return leave_dialog(reverse("admin:core_hostkey_change", args=[row.pk]))

    @action(
        description="Reject",
        url_path="reject",
        icon="gpp_bad",
        permissions=["reject"],
        dialog={
            "title": "Reject this host key?",
            "description": "Nothing is sent to a server that shows it.",
            "form_class": RejectForm,
            "form_submit_text": "Reject",
        },
    )
    def reject(self, request: HttpRequest, form: RejectForm, object_id: str) -> HttpResponse:
        """Reject the key."""
        row = self.require(request, object_id)
        now = database_now()
        with transaction.atomic():
            audit.append(reject(row.server, [row.fingerprint], actor=request.user.get_username()), now=now)
        messages.success(request, f"The host key is rejected for {row.server}.")
        return leave_dialog(reverse("admin:core_server_change", args=[row.server_id]))

    @display(description="Counts")
    def counts(self, obj: HostKey) -> SafeString | str:
        """Show between which moments it counts, where that is not always."""
        return counts_of(obj, self.zone_of(obj))

    @display(description="State", ordering="state")
    def shown_state(self, obj: HostKey) -> SafeString:
        """Show whether a person vouched for it."""
        return words.chip(words.HOST_KEY.get(obj.state))


def counts_of(row: HostKey, zone: str) -> SafeString | str:
    """Show between which moments a key counts; nothing where that is always."""
    parts = [("from", row.valid_from), ("until", row.valid_until)]
    shown = [format_html("{} {}", word, moments.moment(at, zone)) for word, at in parts if at is not None]
    return format_html_join(" ", "{}", ((part,) for part in shown)) if shown else ""


def matter_of(row: HostKey, dates: Dates = (None, None)) -> second_person.Matter:
    """Say what two people decide about a key: this very key for this server's address, between these moments."""
    server = row.server
    seen = [row.fingerprint, row.key, server.host, server.port, *(at.isoformat() for at in dates if at is not None)]
    return second_person.Matter(server.tenant, "hostkey.approve", str(row.pk), seen, f"of {server}")


def vouch(row: HostKey, dates: Dates, *, by: Any, now: datetime) -> None:
    """Approve a key between two moments, and let what was on hold for its server go on."""
    actor = by.get_username()
    pins = read_host_keys(f"{row.key_type} {row.key}" if row.key else row.fingerprint)
    with transaction.atomic():
        servers.release(row.server, actor=actor, now=now)
        audit.append(approve(row.server, pins, actor=actor, by=by, dates=dates, now=now), now=now)


admin.site.register(HostKey, HostKeyAdmin)
