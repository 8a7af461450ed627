"""Inbound files: the only writer of what was picked up, of its interchanges, and of sightings.

A file is sighted first. Once it has stayed as it is for a while it is stored whole, and only then worked on and
put away. While it lies in its folder, its name, size and time say which row it is: whatever dies in between, no
file is taken twice.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from core import audit, problems
from core.audit import EventDraft
from core.errors import ConnectorError
from core.leases import Lease
from core.models import Inbound, Interchange, InterchangeGroup, InterchangeState, Partner, Sighting
from core.moves import move
from core.problems import ProblemDraft
from core.states import INBOUND_MOVES, InboundState

LEFT, GONE, DELETED = "left", "gone", "deleted"
"""Where a file went that has no other place: left where it was, taken by somebody else, deleted by us."""
DUPLICATES_WITHIN = timedelta(days=365)
_AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as one look into a folder showed it; `size` and `modified_at` as far as the server tells them."""

    name: str
    size: int | None = None
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """A functional group as its header names it: GS01, GS02, GS03, GS06; and the hash of the sets in it."""

    functional_id: str
    sender: str
    receiver: str
    control_number: str
    sha256: str

    @property
    def key(self) -> tuple[str, ...]:
        """Give what is not used twice."""
        return self.functional_id, self.sender, self.receiver, self.control_number


def subject(inbound: Inbound) -> str:
    """Name what a problem of a picked-up file is about."""
    return f"inbound:{inbound.pk}"


def event(inbound: Inbound, name: str, *, state: str = "", **detail: Any) -> EventDraft:
    """Draft an audit line about a picked-up file, or with a `state` about something of it."""
    about = {"partner": inbound.partner.name, "folder": inbound.folder, "inbound": inbound.pk}
    return EventDraft(
        tenant_id=inbound.tenant_id,
        event=f"inbound.{name}",
        file=inbound.name[:200],
        state=state or name,
        detail={**about, **detail},
    )


def settle(
    partner: Partner, *, folder: str, seen: Sequence[Seen], seconds: float, now: datetime
) -> list[tuple[Seen, datetime]]:
    """Remember what a look showed; give those that an earlier look showed alike, `seconds` ago or more.

    With each comes when it was first seen like this."""
    rows = Sighting.objects.filter(partner=partner)
    before = {row.name: row for row in rows.filter(folder=folder)}
    alike = [item for item in seen if item.name in before and _is_alike(before[item.name], item)]
    fresh = set(seen) - set(alike)
    names = {item.name for item in seen}
    gone = [row.pk for row in rows if row.folder != folder or row.name not in names]
    with transaction.atomic():
        for some in _chunks(gone):
            rows.filter(pk__in=some).delete()
        Sighting.objects.bulk_create(
            [Sighting(partner=partner, folder=folder, since=now, **_facts(item)) for item in fresh],
            update_conflicts=True,
            unique_fields=["partner", "folder", "name"],
            update_fields=["size", "modified_at", "since"],
            batch_size=_AT_A_TIME,
        )
    long_ago = now - timedelta(seconds=seconds)
    return [(item, before[item.name].since) for item in alike if before[item.name].since <= long_ago]


def _is_alike(row: Sighting | Inbound, seen: Seen) -> bool:
    return row.modified_at == seen.modified_at and (seen.size is None or row.size == seen.size)


def _facts(seen: Seen) -> dict[str, Any]:
    return {"name": seen.name, "size": seen.size, "modified_at": seen.modified_at}


