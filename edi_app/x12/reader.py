"""Reads X12 of any version: interchanges, groups and sets, one event after the other, envelope checked.

Nothing but X12Unreadable is ever raised, memory is bounded by one set, and what stands in the wrong place or
does not add up becomes a fault with its TA1, AK9 or AK5 code.
"""

from collections.abc import Iterable, Iterator

from edi_app.x12.errors import X12Unreadable
from edi_app.x12.interchange import (
    Event,
    Group,
    GroupClosed,
    GroupOpened,
    Interchange,
    InterchangeClosed,
    InterchangeOpened,
    TechnicalAcknowledgment,
    TransactionSet,
)
from edi_app.x12.session import InterchangeSession
from edi_app.x12.stream import Limits, SegmentStream


def read_events(chunks: Iterable[bytes], *, encoding: str = "latin-1", limits: Limits | None = None) -> Iterator[Event]:
    """Read interchanges from chunks of bytes as they come.

    Raises X12Unreadable when there is no interchange at all, when an ISA is so damaged that its delimiters
    cannot be known, or when a limit is exceeded; everything before that has been given by then.
    """
    bounds = limits or Limits()
    stream = SegmentStream(chunks, encoding=encoding, limits=bounds)
    any_found = False
    while stream.begin():
        any_found = True
        yield from InterchangeSession(stream, bounds).events()
    if not any_found:
        seen = f" It begins with {stream.skipped[:20]!r}." if stream.skipped else " It is empty."
        raise X12Unreadable(f"There is no ISA segment in the data.{seen}")


def read_interchanges(
    data: bytes, *, encoding: str = "latin-1", limits: Limits | None = None
) -> tuple[list[Interchange], str]:
    """Read whole interchanges. The text is empty, or says why the rest behind them could not be read.

    Raises X12Unreadable when not even one interchange can be read.
    """
    found: list[Interchange] = []
    damage = ""
    try:
        for event in read_events([data], encoding=encoding, limits=limits):
            _collect(found, event)
    except X12Unreadable as error:
        if not found:
            raise
        damage = error.sentence
    return found, damage


def _collect(found: list[Interchange], event: Event) -> None:
    match event:
        case TransactionSet():
            found[-1].groups[-1].sets.append(event)
        case InterchangeOpened():
            found.append(Interchange(event.header, event.delimiters, faults=event.faults))
        case TechnicalAcknowledgment():
            found[-1].technical.append(event)
        case GroupOpened():
            found[-1].groups.append(Group(event.header))
        case GroupClosed():
            found[-1].groups[-1].stated, found[-1].groups[-1].faults = event.stated, event.faults
        case InterchangeClosed():
            found[-1].faults = event.faults
