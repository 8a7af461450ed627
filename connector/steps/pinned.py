"""Pinned: the documents of exports as they were, joined with the very versions that an earlier export used."""

from collections.abc import Sequence

from connector.steps.join import Joined, PinnedJoiner
from core.documents import Document
from core.errors import PermanentError
from core.models import Export, Record
from xero_app.parse import parse_document

Refused = list[tuple[Export, PermanentError]]


class PayloadPurged(PermanentError):
    """The record's bytes are past their retention."""

    code = "RECORD_PURGED"
    next_step = "Read it again from Xero."


def document_of(export: Export) -> Document:
    """Give the document that an export is about. Raises `PayloadPurged`, `XeroBadRecord`."""
    return document_of_record(export.record)


def document_of_record(record: Record) -> Document:
    """Read a stored record. Raises `PayloadPurged`, `XeroBadRecord`."""
    if record.payload is None:
        raise PayloadPurged(f"What Xero said of {record.number or record.xero_id} was purged.")
    return parse_document(record.stream, bytes(record.payload))


def join_pinned(parsed: Sequence[tuple[Export, Document]]) -> tuple[list[tuple[Export, Joined]], Refused]:
    """Join replays of the same values with what their parents used; give also those that cannot be, with why."""
    pins = {export.pk: _pins(export) for export, _ in parsed}
    records = Record.objects.in_bulk({pk for ids in pins.values() for pk in ids})
    joined: list[tuple[Export, Joined]] = []
    refused: Refused = []
    for export, document in parsed:
        try:
            versions = [(pk, document_of_record(records[pk])) for pk in pins[export.pk] if pk in records]
        except PermanentError as error:
            refused.append((export, error))
        else:
            joined += [(export, whole) for whole in PinnedJoiner(versions).join([document])]
    return joined, refused


def _pins(export: Export) -> list[int]:
    content = getattr(export.replay_of, "content", None)
    return list(content.joined) if content is not None else []