def _chunks(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (items[at : at + _AT_A_TIME] for at in range(0, len(items), _AT_A_TIME))


def known(partners: Collection[Partner], *, folder: str, seen: Sequence[Seen]) -> dict[str, Inbound]:
    """Give what was stored of these files already, by name."""
    by_name = {item.name: item for item in seen}
    found: dict[str, Inbound] = {}
    for names in _chunks(list(by_name)):
        rows = Inbound.objects.filter(partner__in=partners, folder=folder, name__in=names, put_away__in=["", LEFT])
        for row in rows.select_related("partner").defer("content").order_by("pk"):
            if _is_alike(row, by_name[row.name]):
                found[row.name] = row
    return found


def note_gone(partners: Collection[Partner], *, folder: str, seen: Sequence[Seen]) -> None:
    """Note which stored files are not in their folder any more: we died while putting them away, or others did."""
    rows = Inbound.objects.filter(partner__in=partners, put_away="")
    names = {item.name for item in seen}
    gone = [pk for pk, at, name in rows.values_list("pk", "folder", "name") if at != folder or name not in names]
    for some in _chunks(gone):
        rows.filter(pk__in=some).update(put_away=GONE)


def store(partner: Partner, lease: Lease, *, folder: str, seen: Seen, data: bytes, now: datetime) -> Inbound:
    """Store a file whole, before anything else happens to it. The partner is leased. Raises `LeaseLost`."""
    sha256 = hashlib.sha256(data).hexdigest()
    with transaction.atomic():
        lease.check()
        Sighting.objects.filter(partner=partner, folder=folder, name=seen.name).delete()
        same = Inbound.objects.filter(partner=partner, folder=folder, name=seen.name, sha256=sha256, put_away="")
        inbound = same.first()
        if inbound is not None:  # only its time has changed
            same.update(modified_at=seen.modified_at)
            return inbound
        inbound = Inbound.objects.create(
            tenant_id=partner.tenant_id,
            partner=partner,
            folder=folder,
            name=seen.name,
            content=data,
            size=len(data),
            sha256=sha256,
            modified_at=seen.modified_at,
            created_at=now,
        )
        audit.append([event(inbound, "stored", size=inbound.size, sha256=sha256)], now=now)
    return inbound


def waiting(partners: Collection[Partner]) -> list[int]:
    """Name what was stored and not worked on yet, oldest first."""
    rows = Inbound.objects.filter(partner__in=partners, state=InboundState.STORED)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def count_attempt(inbound_id: int) -> Inbound | None:
    """Count an attempt before the work starts, and give the row; None when it is done already."""
    rows = Inbound.objects.filter(pk=inbound_id, state=InboundState.STORED)
    if not rows.update(attempts=F("attempts") + 1):
        return None
    return Inbound.objects.select_related("partner__tenant").get(pk=inbound_id)


def finish(inbound: Inbound, *, to: str, sentence: str = "", code: str = "", **columns: Any) -> list[EventDraft]:
    """End the work on a file; the caller holds the transaction and appends the events last."""
    rows = Inbound.objects.filter(pk=inbound.pk)
    if not move(rows, moves=INBOUND_MOVES, to=to, sentence=sentence, problem_code=code, **columns):
        return []
    inbound.state = to
    return [event(inbound, to, **({"sentence": sentence} if sentence else {}), **({"code": code} if code else {}))]


def give_up(inbound: Inbound, error: ConnectorError, *, now: datetime) -> None:
    """End a file that we cannot work on, with its problem."""
    with transaction.atomic():
        events = finish(inbound, to=InboundState.ERROR, sentence=error.sentence, code=error.code)
        problems.report([problem(inbound, error)], now=now)
        audit.append(events, now=now)


def problem(inbound: Inbound, error: ConnectorError, *, about: str = "") -> ProblemDraft:
    """Draft a problem about a picked-up file, or about something of it."""
    return ProblemDraft(
        tenant_id=inbound.tenant_id,
        code=error.code,
        subject=about or subject(inbound),
        sentence=error.sentence,
        next_step=error.next_step,
        links={"partner_id": inbound.partner_id},
    )


def put_away(inbound: Inbound, *, where: str) -> None:
    """Note where a file went, once."""
    Inbound.objects.filter(pk=inbound.pk, put_away="").update(put_away=where)


def came_before(
    *, tenant_id: Any, sender: str, receiver: str, control_number: str, sha256: str, now: datetime
) -> Interchange | None:
    """Find the same interchange within a year: by ids and control number (I12 of X12.5, 0020 of ISO 9735), or
    the same content where it has no number."""
    same = Q(control_number=control_number) if control_number else Q(sha256=sha256)
    rows = Interchange.objects.filter(same, tenant_id=tenant_id, sender=sender, receiver=receiver)
    taken = rows.filter(state=InterchangeState.TAKEN, created_at__gte=now - DUPLICATES_WITHIN)
    return taken.select_related("inbound").order_by("pk").first()


def add_interchange(inbound: Inbound, partner: Partner, *, facts: Mapping[str, Any], now: datetime) -> Interchange:
    """Write down one interchange of a file. `facts` are its columns."""
    return Interchange.objects.create(
        tenant_id=inbound.tenant_id, partner=partner, inbound=inbound, created_at=now, **facts
    )


def groups_before(groups: Sequence[GroupFacts], *, tenant_id: Any, now: datetime) -> dict[GroupFacts, InterchangeGroup]:
    """Find which of these groups came within a year, in whatever interchange: by both codes, kind and number."""
    since = now - DUPLICATES_WITHIN
    found: dict[tuple[str, ...], InterchangeGroup] = {}
    for some in _chunks(groups):
        named = {f"{name}__in": {getattr(item, name) for item in some} for name in ("sender", "receiver")}
        rows = InterchangeGroup.objects.filter(tenant_id=tenant_id, created_at__gte=since, **named)
        rows = rows.filter(control_number__in={item.control_number for item in some}).order_by("-pk")
        for row in rows.select_related("interchange__inbound").defer("interchange__inbound__content"):
            found[row.functional_id, row.sender, row.receiver, row.control_number] = row
    return {item: found[item.key] for item in groups if item.key in found}


def add_groups(interchange: Interchange, groups: Iterable[GroupFacts], *, now: datetime) -> None:
    """Write down the groups of an interchange, so that they are known when they come again."""
    rows = [
        InterchangeGroup(
            tenant_id=interchange.tenant_id,
            interchange=interchange,
            created_at=now,
            **{name: getattr(item, name) for name in GroupFacts.__slots__},
        )
        for item in groups
    ]
    InterchangeGroup.objects.bulk_create(rows, batch_size=_AT_A_TIME)
