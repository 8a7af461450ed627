"""Reading again: the fetches by ids that a replay opens, before its exports are mapped.

The contacts of the documents are read too: what a document lacked is often missing in its contact, and correcting
that does not touch the document. Allocations are read with the credit that lists them.
"""

from collections.abc import Iterator
from datetime import datetime

from connector.steps.join import SETTLED
from connector.steps.pinned import document_of_record
from core import fetches
from core.documents import Stream
from core.errors import PermanentError
from core.models import FetchTrigger, Record, Run
from xero_app.allocations import SOURCES

IDS_A_FETCH = 1000
RECORDS_AT_A_TIME = 500


def open_readings(run: Run, *, now: datetime) -> None:
    """Open the fetches for a replay run's items, contacts first. The caller holds the transaction."""
    records = Record.objects.filter(exports__replay_items__run=run)
    contacts = records.exclude(contact_id="").order_by("contact_id").values_list("contact_id", flat=True).distinct()
    _open(run, Stream.CONTACTS, contacts.iterator(), now)
    own = records.exclude(stream__in=[Stream.CONTACTS, Stream.ALLOCATIONS])
    for stream in sorted(set(own.order_by().values_list("stream", flat=True).distinct())):
        ids = own.filter(stream=stream).order_by("xero_id").values_list("xero_id", flat=True).distinct()
        _open(run, stream, ids.iterator(), now)
    of_contacts = records.filter(stream=Stream.CONTACTS).order_by("xero_id").values_list("xero_id", flat=True)
    _open(run, Stream.CONTACTS, of_contacts.distinct().iterator(), now)
    for stream in SOURCES:
        _open(run, stream, _credits(run, stream), now)


def _open(run: Run, stream: str, ids: Iterator[str], now: datetime) -> None:
    organisation = run.integration.organisation
    for chunk in _chunks(ids):
        run.fetches.add(fetches.open_fetch(organisation, stream, trigger=FetchTrigger.REPLAY, xero_ids=chunk, now=now))


def _chunks(ids: Iterator[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    for xero_id in ids:
        chunk.append(xero_id)
        if len(chunk) == IDS_A_FETCH:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _credits(run: Run, stream: str) -> Iterator[str]:
    """Name the credits of a stream that list the allocations of a run."""
    key, (_, id_field) = SOURCES[stream], SETTLED[SOURCES[stream]]
    rows = Record.objects.filter(exports__replay_items__run=run, stream=Stream.ALLOCATIONS, payload__isnull=False)
    seen: set[str] = set()
    for record in rows.order_by("pk").iterator(chunk_size=RECORDS_AT_A_TIME):
        try:
            credit = document_of_record(record).values.get(key) or {}
        except PermanentError:
            continue
        found = str(credit.get(id_field) or "")
        if found and found not in seen:
            seen.add(found)
            yield found
