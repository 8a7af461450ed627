"""Fan-out: one function of (records, integrations, reason).

A fetch calls it for new versions, in the transaction that stores them; enabling an integration, widening its
filter, backfill and replay call it for stored latest versions. It makes one pending export for each record and
integration, also for a paused one. The filter decides first entry only: an object that was once exported is
followed for life, so that leaving the filter, voiding and deleting are seen when the export is formatted.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction

from connector.steps.criteria import Criteria
from connector.steps.join import Joiner, contact_id
from core import audit
from core.audit import EventDraft
from core.documents import Document
from core.exports import create_pending, followed
from core.models import Export, ExportReason, Fetch, Integration, Organisation, Record, ReplayMode, Run
from core.records import latest_records, lock_stream
from core.replays import create_replays
from core.states import ExportState
from xero_app.parse import parse_document

Pair = tuple[Record, Document]
RECORDS_AT_A_TIME = 500
SENT = (ExportState.DELIVERED, ExportState.UNCHANGED)


def integrations_for(organisation: Organisation, stream: str) -> list[Integration]:
    """Name the integrations that are live and read this stream of this organisation, paused ones included."""
    live = Integration.objects.filter(organisation=organisation, enabled_at__isnull=False)
    return [integration for integration in live.order_by("name") if stream in integration.streams]


def fan_out(
    pairs: Sequence[Pair],
    integrations: Sequence[Integration],
    *,
    reason: str,
    fetch: Fetch | None = None,
    joiner: Joiner | None = None,
    now: datetime,
) -> list[EventDraft]:
    """Make the exports of these records for these integrations. The caller holds a transaction and appends
    the returned events last; doing it twice makes nothing new."""
    if not pairs:
        return []
    events: list[EventDraft] = []
    for integration in integrations:
        for entry, records in _entries(pairs, integration, reason, joiner).items():
            events += create_pending(records, integration, reason=entry, fetch=fetch, now=now)
    return events


def _entries(
    pairs: Sequence[Pair], integration: Integration, reason: str, joiner: Joiner | None
) -> dict[str, list[Record]]:
    criteria = Criteria(integration)
    known = followed(integration, [record.xero_id for record, _ in pairs])
    contacts = {}
    if criteria.contacts:
        joiner = joiner or Joiner(integration.organisation)
        contacts = joiner.contacts(contact_id(document.values) for _, document in pairs)
    chosen: dict[str, list[Record]] = {}
    for record, document in pairs:
        _, contact = contacts.get(contact_id(document.values), (0, None))
        entry = reason if record.xero_id in known else _first_entry(criteria, document, contact, reason)
        if entry is not None:
            chosen.setdefault(entry, []).append(record)
    return chosen


def _first_entry(criteria: Criteria, document: Document, contact: Document | None, reason: str) -> str | None:
    return criteria.entry(document, reason) if criteria.matches(document, contact) else None


def open_integration(integration: Integration, *, now: datetime) -> None:
    """Take up an integration that goes live, or whose filter was widened: fan out the stored latest versions.

    The caller holds the transaction that enables it."""
    events: list[EventDraft] = []
    for stream in integration.streams:
        lock_stream(integration.organisation, stream)
        for pairs in stored_pairs(integration.organisation, stream):
            events += fan_out(pairs, [integration], reason=ExportReason.OPENING, now=now)
    audit.append(events, now=now)


def fan_out_window(run: Run, *, streams: Sequence[str] | None = None, now: datetime, **window: object) -> None:
    """Make the exports that a run with a window asks for, from stored latest versions: what was never sent, and
    with `resend` also what was. `streams` and `window` narrow it down."""
    integration = run.integration
    for stream in integration.streams if streams is None else streams:
        for pairs in stored_pairs(integration.organisation, stream, **{**_window(run), **window}):
            with transaction.atomic():
                lock_stream(integration.organisation, stream)
                events = fan_out(pairs, [integration], reason=ExportReason.BACKFILL, now=now)
                if run.resend:
                    sent = _sent_exports(integration, [record for record, _ in pairs])
                    events += create_replays(
                        sent, mode=ReplayMode.MAP_AGAIN, why="resend", requested_by=run.requested_by, now=now
                    )
                audit.append(events, now=now)


def _window(run: Run) -> dict[str, object]:
    bounds = {
        "updated_at__gte": run.updated_since,
        "updated_at__lt": run.updated_until,
        "dated_on__gte": run.dated_from,
        "dated_on__lte": run.dated_to,
    }
    return {name: bound for name, bound in bounds.items() if bound is not None}


def _sent_exports(integration: Integration, records: Sequence[Record]) -> list[Export]:
    """The newest export of each of these record versions, where it has ended."""
    rows = Export.objects.filter(integration=integration, record__in=records, state__in=SENT).order_by("pk")
    return list({export.record_id: export for export in rows.select_related("integration")}.values())


def stored_pairs(organisation: Organisation, stream: str, **window: object) -> Iterator[list[Pair]]:
    """Give the stored latest versions of a stream with their documents, a bounded number at a time."""
    last = 0
    while True:
        rows = latest_records(organisation, stream).filter(pk__gt=last, payload__isnull=False, **window)
        records = list(rows.order_by("pk")[:RECORDS_AT_A_TIME])
        if records:
            yield [(record, parse_document(stream, bytes(record.payload or b""))) for record in records]
        if len(records) < RECORDS_AT_A_TIME:
            return
        last = records[-1].pk
