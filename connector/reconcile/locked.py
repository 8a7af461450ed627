"""Late changes: what was entered or altered in Xero with a date in a period that is locked there.

Xero keeps the day up to which a period is closed (Organisation.PeriodLockDate, EndOfYearLockDate), not when it was
closed; so a change counts as late when Xero made it after we first saw that day. Payments move an invoice's update
time and are no change of it.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from django.db.models import QuerySet

from connector.reconcile.report import LateChange
from core.documents import Mirror, Stream
from core.models import Organisation, Record
from xero_app.errors import XeroBadRecord
from xero_app.parse import parse_document

STREAMS = (Stream.INVOICES, Stream.CREDIT_NOTES, Stream.PAYMENTS, Stream.MANUAL_JOURNALS)
POSTED = frozenset({"AUTHORISED", "PAID", "POSTED"})
AT_A_TIME = 500


def lock_of(organisation: Organisation) -> tuple[date, datetime] | None:
    """Give the day up to which an organisation is closed, and when we first saw it so; None when it is open."""
    rows = Record.objects.filter(organisation=organisation, stream=Mirror.ORGANISATION).order_by("-version")
    found: tuple[date, datetime] | None = None
    for record in rows.iterator(chunk_size=AT_A_TIME):
        locked = _locked_until(record)
        if locked is None or (found is not None and locked < found[0]):
            break
        found = (found[0] if found else locked, record.read_at)
    return found


def _locked_until(record: Record) -> date | None:
    try:
        values = parse_document(Mirror.ORGANISATION, bytes(record.payload or b"")).values
    except XeroBadRecord:
        return None
    days = [day for name in ("PeriodLockDate", "EndOfYearLockDate") if (day := values.get(name))]
    return max(days, default=None)


def late_changes(organisation: Organisation, *, day_from: date, day_to: date) -> Iterator[LateChange]:
    """Give the late changes of documents dated in these days, before or after the change."""
    lock = lock_of(organisation)
    if lock is None:
        return
    locked_until, seen_at = lock
    last = min(day_to, locked_until)
    rows = Record.objects.filter(organisation=organisation, stream__in=STREAMS, updated_at__gt=seen_at)
    for chunk in _chunks(rows):
        before = _versions_before(chunk)
        for record in chunk:
            previous = before.get((record.stream, record.xero_id, record.version - 1))
            days = [row.dated_on for row in (record, previous) if row is not None and row.dated_on]
            if any(day_from <= day <= last for day in days) and (what := _what(previous, record)):
                yield _change(organisation, record, what)


def _chunks(rows: "QuerySet[Record]") -> Iterator[list[Record]]:
    last = 0
    while True:
        chunk = list(rows.filter(pk__gt=last).defer("payload").order_by("pk")[:AT_A_TIME])
        if chunk:
            yield chunk
        if len(chunk) < AT_A_TIME:
            return
        last = chunk[-1].pk


def _versions_before(chunk: Sequence[Record]) -> dict[tuple[str, str, int], Record]:
    later = [record for record in chunk if record.version > 1]
    rows = Record.objects.filter(
        organisation__in={record.organisation_id for record in later},
        xero_id__in=[record.xero_id for record in later],
        version__in={record.version - 1 for record in later},
    )
    return {(row.stream, row.xero_id, row.version): row for row in rows.defer("payload")}


def _what(previous: Record | None, record: Record) -> str:
    is_posted = record.status in POSTED
    if previous is None or (is_posted and previous.status not in POSTED):
        return "entered" if is_posted else ""
    if not is_posted:
        return f"{record.status.lower()}" if previous.status in POSTED else ""
    pairs = (
        ("total", previous.total, record.total),
        ("date", previous.dated_on, record.dated_on),
        ("currency", previous.currency, record.currency),
        ("contact", previous.contact_id, record.contact_id),
    )
    return ", ".join(
        f"{name} changed" if name == "contact" else f"{name} from {before} to {now}"
        for name, before, now in pairs
        if before != now
    )


def _change(organisation: Organisation, record: Record, what: str) -> LateChange:
    number = record.number or record.xero_id
    return LateChange(
        organisation.name, record.stream, record.xero_id, number, record.dated_on, record.updated_at, what
    )
