"""Records: the only writer of what was read from Xero.

Every storing transaction first raises the stream's generation, which makes writers of one stream queue up on both
databases. An object's bytes are compared with its latest version only; a new version gets the next number by
(UpdatedDateUTC, time read). What was overtaken by a newer version already stored is counted, not stored.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet

from core import bulk
from core.documents import Document
from core.models import Fetch, Organisation, Record, StreamCursor


@dataclass(frozen=True, slots=True)
class Read:
    """One object as it came: the document and the bytes it was parsed from."""

    document: Document
    payload: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """What storing did: the new versions with their documents, and how many were repeats or overtaken."""

    new: tuple[tuple[Record, Document], ...] = ()
    repeated: int = 0
    stale: int = 0


def lock_stream(organisation: Organisation, stream: str) -> None:
    """Make this transaction the only one that stores records of the stream until it ends."""
    rows = StreamCursor.objects.filter(organisation=organisation, stream=stream)
    if not rows.update(generation=F("generation") + 1):
        StreamCursor.objects.bulk_create(
            [StreamCursor(organisation=organisation, stream=stream)], ignore_conflicts=True
        )
        rows.update(generation=F("generation") + 1)


def store(
    reads: Iterable[Read], *, organisation: Organisation, stream: str, fetch: Fetch | None, now: datetime
) -> Stored:
    """Store the new versions among what was read. The caller holds a transaction."""
    lock_stream(organisation, stream)
    last_read = {read.document.xero_id: read for read in reads}
    latest = {
        row.xero_id: row
        for row in latest_records(organisation, stream, list(last_read)).only(
            "id", "xero_id", "version", "sha256", "updated_at"
        )
    }
    fresh, repeated, stale = [], 0, 0
    for xero_id, read in last_read.items():
        digest = hashlib.sha256(read.payload).hexdigest()
        known = latest.get(xero_id)
        if known is not None and known.sha256 == digest:
            repeated += 1
        elif known is not None and read.document.updated_at < known.updated_at:
            stale += 1
        else:
            version = known.version + 1 if known else 1
            fresh.append((_record(read, digest, version, organisation, stream, fetch, now), read.document))
    _retire([latest[record.xero_id].pk for record, _ in fresh if record.xero_id in latest])
    bulk.insert([record for record, _ in fresh])
    return Stored(tuple(fresh), repeated, stale)


def _record(
    read: Read,
    digest: str,
    version: int,
    organisation: Organisation,
    stream: str,
    fetch: Fetch | None,
    now: datetime,
) -> Record:
    document = read.document
    return Record(
        tenant_id=organisation.tenant_id,
        organisation=organisation,
        stream=stream,
        xero_id=document.xero_id,
        version=version,
        updated_at=document.updated_at,
        read_at=now,
        fetch=fetch,
        sha256=digest,
        payload=read.payload,
        number=document.number[:255],
        kind=document.kind,
        status=document.status,
        contact_id=document.contact_id,
        dated_on=document.dated_on,
        currency=document.currency,
        total=document.total,
    )


def _retire(ids: Sequence[int]) -> None:
    if ids:
        Record.objects.filter(pk__in=ids).update(is_latest=False)


def latest_records(
    organisation: Organisation, stream: str, xero_ids: Sequence[str] | None = None
) -> "QuerySet[Record]":
    """The latest versions of a stream, of these objects or of all: the mirror."""
    rows = Record.objects.filter(organisation=organisation, stream=stream, is_latest=True)
    return rows if xero_ids is None else rows.filter(xero_id__in=xero_ids)


def payloads_before(rows: Sequence[Record]) -> dict[str, bytes]:
    """Give, per object, the payload of the version before these (all of one stream)."""
    later = [row for row in rows if row.version > 1]
    if not later:
        return {}
    before = Record.objects.filter(
        organisation_id=later[0].organisation_id,
        stream=later[0].stream,
        xero_id__in=[row.xero_id for row in later],
        version__in={row.version - 1 for row in later},
        payload__isnull=False,
    )
    wanted = {(row.xero_id, row.version - 1) for row in later}
    return {row.xero_id: bytes(row.payload) for row in before if (row.xero_id, row.version) in wanted and row.payload}
