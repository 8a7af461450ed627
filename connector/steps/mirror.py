"""Mirror: what documents mention and no list has brought yet is read by its ids, before the documents are stored."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from connector.steps.fan_out import fan_out, integrations_for
from connector.steps.join import SETTLED, contact_id, rightly_named
from connector.steps.reading import Reading
from core import audit, cursors, records
from core.clock import database_now
from core.documents import Mirror, Stream
from core.models import ExportReason
from core.records import Read
from xero_app.allocations import SOURCES as ALLOCATING
from xero_app.errors import XeroBadRecord, XeroPermissionMissing, XeroScopeMissing
from xero_app.parse import parse_document
from xero_app.streams import IDS_PER_CALL


def mirror_missing(reading: Reading, reads: Sequence[Read]) -> None:
    """Read by id what these documents mention and is not mirrored; what cannot be read stays Xero's stub."""
    for stream, ids in mentioned(reading, reads).items():
        if stream != reading.fetch.stream:
            _mirror(reading, stream, ids)


def mentioned(reading: Reading, reads: Iterable[Read]) -> Mapping[str, set[str]]:
    """Name the ids that documents mention, by stream."""
    found: dict[str, set[str]] = {}
    own = reading.fetch.stream
    with_allocations = own in ALLOCATING and bool(integrations_for(reading.fetch.organisation, Stream.ALLOCATIONS))
    for read in reads:
        values = rightly_named(read.document.values)
        found.setdefault(Stream.CONTACTS, set()).add(contact_id(values))
        if own == Stream.PAYMENTS:
            _settled(values, found)
            found.setdefault(Mirror.ACCOUNTS, set()).add(str((values.get("Account") or {}).get("AccountID", "")))
        for allocation in values.get("Allocations", ()) if with_allocations else ():
            _settled(allocation, found)
    return {stream: ids - {""} for stream, ids in found.items() if ids - {""}}


def _settled(values: Mapping[str, Any], found: dict[str, set[str]]) -> None:
    for key, (stream, id_field) in SETTLED.items():
        found.setdefault(stream, set()).add((values.get(key) or {}).get(id_field, ""))


def _mirror(reading: Reading, stream: str, ids: set[str]) -> None:
    organisation = reading.fetch.organisation
    known = records.latest_records(organisation, stream, sorted(ids)).values_list("xero_id", flat=True)
    missing = sorted(ids - set(known) - reading.not_found)
    if not missing or cursors.blocked_code(organisation, stream, now=database_now()):
        return
    for start in range(0, len(missing), IDS_PER_CALL):
        batch = missing[start : start + IDS_PER_CALL]
        try:
            _read_batch(reading, stream, batch)
        except (XeroScopeMissing, XeroPermissionMissing) as error:
            # The documents themselves may be read: they go on with what Xero put into them.
            now = database_now()
            with transaction.atomic():
                audit.append(cursors.block_stream(organisation, stream, error.code, now=now), now=now)
            return


def _read_batch(reading: Reading, stream: str, batch: Sequence[str]) -> None:
    reading.lease.renew()
    page = reading.client.page(stream, page=1, page_size=IDS_PER_CALL, xero_ids=batch)
    reading.extra_calls += 1
    reads = [read for item in page.items if (read := _readable(stream, item)) is not None]
    reading.not_found |= set(batch) - {read.document.xero_id for read in reads}
    organisation, now = reading.fetch.organisation, database_now()
    with transaction.atomic():
        stored = records.store(reads, organisation=organisation, stream=stream, fetch=reading.fetch, now=now)
        live = integrations_for(organisation, stream)
        audit.append(fan_out(stored.new, live, reason=ExportReason.FETCH, fetch=reading.fetch, now=now), now=now)


def _readable(stream: str, item: bytes) -> Read | None:
    """One that cannot be read is reported when its own stream is read."""
    try:
        return Read(parse_document(stream, item), item)
    except XeroBadRecord:
        return None
