"""Where a tenant wants two people for a decision: the first one asks, another one's same decision carries it out.

What was asked stands in the audit trail and nowhere else, so that it can neither be changed nor forgotten.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.html import format_html

from connector.console import moments
from connector.console.access import Access
from core import audit
from core.models import Event, Tenant

WITHIN = timedelta(days=1)
"""How long a first decision waits for the second."""

WAITING = "Waits for a second person"
WAITS = "Noted. Another person has to decide the same within a day; until then nothing changes."
ASKED, GIVEN = "approval.asked", "approval.given"
MOST_READ = 500
PAGES = {
    "hostkey.approve": ("admin:core_hostkey_change", "Approve the host key"),
    "partner.production": ("admin:core_partner_production", "Take to production:"),
    "integration.go_live": ("admin:core_integration_go_live", "Go live with"),
    "tenant.one_person": ("admin:core_tenant_change", "End the rule of two people for"),
}
"""Where each kind of decision is made, and what it is called."""


@dataclass(frozen=True, slots=True)
class Matter:
    """One decision: `what` is done to `which` row (`name` for people), with the `values` that both have seen."""

    tenant: Tenant
    what: str
    which: str
    values: Any = None
    name: str = ""

    def detail(self) -> dict[str, str]:
        """Give what makes two decisions the same one."""
        seen = json.dumps(self.values, sort_keys=True, default=str)
        return {"what": self.what, "which": self.which, "seen": hashlib.sha256(seen.encode()).hexdigest()}


def is_wanted(tenant: Tenant | None) -> bool:
    """Say whether a tenant wants two people for host keys and production."""
    return bool(tenant and tenant.options.get("two_person_approval"))


def asked(matter: Matter, *, now: datetime) -> Event | None:
    """Give the first decision that waits for a second, if somebody has made it within a day."""
    if not is_wanted(matter.tenant):
        return None
    recent = Event.objects.filter(tenant_id=matter.tenant.pk, at__gte=now - WITHIN, event__in=(ASKED, GIVEN))
    same = {f"detail__{key}": value for key, value in matter.detail().items()}
    newest = recent.filter(**same).order_by("-sequence").first()
    return newest if newest and newest.event == ASKED else None


def carry_out(matter: Matter, act: Callable[[], Any], *, user: Any, now: datetime) -> bool:
    """Act when one person is enough or somebody else has asked; else note that this one asks. True when it acted."""
    if not is_wanted(matter.tenant):
        act()
        return True
    with transaction.atomic():
        first = asked(matter, now=now)
        is_second = first is not None and first.detail["user"] != str(user.pk)
        if is_second:
            act()
        if is_second or first is None:
            detail = {**matter.detail(), "user": str(user.pk), "name": matter.name}
            event = GIVEN if is_second else ASKED
            audit.append([audit.EventDraft(matter.tenant.pk, event, user.get_username(), detail=detail)], now=now)
    return is_second


def facts(matter: Matter, *, zone: str, now: datetime) -> list[tuple[str, Any]]:
    """Say who has asked and when, as a line of a card; none where nobody waits."""
    first = asked(matter, now=now)
    return [(WAITING, format_html("{}, {}", first.actor, moments.moment(first.at, zone)))] if first else []


@dataclass(frozen=True, slots=True)
class Asked:
    """A first decision that waits: what it is, its page, who made it and when."""

    words: str
    link: str
    by: str
    at: datetime


def waiting(access: Access, *, now: datetime) -> list[Asked]:
    """List the first decisions in the reader's tenants that wait for a second person, the newest first."""
    recent = Event.objects.filter(at__gte=now - WITHIN, event__in=(ASKED, GIVEN)).order_by("-at", "-sequence")
    newest: dict[tuple[Any, ...], Event] = {}
    for event in access.scope(recent)[:MOST_READ]:
        same = tuple(event.detail.get(key) for key in ("what", "which", "seen"))
        newest.setdefault((event.tenant_id, *same), event)
    return [_asked(event) for event in newest.values() if event.event == ASKED and event.detail["what"] in PAGES]


def _asked(event: Event) -> Asked:
    page, words = PAGES[event.detail["what"]]
    link = reverse(page, args=[event.detail["which"]])
    return Asked(f"{words} {event.detail.get('name') or ''}".strip(), link, event.actor, event.at)
