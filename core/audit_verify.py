"""Reading the audit trail's chains back: every changed, missing or reordered line is found and named.

A chain is read in order of its sequence, a bounded number of lines at a time. Each line's hash is computed anew, each
line must name the hash before it, and the last one must be the head's. Whoever can write to the database can also
write a whole new chain; so heads can be exported, kept elsewhere, and compared later.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Max

from core.audit import PURGED, line_hash
from core.models.audit import ChainHead, Event

LINES_AT_A_TIME = 1000
MOST_SEARCHES = 50
"""For so many lines that do not hold the old place is looked for; each search reads the tenant's lines."""


@dataclass(frozen=True, slots=True)
class Break:
    """One place where a chain does not hold. `kind` is `changed` (not what was written), `rewritten`
    (changed, and its hash with it), `missing`, `reordered` or `extra`; `sequence` names the line, `row_id` its row."""

    tenant_id: UUID
    kind: str
    sequence: int
    sentence: str
    row_id: int | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain at some moment, to be kept outside of the database and compared later."""

    tenant_id: UUID
    sequence: int
    hash: str


def heads(tenant_ids: Iterable[UUID] | None = None) -> list[Head]:
    """Give the present end of every chain, or of these tenants' chains, in a stable order."""
    rows = ChainHead.objects.order_by("tenant_id")
    if tenant_ids is not None:
        rows = rows.filter(pk__in=list(tenant_ids))
    return [Head(row.tenant_id, row.sequence, row.hash) for row in rows]


def chains() -> list[UUID]:
    """Name every tenant that has a chain, or lines that no head covers."""
    with_lines = Event.objects.order_by().values_list("tenant_id", flat=True).distinct()
    return sorted({*ChainHead.objects.values_list("tenant_id", flat=True), *with_lines})


def verify(tenant_id: UUID) -> Iterator[Break]:
    """Read one chain and give every break, in order. Lines that are written meanwhile do no harm."""
    highest = Event.objects.filter(tenant_id=tenant_id).aggregate(last=Max("sequence"))["last"] or 0
    # Read after the lines: a line that is committed has moved the head in the same transaction.
    head = ChainHead.objects.filter(pk=tenant_id).first()
    reading = _Reading(tenant_id)
    for event in _lines(tenant_id, until=head.sequence if head else highest):
        yield from reading.take(event)
    if head is None and highest:
        yield Break(tenant_id, "missing", highest, f"The head of the chain is missing; its last line is {highest}.")
    if head is not None:
        yield from reading.end(head)
        yield from _behind(head, until=highest)


def _behind(head: ChainHead, *, until: int) -> Iterator[Break]:
    rows = Event.objects.filter(tenant_id=head.tenant_id, sequence__gt=head.sequence, sequence__lte=until)
    extra = rows.order_by("sequence")
    for event in extra.iterator(chunk_size=LINES_AT_A_TIME):
        sentence = f"Line {event.sequence} stands behind the end of the chain: nobody appended it."
        yield Break(head.tenant_id, "extra", event.sequence, sentence, event.pk)


def _lines(tenant_id: UUID, *, until: int) -> Iterator[Event]:
    last = 0
    while True:
        rows = Event.objects.filter(tenant_id=tenant_id, sequence__gt=last, sequence__lte=until)
        found = list(rows.order_by("sequence")[:LINES_AT_A_TIME])
        yield from found
        if len(found) < LINES_AT_A_TIME:
            return
        last = found[-1].sequence


class _Reading:
    """What must be remembered from one line to the next."""

    def __init__(self, tenant_id: UUID) -> None:
        self.tenant_id = tenant_id
        self.sequence, self.hash = 0, ""
        self.row_id: int | None = None
        self.was_sound = True
        self.searches = MOST_SEARCHES

    def take(self, event: Event) -> Iterator[Break]:
        """Compare a line with itself and with the one before it."""
        is_sound = line_hash(event) == event.hash
        if event.sequence != self.sequence + 1:
            if self.sequence or not _was_purged(event):
                yield self._missing(self.sequence + 1, event.sequence - 1)
        elif event.prev_hash != self.hash and is_sound and self.was_sound:
            sentence = f"Line {self.sequence} is not the one that line {event.sequence} followed: it was written anew."
            yield Break(self.tenant_id, "rewritten", self.sequence, sentence, self.row_id)
        if not is_sound:
            yield self._changed(event)
        self.sequence, self.hash, self.row_id, self.was_sound = event.sequence, event.hash, event.pk, is_sound

    def end(self, head: ChainHead) -> Iterator[Break]:
        """Compare the last line with the head."""
        if head.sequence > self.sequence:
            yield self._missing(self.sequence + 1, head.sequence)
        elif head.hash != self.hash and self.was_sound:
            sentence = f"Line {self.sequence} is not the one that the chain ended with: it was written anew."
            yield Break(self.tenant_id, "rewritten", self.sequence, sentence, self.row_id)

    def _missing(self, first: int, last: int) -> Break:
        which = f"Line {first} is" if first == last else f"Lines {first} to {last} are"
        return Break(self.tenant_id, "missing", first, f"{which} missing.")

    def _changed(self, event: Event) -> Break:
        self.searches -= 1
        place = _place_of(event) if self.searches >= 0 else None
        if place is not None:
            sentence = f"Line {event.sequence} was line {place}: the order was changed."
            return Break(self.tenant_id, "reordered", event.sequence, sentence, event.pk)
        sentence = f"Line {event.sequence} ({event.event}) is not what was written: it was changed."
        return Break(self.tenant_id, "changed", event.sequence, sentence, event.pk)


def _was_purged(first: Event) -> bool:
    """Say whether the lines before the first one that is there were purged: a later line of the chain says up to
    where, and with which hash they ended."""
    told = Event.objects.filter(tenant_id=first.tenant_id, event=PURGED, sequence__gte=first.sequence)
    through = {"through": first.sequence - 1, "hash": first.prev_hash}
    return any(through.items() <= event.detail.items() for event in told.iterator(chunk_size=100))


def _place_of(event: Event) -> int | None:
    """Give the sequence that a line had when it was written, if only its place was changed."""
    rows = Event.objects.filter(tenant_id=event.tenant_id, hash=event.prev_hash)
    before = rows.values_list("sequence", flat=True).first() if event.prev_hash else 0
    behind = [] if before is None else [before + 1]
    moved = Event(**{field.attname: getattr(event, field.attname) for field in Event._meta.concrete_fields})
    for candidate in (*behind, event.sequence - 1, event.sequence + 1):
        moved.sequence = candidate
        if candidate != event.sequence and line_hash(moved) == event.hash:
            return candidate
    return None


def compare(known: Head) -> Iterator[Break]:
    """Compare a head that was exported earlier with the chain as it is now."""
    event = Event.objects.filter(tenant_id=known.tenant_id, sequence=known.sequence).first()
    if known.sequence == 0 or (event is not None and event.hash == known.hash):
        return
    if event is not None:
        sentence = f"Line {known.sequence} has another hash than when the head was exported: it was written anew."
        yield Break(known.tenant_id, "rewritten", known.sequence, sentence, event.pk)
    elif not _was_purged_through(known):
        sentence = f"Line {known.sequence} was there when the head was exported, and is missing."
        yield Break(known.tenant_id, "missing", known.sequence, sentence)


def _was_purged_through(known: Head) -> bool:
    told = Event.objects.filter(tenant_id=known.tenant_id, event=PURGED, sequence__gt=known.sequence)
    return any(event.detail.get("through", 0) >= known.sequence for event in told.iterator(chunk_size=100))
