"""The story of an acknowledgment of theirs: which exports it is about, and each fault led back to what was sent.

What is stored says everything in sentences; here the partner's own file is read again, to show segment, mapping row
and Xero field side by side.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from connector.steps.profile import ack_rules
from connector.steps.reasons import Explained, explanations, sentence_of, telling
from connector.steps.received import NoInterchange, plain_number, read_received
from core import acks, outbox
from core.errors import ConnectorError
from core.models import AckDirection, Acknowledgment, Export
from edi_app.acknowledgment import Acknowledgment as Answer
from edi_app.x12.explain import Explanation as X12Explanation

MOST_BYTES = 5_000_000
"""Larger files, theirs or ours, are not read again for a page."""
MOST_TRACED = 200


@dataclass(frozen=True, slots=True)
class Traced:
    """One fault that they report: the segment as it was sent, the mapping row behind it, and the Xero field with the
    value that stood there; what no row made is empty."""

    document: str
    export: Export | None
    sentence: str
    segment: str
    row: str
    source: str
    xero: str
    value: str


def outcomes_of(row: Acknowledgment, *, most: int | None = None) -> Iterator[tuple[Export, str]]:
    """Give the exports of the file that an answer is about, with what it says of each."""
    if row.file is None or row.direction != AckDirection.THEIRS:
        return
    by_number = acks.documents_of(row.file) if row.documents else {}
    named = {pk: row.documents[number] for number, ids in by_number.items() if number in row.documents for pk in ids}
    rest = row.documents.get(acks.REST, row.outcome)
    exports = Export.objects.filter(file=row.file).select_related("record", "integration").order_by("pk")[:most]
    for export in exports.iterator(chunk_size=500):
        yield export, named.get(export.pk, rest)


def trace(row: Acknowledgment) -> list[Traced]:
    """Lead each fault back; none where the bytes were purged, are large, or no mapping made them."""
    answer = _read_again(row)
    if answer is None or row.file is None or outbox.is_purged(row.file) or (row.file.size or 0) > MOST_BYTES:
        return []
    try:
        found = explanations(answer, row.file)[:MOST_TRACED]
    except ConnectorError:
        return []
    return list(_traced(row, found)) if found else []


def _traced(row: Acknowledgment, found: Sequence[Explained]) -> Iterator[Traced]:
    by_number = acks.documents_of(row.file) if row.file else {}
    first = {number: ids[0] for number, ids in by_number.items() if ids}
    wanted = [first[item.document] for item in found if item.document in first]
    exports = Export.objects.select_related("record").in_bulk(wanted)
    for item in _by_document(found):
        yield Traced(
            document=item.document,
            export=exports.get(first.get(item.document, 0)),
            sentence=sentence_of(item),
            segment=item.text,
            row=item.path,
            source=item.source if isinstance(item, X12Explanation) else "",
            xero=item.xero if isinstance(item, X12Explanation) else "",
            value=item.value,
        )


def _by_document(found: Sequence[Explained]) -> Iterator[Explained]:
    for _, items in groupby(found, key=lambda item: item.document):
        yield from telling(items)


def _read_again(row: Acknowledgment) -> Answer | None:
    inbound = row.inbound
    if inbound is None or inbound.content is None or inbound.size > MOST_BYTES or row.direction != AckDirection.THEIRS:
        return None
    try:
        received, _ = read_received(bytes(inbound.content), rules=ack_rules(row.partner))
    except NoInterchange:
        return None
    return next((answer for item in received for answer in item.acknowledgments if _is_it(row, answer)), None)


def _is_it(row: Acknowledgment, answer: Answer) -> bool:
    group = answer.groups[0].reference if answer.groups else ""
    number = plain_number(answer.interchange)[:14]
    carried_by = row.interchange.control_number if row.interchange else ""
    return (
        answer.kind == row.kind
        and answer.reference[:14] == carried_by
        and group[:14] == row.group_number
        and number in ("", row.interchange_number)
    )


def notes_on(row: Acknowledgment) -> list[str]:
    """Say how an answer stands to our file and to other answers: early, late, first or second."""
    file = row.file
    if file is None or row.direction != AckDirection.THEIRS:
        return []
    notes = []
    if file.delivered_at is None or row.created_at < file.delivered_at:
        notes.append("It came before the delivery was known here.")
    if file.ack_due_at and row.created_at > file.ack_due_at:
        notes.append("It came late, after the answer was due.")
    others = Acknowledgment.objects.filter(file=file, direction=AckDirection.THEIRS).exclude(pk=row.pk).order_by("pk")
    for other in others[:20]:
        when = "Before it" if other.pk < row.pk else "After it"
        notes.append(f"{when} came a {other.kind}: {other.get_outcome_display().lower()}.")
    return notes
