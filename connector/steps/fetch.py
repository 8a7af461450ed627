"""Fetch: read one stream of one organisation, page by page, and store what is new.

Every page is stored and fanned out in one transaction, under the fetch's fence; the cursor moves last, to Xero's
time at the start. A window is fixed when the fetch begins and reaches back over the overlap, so that rows which
became visible late are read; repeats are no-ops. Contacts that a page mentions and that are not mirrored yet are
read by their ids first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from connector.steps.fan_out import fan_out, integrations_for
from connector.steps.join import contact_id
from core import audit, fetches, records
from core.clock import database_now
from core.documents import Mirror, Stream
from core.errors import TemporaryError
from core.leases import Lease
from core.models import ExportReason, Fetch, FetchTrigger, Organisation
from core.records import Read
from xero_app.allocations import SOURCES as ALLOCATING
from xero_app.allocations import derive_allocations
from xero_app.client import Page, XeroClient
from xero_app.parse import parse_document

PAGE_SIZE = 1000
IDS_A_CALL = 40
"""Xero answers 404 when a list of ids makes the address too long."""

REASONS = {FetchTrigger.BACKFILL: ExportReason.BACKFILL}


class FetchIncomplete(TemporaryError):
    """Fewer objects came than Xero counted: rows moved between pages."""

    code = "XERO_INCOMPLETE"
    next_step = "Nothing to do: the stream is read again by itself."


class PagesRepeat(TemporaryError):
    """A page brought nothing that the pages before it had not brought."""

    code = "XERO_PAGES_REPEAT"
    next_step = "Nothing to do: the stream is read again by itself. If it stays, contact Xero."


@dataclass(slots=True)
class Reading:
    """What is known while a fetch runs."""

    fetch: Fetch
    lease: Lease
    client: XeroClient
    seen: set[str] = field(default_factory=set)
    xero_time: datetime | None = None


def read_stream(fetch: Fetch, lease: Lease) -> None:
    """Read what a claimed fetch asks for, to its end. Raises the errors of `xero_app`."""
    with XeroClient(fetch.organisation) as client:
        reading = Reading(fetch, lease, client, xero_time=fetch.xero_time)
        if fetch.xero_ids:
            _read_ids(reading)
        else:
            _read_pages(reading)
    fetches.finish(fetch, lease, xero_time=reading.xero_time, now=database_now())


def _read_ids(reading: Reading) -> None:
    fetch = reading.fetch
    batches = [fetch.xero_ids[start : start + IDS_A_CALL] for start in range(0, len(fetch.xero_ids), IDS_A_CALL)]
    for number, batch in enumerate(batches[fetch.page :], start=fetch.page + 1):
        reading.lease.keep()
        page = reading.client.page(fetch.stream, page=1, page_size=IDS_A_CALL, xero_ids=batch)
        _store(reading, page, number)


def _read_pages(reading: Reading) -> None:
    fetch = reading.fetch
    number = fetch.page + 1
    while True:
        reading.lease.keep()
        page = _page(reading, number)
        if reading.xero_time is None:
            reading.xero_time = page.server_time
        brought_new = _store(reading, page, number)
        if page.page_count is None or number >= page.page_count or not page.items:
            break
        if not brought_new:
            raise PagesRepeat(f"Page {number} of {fetch.stream} repeated what earlier pages had.")
        number += 1
    _check_complete(reading)


def _page(reading: Reading, number: int) -> Page:
    fetch = reading.fetch
    return reading.client.page(
        fetch.stream,
        page=number,
        page_size=PAGE_SIZE,
        modified_since=fetch.modified_since,
        dated_from=fetch.dated_from,
        dated_to=fetch.dated_to,
        ordered=fetch.stream == Stream.INVOICES and (number > 1 or fetch.modified_since is None),
    )


def _check_complete(reading: Reading) -> None:
    """Rows that are edited while pages are read move to the end, and one slips by at each page border.

    A fetch that was resumed has not seen the ids of its first pages; its window overlaps with the next one."""
    fetch = reading.fetch
    if fetch.page == 0 and fetch.item_count is not None and len(reading.seen) < fetch.item_count:
        raise FetchIncomplete(f"Xero counted {fetch.item_count} {fetch.stream}, but {len(reading.seen)} came.")


def _store(reading: Reading, page: Page, number: int) -> bool:
    fetch, stream = reading.fetch, reading.fetch.stream
    reads = [Read(parse_document(stream, item), item) for item in page.items]
    _mirror_contacts(reading, reads)
    ids = {read.document.xero_id for read in reads}
    is_new = not ids <= reading.seen
    reading.seen |= ids
    if number == 1:
        fetch.item_count = page.item_count
    counts = {"page_count": page.page_count, "item_count": fetch.item_count, "xero_time": reading.xero_time}
    now = database_now()
    with transaction.atomic():
        stored = records.store(reads, organisation=fetch.organisation, stream=stream, fetch=fetch, now=now)
        progress = fetches.progressed(
            fetch, reading.lease, page=number, counts=counts, stored=stored, read=len(reads), now=now
        )
        events = _exports(fetch, stream, stored, now)
        if stream == Mirror.ORGANISATION:
            _learn_organisation(fetch, stored)
        if stream in ALLOCATING:
            events += _store_allocations(fetch, stored, now)
        audit.append([progress, *events], now=now)
    return is_new


def _exports(fetch: Fetch, stream: str, stored: records.Stored, now: datetime) -> list[audit.EventDraft]:
    integrations = integrations_for(fetch.organisation, stream)
    reason = REASONS.get(FetchTrigger(fetch.trigger), ExportReason.FETCH)
    return fan_out(stored.new, integrations, reason=reason, fetch=fetch, now=now)


def _store_allocations(fetch: Fetch, stored: records.Stored, now: datetime) -> list[audit.EventDraft]:
    """Store the allocations that new versions of credits bring, changed or gone since the version before."""
    before = records.payloads_before([record for record, _ in stored.new])
    payloads = [
        payload
        for record, _ in stored.new
        for payload in derive_allocations(
            fetch.stream, bytes(record.payload or b""), previous=before.get(record.xero_id)
        )
    ]
    if not payloads:
        return []
    reads = [Read(parse_document(Stream.ALLOCATIONS, payload), payload) for payload in payloads]
    derived = records.store(reads, organisation=fetch.organisation, stream=Stream.ALLOCATIONS, fetch=fetch, now=now)
    return _exports(fetch, Stream.ALLOCATIONS, derived, now)


def _learn_organisation(fetch: Fetch, stored: records.Stored) -> None:
    """Keep what Xero says of the organisation itself: a custom connection does not know its id before."""
    for _, document in stored.new:
        values = document.values
        Organisation.objects.filter(pk=fetch.organisation_id).update(
            xero_tenant_id=document.xero_id,
            legal_name=values.get("LegalName") or values.get("Name", ""),
            base_currency=values.get("BaseCurrency", ""),
            country=values.get("CountryCode", ""),
            xero_time_zone=values.get("Timezone", ""),
            short_code=values.get("ShortCode", ""),
        )


def _mirror_contacts(reading: Reading, reads: Sequence[Read]) -> None:
    """Read the contacts by id that these documents mention and that no list has brought yet."""
    organisation = reading.fetch.organisation
    if reading.fetch.stream == Stream.CONTACTS:
        return
    wanted = {contact_id(read.document.values) for read in reads} - {""}
    known = set(records.latest_records(organisation, Stream.CONTACTS, sorted(wanted)).values_list("xero_id", flat=True))
    missing = sorted(wanted - known)
    for start in range(0, len(missing), IDS_A_CALL):
        reading.lease.keep()
        batch = missing[start : start + IDS_A_CALL]
        page = reading.client.page(Stream.CONTACTS, page=1, page_size=IDS_A_CALL, xero_ids=batch)
        contacts = [Read(parse_document(Stream.CONTACTS, item), item) for item in page.items]
        with transaction.atomic():
            now = database_now()
            stored = records.store(
                contacts, organisation=organisation, stream=Stream.CONTACTS, fetch=reading.fetch, now=now
            )
            events = _exports(reading.fetch, Stream.CONTACTS, stored, now)
            audit.append(events, now=now)
