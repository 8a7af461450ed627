"""Material: stored records with their documents made whole, as the pipeline would, and what mappings see beside."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from connector.assembly import Item
from connector.steps.criteria import VOID, Criteria
from connector.steps.envelopes import object_key
from connector.steps.join import Joiner, contact_id
from connector.steps.pinned import document_of_record
from core.documents import Action, Document
from core.errors import PermanentError
from core.formats import ExportFacts, Formatter
from core.lookups import newest_tables
from core.models import Integration, Record
from edi_app.formatter import compile_formatter
from edi_app.mapping.nearest import nearest

RECORDS_AT_A_TIME = 100
SCANNED_FOR_EACH = 10
"""So many records are looked at, at most, for each one that the filter lets in."""


class RecordMissing(PermanentError):
    """No stored record of the integration has this number or id."""

    code = "NOT_FOUND"


@dataclass(frozen=True, slots=True)
class Material:
    """A record and its whole document."""

    record: Record
    document: Document

    def facts(self, *, sequence: int = 1, position: int = 1) -> ExportFacts:
        """Give what a mapping would see as `Export`."""
        action = Action.CANCEL if self.document.status in VOID else Action.NEW
        key = object_key(self.record.stream, self.record.xero_id)
        return ExportFacts(action, self.record.version, sequence, key, position)

    def item(self, *, position: int = 1, group: int = 0) -> Item:
        """Give it as an item of a file."""
        return Item(self.document, self.facts(sequence=position, position=position), group)


def stored_records(integration: Integration) -> "QuerySet[Record]":
    """Give the latest versions of what an integration reads, as far as their bytes are kept."""
    return Record.objects.filter(
        organisation=integration.organisation, stream__in=integration.streams, is_latest=True, payload__isnull=False
    )


def find_records(integration: Integration, id_or_number: str) -> list[Record]:
    """Find the records with a number or a Xero id; numbers repeat. Raises `RecordMissing` with the nearest number."""
    rows = stored_records(integration)
    found = list(rows.filter(Q(number=id_or_number) | Q(xero_id=id_or_number)).order_by("-read_at")[:20])
    if not found:
        near = nearest(id_or_number, rows.order_by("-read_at").values_list("number", flat=True)[:1000])
        hint = f"Did you mean {near}?" if near else "Run the integration first, so that something is stored."
        raise RecordMissing(f"{integration.name} has no stored record {id_or_number!r}.", next_step=hint)
    return found


def whole(integration: Integration, record: Record) -> Material:
    """Make one record whole. Raises `PayloadPurged`, `XeroBadRecord`."""
    (joined,) = Joiner(integration.organisation).join([document_of_record(record)])
    return Material(record, joined.document)


def newest(integration: Integration, *, most: int) -> list[Material]:
    """Give the newest records that the integration's filter lets in, whole; what cannot be read is left out."""
    joiner, criteria = Joiner(integration.organisation), Criteria(integration)
    found: list[Material] = []
    for chunk in _chunks(integration, most * SCANNED_FOR_EACH):
        joined = joiner.join([document for _, document in chunk])
        materials = [Material(record, each.document) for (record, _), each in zip(chunk, joined, strict=True)]
        found += [each for each in materials if criteria.matches(each.document, _contact(each.document))]
        if len(found) >= most:
            break
    return found[:most]


def _contact(document: Document) -> Document | None:
    values = document.values.get("Contact")
    if not values:
        return None
    return Document("contacts", contact_id(document.values), values, document.updated_at)


def _chunks(integration: Integration, most: int) -> Iterator[list[tuple[Record, Document]]]:
    for start in range(0, most, RECORDS_AT_A_TIME):
        rows = stored_records(integration).order_by("-read_at", "-pk")[start : start + RECORDS_AT_A_TIME]
        chunk = []
        for record in rows:
            try:
                chunk.append((record, document_of_record(record)))
            except PermanentError:
                continue
        if not chunk:
            return
        yield chunk


def formatters_for(integration: Integration, definition: Mapping[str, Any]) -> dict[str, Formatter]:
    """Compile a definition for every stream of an integration. Raises `Invalid` with every finding."""
    tables = newest_tables(integration.tenant_id).rows
    return {stream: compile_formatter(definition, stream=stream, tables=tables) for stream in integration.streams}
