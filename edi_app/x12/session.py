"""One interchange while it is read: which group and set are open, what has been counted, what was wrong."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from edi_app.acknowledgment import Fault, Level
from edi_app.x12.envelope import GroupHeader, InterchangeHeader, gs_faults, isa_faults, number_of, read_gs, read_isa
from edi_app.x12.errors import X12Unreadable
from edi_app.x12.interchange import (
    Event,
    GroupClosed,
    GroupOpened,
    InterchangeClosed,
    InterchangeOpened,
    TechnicalAcknowledgment,
    TransactionSet,
)
from edi_app.x12.stream import Limits, SegmentStream


class InterchangeSession:
    """Turns the segments of the interchange that the stream has begun into events."""

    def __init__(self, stream: SegmentStream, limits: Limits) -> None:
        self._stream = stream
        self._limit = limits.set_segments
        self._delimiters = stream.delimiters
        self._mark = stream.delimiters.element
        self._header = InterchangeHeader()
        self._faults: list[Fault] = []
        self._position = 0
        self._groups = 0
        self._group: GroupHeader | None = None
        self._group_numbers: set[int] = set()
        self._sets = 0
        self._controls: set[str] = set()
        self._set: list[str] | None = None
        self._has_trailer = False

    def events(self) -> Iterator[Event]:
        """Give the interchange's events, from ISA to IEA or to the end of the data.

        Raises X12Unreadable; what is open by then is closed first, as cut off.
        """
        handlers: dict[str, Callable[[str], Iterator[Event]]] = {
            f"{tag}{self._mark}"[:3]: handle
            for tag, handle in (
                ("ST", self._begin_set),
                ("SE", self._end_set),
                ("GS", self._begin_group),
                ("GE", self._end_group),
                ("TA1", self._take_ta1),
                ("IEA", self._end),
                ("ISA", self._begin),
            )
        }
        try:
            for batch in self._stream.batches():
                yield from self._take(batch, handlers)
        except X12Unreadable:
            yield from self._cut_off()
            raise
        if not self._has_trailer:
            yield from self._cut_off()

    def _cut_off(self) -> Iterator[Event]:
        """Close everything that is open, since nothing more comes."""
        if self._position:
            yield from self._close_group("3", "The group has no GE segment.")
            self._fault("023", "The interchange ends without an IEA segment.", "IEA")
            yield self._closed()

    def _take(self, batch: list[str], handlers: dict[str, Callable[[str], Iterator[Event]]]) -> Iterator[Event]:
        current = self._set
        for segment in batch:
            handle = handlers.get(segment[:3])
            if handle is None:
                if current is not None:
                    current.append(segment)
                else:
                    self._stray(segment)
                continue
            self._position += 1
            yield from handle(segment)
            current = self._set
        if current is not None and len(current) > self._limit:
            raise X12Unreadable(f"A transaction set has more than {self._limit} segments.")

    def _begin(self, segment: str) -> Iterator[Event]:
        if self._position > 1:
            self._stray(segment)
            return
        elements = segment.split(self._mark)
        self._header = read_isa(elements)
        self._faults = isa_faults(elements)
        if self._stream.skipped:
            self._fault("022", f"Text stands before the ISA segment: {self._stream.skipped!r}.", "ISA")
        yield InterchangeOpened(self._header, self._delimiters, tuple(self._faults))

    def _end(self, segment: str) -> Iterator[Event]:
        yield from self._close_group("3", "The group has no GE segment.")
        row = [*segment.split(self._mark), "", ""]
        if number_of(row[1].strip()) != self._groups:
            self._fault("021", f"IEA01 says {row[1]!r} groups, but there are {self._groups}.", "IEA", 1)
        if number_of(row[2].strip()) != number_of(self._header.control):
            self._fault("001", f"IEA02 is {row[2]!r}, but ISA13 is {self._header.control!r}.", "IEA", 2)
        self._has_trailer = True
        yield self._closed()

    def _take_ta1(self, segment: str) -> Iterator[Event]:
        if self._set is not None:
            self._set.append(segment)
            return
        yield TechnicalAcknowledgment(tuple(segment.split(self._mark)), self._header)

    def _begin_group(self, segment: str) -> Iterator[Event]:
        yield from self._close_group("3", "The group has no GE segment.")
        elements = segment.split(self._mark)
        self._group = read_gs(elements)
        self._faults += [replace(fault, segment=self._position) for fault in gs_faults(elements)]
        self._groups += 1
        self._sets = 0
        self._controls = set()
        yield GroupOpened(self._group)

    def _end_group(self, segment: str) -> Iterator[Event]:
        if self._group is None:
            self._stray(segment)
            return
        yield from self._close_set("2", "The set has no SE segment.")
        row = [*segment.split(self._mark), "", ""]
        stated = number_of(row[1].strip())
        faults = self._group_faults(self._group)
        if number_of(row[2].strip()) != number_of(self._group.control):
            sentence = f"GE02 is {row[2]!r}, but GS06 is {self._group.control!r}."
            faults.append(Fault(Level.GROUP, "4", sentence, "GE", element=2, number="28", value=row[2]))
        if stated != self._sets:
            sentence = f"GE01 says {row[1]!r} sets, but there are {self._sets}."
            faults.append(Fault(Level.GROUP, "5", sentence, "GE", element=1, number="97", value=row[1]))
        yield GroupClosed(self._group, self._sets, stated, tuple(faults))
        self._group = None

    def _group_faults(self, group: GroupHeader) -> list[Fault]:
        control = number_of(group.control)
        faults = []
        if group.version and not group.version[:6].isdigit():
            sentence = f"GS08 is {group.version!r}, which is no version."
            faults.append(Fault(Level.GROUP, "2", sentence, "GS", element=8, number="480", value=group.version))
        if not control:
            faults.append(Fault(Level.GROUP, "6", "GS06 is not a control number.", "GS", element=6, number="28"))
        elif control in self._group_numbers:
            # Before 004050, code 19 was one of security.
            code = "19" if group.version >= "004050" else "6"
            sentence = f"GS06 {control} was already used in this interchange."
            faults.append(Fault(Level.GROUP, code, sentence, "GS", element=6, number="28", value=str(control)))
        else:
            self._group_numbers.add(control)
        return faults

    def _close_group(self, code: str, sentence: str) -> Iterator[Event]:
        if self._group is None:
            return
        yield from self._close_set("2", "The set has no SE segment.")
        faults = [*self._group_faults(self._group), Fault(Level.GROUP, code, sentence, "GE")]
        yield GroupClosed(self._group, self._sets, None, tuple(faults))
        self._group = None

    def _begin_set(self, segment: str) -> Iterator[Event]:
        if self._group is None:
            self._group = GroupHeader()
            self._groups += 1
            self._fault("024", "A transaction set stands outside of a group.", "ST")
            yield GroupOpened(self._group)
        yield from self._close_set("2", "The set has no SE segment.")
        self._set = [segment]

    def _end_set(self, segment: str) -> Iterator[Event]:
        if self._set is None:
            self._stray(segment)
            return
        self._set.append(segment)
        row = [*segment.split(self._mark), "", ""]
        stated = number_of(row[1])
        count = len(self._set)
        faults = []
        if stated != count:
            sentence = f"SE01 says {row[1]!r} segments, but there are {count}."
            faults.append(Fault(Level.DOCUMENT, "4", sentence, "SE", count, 1, number="96", value=row[1]))
        yield self._finished(self._set, row[2], faults)

    def _close_set(self, code: str, sentence: str) -> Iterator[Event]:
        if self._set is not None:
            fault = Fault(Level.DOCUMENT, code, sentence, "SE", len(self._set) + 1)
            yield self._finished(self._set, None, [fault])

    def _finished(self, segments: list[str], trailer_control: str | None, faults: list[Fault]) -> TransactionSet:
        row = [*segments[0].split(self._mark), "", "", ""]
        code, control = row[1], row[2]
        if trailer_control is not None and trailer_control != control:
            sentence = f"SE02 is {trailer_control!r}, but ST02 is {control!r}."
            faults.append(Fault(Level.DOCUMENT, "3", sentence, "SE", len(segments), 2, number="329"))
        if not 4 <= len(control) <= 9:
            sentence = f"ST02 is {control[:20]!r}; a control number has 4 to 9 characters."
            faults.append(Fault(Level.DOCUMENT, "7", sentence, "ST", 1, 2, number="329", value=control))
        elif control in self._controls:
            sentence = f"ST02 {control!r} was already used in this group."
            faults.append(Fault(Level.DOCUMENT, "23", sentence, "ST", 1, 2, number="329", value=control))
        self._controls.add(control)
        self._sets += 1
        self._position += len(segments) - 1
        self._set = None
        version = self._group.version if self._group else ""
        return TransactionSet(code, control, row[3], segments, self._delimiters, version, tuple(faults), self._groups)

    def _stray(self, segment: str) -> None:
        self._position += 1
        tag = segment.split(self._mark, 1)[0][:3]
        if len(self._faults) < 100:
            self._fault("022", f"Segment {tag!r} stands outside of a transaction set.", tag)

    def _fault(self, code: str, sentence: str, tag: str, element: int = 0) -> None:
        self._faults.append(Fault(Level.INTERCHANGE, code, sentence, tag, self._position, element))

    def _closed(self) -> InterchangeClosed:
        return InterchangeClosed(self._header, self._groups, tuple(self._faults))
