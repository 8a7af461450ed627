"""The envelope's header segments as plain values: ISA, GS and TA1, and what is wrong with an ISA."""

from dataclasses import dataclass, replace

from edi_app.acknowledgment import Fault, Level
from edi_app.x12.dictionary import BASE, dictionary
from edi_app.x12.elements import element_faults

# TA105 (element I18) by the ISA element that is wrong; ISA16 and the terminator are judged before.
_ISA_CODES = ("010", "011", "012", "013", "005", "006", "007", "008", "014", "015", "016", "017", "018", "019")
_BAD_CONTENT = "024"
_GROUP_DATE, _SHORT_DATE = 4, 6
_ISA_CODE_OF = dict(enumerate((*_ISA_CODES, "020"), start=1))


@dataclass(frozen=True, slots=True)
class InterchangeHeader:
    """ISA: who sends what to whom. `control` is nine digits as written, ids without their padding."""

    sender_qualifier: str = ""
    sender: str = ""
    receiver_qualifier: str = ""
    receiver: str = ""
    date: str = ""
    time: str = ""
    version: str = ""
    control: str = ""
    wants_acknowledgment: bool = False
    usage: str = ""
    """`P` production, `T` test, `I` information."""
    repetition: str = ""


@dataclass(frozen=True, slots=True)
class GroupHeader:
    """GS: the functional group. `control` as written, without leading zeros required."""

    functional_id: str = ""
    sender: str = ""
    receiver: str = ""
    date: str = ""
    time: str = ""
    control: str = ""
    agency: str = ""
    version: str = ""


def read_isa(elements: list[str]) -> InterchangeHeader:
    """Read an ISA that was split into its elements; missing ones are empty."""
    row = [item.strip() for item in elements] + [""] * 17
    return InterchangeHeader(
        sender_qualifier=row[5],
        sender=row[6],
        receiver_qualifier=row[7],
        receiver=row[8],
        date=row[9],
        time=row[10],
        version=row[12],
        control=row[13],
        wants_acknowledgment=row[14] == "1",
        usage=row[15],
        repetition=row[11],
    )


def read_gs(elements: list[str]) -> GroupHeader:
    """Read a GS that was split into its elements; missing ones are empty."""
    row = [item.strip() for item in elements] + [""] * 9
    return GroupHeader(*row[1:9])


def isa_faults(elements: list[str]) -> list[Fault]:
    """Find what is wrong in an ISA, with the code that a TA1 gives for it (X12.5, element I18)."""
    version = elements[12].strip() if len(elements) > 12 else ""
    described = dictionary(version).segments["ISA"]
    faults = []
    for place, code in _ISA_CODE_OF.items():
        value = elements[place] if place < len(elements) else ""
        wrong = element_faults(described.uses[place - 1], value, tag="ISA", place=place)
        # Blank information is usual, and a separator may be a control character.
        if (place in (2, 4) and len(value) == 10) or (place == 11 and len(value) == 1):
            wrong = []
        faults += [
            Fault(Level.INTERCHANGE, code, item.sentence, "ISA", 1, place, number=item.number, value=value)
            for item in wrong
        ]
    return faults


def gs_faults(elements: list[str]) -> list[Fault]:
    """Find what is wrong in a GS apart from its control number: TA105 024, since AK905 has codes for these only in
    late releases. Dates had six digits before 004010."""
    described = dictionary(BASE).segments["GS"]
    faults = []
    for place in (1, 2, 3, 4, 5, 7, 8):
        value = elements[place].strip() if place < len(elements) else ""
        if place == _GROUP_DATE and len(value) == _SHORT_DATE:
            value = f"20{value}"
        faults += element_faults(described.uses[place - 1], value, tag="GS", place=place)
    return [replace(fault, level=Level.INTERCHANGE, code=_BAD_CONTENT) for fault in faults]


def number_of(text: str) -> int | None:
    """Give a control number or count as a number; None when it is not only digits."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else None
