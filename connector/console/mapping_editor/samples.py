"""What a preview shows: the newest stored record of a mapping's integrations, else one of the shipped samples."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.console.moments import zone
from connector.schedule import zone_of
from connector.steps.join import Joiner
from connector.steps.profile import profile_of
from core.documents import Document, Stream
from core.errors import ConnectorError
from core.formats import Envelope
from core.models import Integration, LookupTable, Mapping, Mode, Record
from edi_app.bases.sample_documents import sample_documents
from xero_app.parse import parse_document

PLAIN_PROFILE = {"x12": {"version": "004010", "sender": ["ZZ", "US"], "receiver": ["ZZ", "THEM"]}}


@dataclass(frozen=True, slots=True)
class Sample:
    """A document to show, where it comes from, and the envelope that its file would have."""

    document: Document
    envelope: Envelope
    words: str


def integrations_of(mapping: Mapping) -> list[Integration]:
    """Give the integrations that use a mapping."""
    rows = Integration.objects.filter(mapping=mapping).select_related("tenant", "partner", "organisation")
    return list(rows.order_by("name")[:20])


def streams_of(integrations: list[Integration]) -> list[str]:
    """Name the streams that a mapping must serve; all while nothing uses it."""
    found = dict.fromkeys(stream for row in integrations for stream in row.streams)
    return list(found) or [str(stream) for stream in Stream]


def tables_of(mapping: Mapping) -> dict[str, Any]:
    """Give the lookup tables of a mapping's tenant."""
    return {table.name: table.rows for table in LookupTable.objects.filter(tenant=mapping.tenant_id)}


def find_sample(mapping: Mapping, *, number: str, preferred: str, now: datetime) -> Sample:
    """Give the record with a number, else the newest one, else a shipped sample of the preferred stream."""
    integrations = integrations_of(mapping)
    for integration in integrations:
        record = _record(integration, number)
        for document in whole_documents(integration, [record] if record else []):
            return Sample(document, envelope_of(integration, now=now), f"{document.number or document.xero_id}")
    stream = next(iter(integrations[0].streams), preferred) if integrations else preferred
    envelope = Envelope(moment=now, profile=PLAIN_PROFILE, test=True, sender="Us", partner="Them")
    shown = envelope_of(integrations[0], now=now) if integrations else envelope
    missing = f"there is no record {number}; " if number else ""
    return Sample(sample_documents(stream)[0], shown, f"{missing}a shipped sample")


def _record(integration: Integration, number: str) -> Record | None:
    rows = Record.objects.filter(
        organisation=integration.organisation, stream__in=integration.streams, is_latest=True, payload__isnull=False
    )
    return (rows.filter(number=number) if number else rows).order_by("-read_at").first()


def newest_records(integration: Integration, *, most: int) -> list[Record]:
    """Give an integration's newest records, to try a mapping on."""
    rows = Record.objects.filter(
        organisation=integration.organisation, stream__in=integration.streams, is_latest=True, payload__isnull=False
    )
    return list(rows.order_by("-read_at")[:most])


def whole_documents(integration: Integration, records: list[Record]) -> list[Document]:
    """Parse records and join in what their documents need; a record that cannot be read is left out."""
    parsed = []
    for record in records:
        try:
            parsed.append(parse_document(record.stream, bytes(record.payload or b"")))
        except ConnectorError:
            continue
    return [joined.document for joined in Joiner(integration.organisation).join(parsed)]


def envelope_of(integration: Integration, *, now: datetime) -> Envelope:
    """Give the envelope that the integration's next file would have, without control numbers."""
    return Envelope(
        moment=now.astimezone(zone(zone_of(integration))),
        profile=profile_of(integration.partner),
        test=integration.partner.mode == Mode.TEST,
        sequence=integration.file_sequence + 1,
        sender=integration.tenant.name,
        partner=integration.partner.name,
    )
