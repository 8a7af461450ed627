"""Reasons: a partner's faults led back to the segment as it was sent, the mapping row and the Xero field, in words."""

from collections.abc import Iterable, Sequence

from core import outbox
from core.errors import ConnectorError
from core.models import AckKind, File
from edi_app import edifact
from edi_app.acknowledgment import Acknowledgment, Fault, Level
from edi_app.edifact.explain import Explanation as EdifactExplanation
from edi_app.x12.explain import Explanation as X12Explanation
from edi_app.x12.explain import explain

Reasons = dict[str, list[str]]
Explained = EdifactExplanation | X12Explanation
_SOME_SEGMENTS = "5"
"""AK502: one or more segments in error; those are named themselves."""


def reasons_of(answer: Acknowledgment, file: File | None) -> Reasons:
    """Give what is wrong by document (control number); what concerns the whole is under the empty name."""
    documents = [*answer.documents, *(item for group in answer.groups for item in group.documents)]
    faults = [*answer.faults, *(fault for group in answer.groups for fault in group.faults)]
    reasons: Reasons = {"": [fault.sentence for fault in faults]} if faults else {}
    explained = _explained(answer, file) if file is not None and any(item.faults for item in documents) else {}
    for document in documents:
        told = explained.get(document.reference) or [fault.sentence for fault in _telling(document.faults)]
        if told:
            reasons[document.reference] = told
    return reasons


def _telling(faults: Iterable[Fault]) -> list[Fault]:
    """Leave out that there are faults where they are named."""
    found = list(faults)
    below = [fault for fault in found if fault.level in (Level.SEGMENT, Level.ELEMENT)]
    own = [fault for fault in found if fault not in below and not (below and fault.code == _SOME_SEGMENTS)]
    return [*below, *own]


def _explained(answer: Acknowledgment, file: File) -> Reasons:
    try:
        found = explanations(answer, file)
    except ConnectorError:
        return {}  # the partner's own words have to do
    by_document: dict[str, list[Explained]] = {}
    for item in found:
        by_document.setdefault(item.document, []).append(item)
    return {number: _sentences(items) for number, items in by_document.items() if number}


def explanations(answer: Acknowledgment, file: File) -> Sequence[Explained]:
    """Find every fault of an answer again in the file that it answers. Raises a ConnectorError where that cannot be
    read."""
    if answer.kind == AckKind.CONTRL:
        return edifact.explain(answer, sent=outbox.read(file))
    if file.mapping_version is None:
        return []
    return explain(answer, sent=outbox.read(file), definition=file.mapping_version.definition)


def _sentences(items: Iterable[Explained]) -> list[str]:
    """Say each fault once, with the segment as it was sent."""
    return list(dict.fromkeys(sentence_of(item) for item in telling(items)))


def telling(items: Iterable[Explained]) -> list[Explained]:
    """Put explanations in the order in which they are told; that there are faults is left out where they are named."""
    found = list(items)
    faults = _telling(item.fault for item in found)
    return sorted((item for item in found if item.fault in faults), key=lambda item: faults.index(item.fault))


def sentence_of(item: Explained) -> str:
    """Say a fault in words, with the segment as it was sent."""
    if not item.text or item.text in item.sentence or not item.fault.element:
        return item.sentence
    return f"{item.sentence} It was sent as {item.text}."
