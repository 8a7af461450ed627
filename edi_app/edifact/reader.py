"""Segments to messages: interchanges, groups and messages as they open and close, whole or damaged."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from edi_app.edifact.charset import Charset
from edi_app.edifact.errors import EdifactUnreadable
from edi_app.edifact.segment import Segment
from edi_app.edifact.service import ServiceCharacters
from edi_app.edifact.source import Source
from edi_app.edifact.stream import Junk, Limits, SegmentStream

_SERVICE = frozenset(("UNB", "UNG", "UNH", "UNT", "UNE", "UNZ"))


@dataclass(frozen=True, slots=True)
class Interchange:
    """One interchange as its header tells: `header` is UNB, `service` and `charset` are what it is written in."""

    header: Segment
    service: ServiceCharacters
    charset: Charset

    @property
    def syntax(self) -> str:
        """Give the syntax identifier 0001, as UNOC."""
        return self.header.value(2, 1)

    @property
    def version(self) -> str:
        """Give the syntax version 0002, as 3."""
        return self.header.value(2, 2)

    @property
    def sender(self) -> tuple[str, ...]:
        """Give S002 as sent: identification, qualifier, internal identification."""
        return self.header.parts(3)

    @property
    def recipient(self) -> tuple[str, ...]:
        """Give S003 as sent: identification, qualifier, internal identification."""
        return self.header.parts(4)

    @property
    def reference(self) -> str:
        """Give the interchange control reference 0020."""
        return self.header.value(6)

    @property
    def acknowledgment_request(self) -> str:
        """Give 0031: 1 wants an acknowledgment, 2 (by some partners) only a receipt, empty nothing."""
        return self.header.value(10)

    @property
    def test(self) -> bool:
        """Say whether the test indicator 0035 is set."""
        return self.header.value(12) == "1"


@dataclass(frozen=True, slots=True)
class Group:
    """One functional group as its header UNG tells."""

    header: Segment

    @property
    def reference(self) -> str:
        """Give the group reference 0048."""
        return self.header.value(6)


@dataclass(slots=True)
class Message:
    """One message: UNH to UNT; the last segment is another one where UNT is missing."""

    interchange: Interchange
    group: Group | None
    segments: list[Segment] = field(default_factory=list)

    @property
    def reference(self) -> str:
        """Give the message reference 0062."""
        return self.segments[0].value(2)

    @property
    def identifier(self) -> tuple[str, ...]:
        """Give S009 as sent: type, version, release, agency, association."""
        return self.segments[0].parts(3)

    @property
    def kind(self) -> str:
        """Give the message type 0065, as INVOIC."""
        return self.segments[0].value(3)

    @property
    def trailer(self) -> Segment | None:
        """Give UNT, or None where it is missing."""
        last = self.segments[-1]
        return last if last.tag == "UNT" else None


@dataclass(frozen=True, slots=True)
class Closed:
    """An interchange or group came to its end; `trailer` is None where UNZ or UNE is missing."""

    what: Interchange | Group
    trailer: Segment | None


@dataclass(frozen=True, slots=True)
class Stray:
    """A segment that stands in no message."""

    segment: Segment


Event = Interchange | Group | Message | Closed | Stray | Junk


def read_messages(source: Source, *, limits: Limits | None = None) -> Iterator[Message]:
    """Yield every message of every interchange, one at a time, damaged ones as far as they go.

    Raises EdifactUnreadable where the bytes are not EDIFACT, and no other error.
    """
    for event in read_events(source, limits=limits):
        if type(event) is Message:
            yield event


def read_events(source: Source, *, limits: Limits | None = None) -> Iterator[Event]:
    """Yield what opens and closes, in the order of the file.

    Raises EdifactUnreadable, and no other error; what is open by then is closed first, as cut off.
    """
    limits = limits or Limits()
    stream = SegmentStream(source, limits=limits)
    grouping = _Grouping(stream)
    try:
        yield from _grouped(stream, grouping, limit=limits.message)
    except EdifactUnreadable:
        yield from grouping.close_all()
        raise
    yield from grouping.close_all()


def _grouped(stream: SegmentStream, grouping: "_Grouping", *, limit: int) -> Iterator[Event]:
    """Put segments into their messages; everything that stands in none goes through the grouping."""
    message: Message | None = None
    size = 0
    for segment in stream:
        if message is None or isinstance(segment, Junk) or segment.tag in _SERVICE:
            yield from grouping.take(segment)
            message, size = grouping.message, 0
            continue
        message.segments.append(segment)
        size += len(segment.text)
        if size > limit:
            raise EdifactUnreadable(f"A message has more than {limit} characters.")


class _Grouping:
    """What is open at the moment."""

    def __init__(self, stream: SegmentStream) -> None:
        self.stream = stream
        self.interchange: Interchange | None = None
        self.group: Group | None = None
        self.message: Message | None = None

    def take(self, segment: Segment | Junk) -> Iterator[Event]:
        """Take what is not just the next segment of a message."""
        if isinstance(segment, Junk):
            yield from self.close_all()
            yield segment
        else:
            yield from self._take_service(segment)

    def _take_service(self, segment: Segment) -> Iterator[Event]:
        """Open or close what a service segment says; report a segment outside of any message."""
        match segment.tag:
            case "UNB":
                yield from self.close_all()
                self.interchange = Interchange(segment, self.stream.service, self.stream.charset)
                yield self.interchange
            case "UNG":
                yield from self.close_group()
                self.group = Group(segment)
                yield self.group
            case "UNH" if self.interchange:
                yield from self.close_message()
                self.message = Message(self.interchange, self.group, [segment])
            case "UNT" if self.message:
                self.message.segments.append(segment)
                yield from self.close_message()
            case "UNE" if self.group:
                yield from self.close_group(segment)
            case "UNZ":
                yield from self.close_all(segment)
            case _:
                yield Stray(segment)

    def close_message(self) -> Iterator[Event]:
        """Give the open message, with or without its trailer."""
        if self.message:
            yield self.message
            self.message = None

    def close_group(self, trailer: Segment | None = None) -> Iterator[Event]:
        """Close the open group and the message in it."""
        yield from self.close_message()
        if self.group:
            yield Closed(self.group, trailer)
            self.group = None

    def close_all(self, trailer: Segment | None = None) -> Iterator[Event]:
        """Close the open interchange and everything in it."""
        yield from self.close_group()
        if self.interchange:
            yield Closed(self.interchange, trailer)
            self.interchange = None
