"""Shapes of input that cost the most for their size, each made as large as is asked for."""

from collections.abc import Callable, Mapping
from itertools import permutations

from tests.edi_app.edifact.interchanges import INVOIC, wrap
from tests.edi_app.x12.interchanges import data_of, interchange

_810 = interchange("810")
_HEAD = data_of(_810[:2])
_BEGUN = data_of(_810[:3])
_UNB = b"UNB+UNOC:3+THEM:ZZ+US:ZZ+261122:2100+REF55'"
_UNH = b"UNH+1+INVOIC:D:96A:UN'"


_MARKS = "!#$%&()=|~^{}[]<>;,/"


def _service_strings(size: int) -> bytes:
    """Write small interchanges that all have other service characters."""
    found = b""
    for component, element, release, end in permutations(_MARKS, 4):
        parts = [f"UNB+UNOC:3+A+B+261122:2100+{len(found)}", "UNH+1+INVOIC:D:96A:UN", "BGM+380", "UNT+3+1", "UNZ+1+1"]
        text = f"UNA:+.{release} '" + "".join(f"{part}'" for part in parts)
        found += text.translate(str.maketrans({":": component, "+": element, "'": end})).encode()
        if len(found) >= size:
            break
    return found


def _times(unit: bytes, size: int) -> bytes:
    return unit * (size // len(unit))


X12: Mapping[str, Callable[[int], bytes]] = {
    "many interchanges": lambda size: _times(data_of(_810), size),
    "many beginnings of interchanges": lambda size: _times(data_of(_810[:1]), size),
    "many groups": lambda size: _HEAD + _times(data_of(_810[1:2]), size),
    "many sets": lambda size: _HEAD + _times(data_of(_810[2:-2]), size),
    "many empty sets": lambda size: _HEAD + _times(b"ST*810*0001~SE*2*0001~", size),
    "one set of right lines": lambda size: _BEGUN + _times(b"IT1*1*10*EA*25.5~PID*F****Widget~", size),
    "one set of unknown segments": lambda size: _BEGUN + _times(b"XYZ*1~", size),
    "one set of faulty segments": lambda size: _BEGUN + _times(b"IT1*1*x*E*y~", size),
    "one set in the wrong order": lambda size: _BEGUN + _times(b"TDS*1~BIG*20261120*1~N3*x~IT1*1~", size),
    "segments outside of sets": lambda size: _HEAD + _times(b"NTE*ADD*x~", size),
    "only terminators": lambda size: _BEGUN + _times(b"~", size),
    "only separators": lambda size: _BEGUN + b"IT1" + _times(b"*", size),
    "only components": lambda size: _BEGUN + b"REF*IA*1**" + _times(b">", size),
    "only line breaks": lambda size: _BEGUN + _times(b"\n", size),
    "terminators that are line breaks": lambda size: _BEGUN.replace(b"~\n", b"\n") + _times(b"\n", size),
    "no end of a segment": lambda size: _BEGUN + _times(b"9", size),
    "nothing of X12": lambda size: _times(b"ISA", size),
}
EDIFACT: Mapping[str, Callable[[int], bytes]] = {
    "many interchanges": lambda size: _times(wrap(INVOIC), size),
    "many beginnings of interchanges": lambda size: _times(_UNB, size),
    "many service strings": _service_strings,
    "many messages": lambda size: _UNB + _times("".join(f"{item}'" for item in INVOIC).encode(), size),
    "many empty messages": lambda size: _UNB + _times(_UNH + b"UNT+2+1'", size),
    "one message of right lines": lambda size: _UNB + _UNH + _times(b"LIN+1++W:SA'QTY+47:10:PCE'", size),
    "one message of unknown segments": lambda size: _UNB + _UNH + _times(b"XYZ+1'", size),
    "one message of faulty segments": lambda size: _UNB + _UNH + _times(b"QTY+x:y:zzzzz'", size),
    "one message in the wrong order": lambda size: _UNB + _UNH + _times(b"MOA+77:1'BGM+380'DTM+137'UNS+S'", size),
    "segments outside of messages": lambda size: _UNB + _times(b"FTX+AAI'", size),
    "only terminators": lambda size: _UNB + _UNH + _times(b"'", size),
    "only separators": lambda size: _UNB + _UNH + b"QTY" + _times(b"+", size),
    "only components": lambda size: _UNB + _UNH + b"QTY+" + _times(b":", size),
    "only release characters": lambda size: _UNB + _UNH + b"FTX+" + _times(b"?", size),
    "released terminators": lambda size: _UNB + _UNH + b"FTX+" + _times(b"?'", size),
    "released terminators behind line breaks": lambda size: _UNB + _UNH + b"FTX+" + _times(b"?\n\n\n'", size),
    "what looks like another interchange": lambda size: _UNB + _UNH + b"FTX+" + _times(b"UNB ", size),
    "what looks like service characters": lambda size: _UNB + _UNH + _times(b"FTX+UNA'", size),
    "junk behind the end": lambda size: wrap(INVOIC) + _times(b"UNX", size),
    "line breaks": lambda size: _UNB + _UNH + _times(b"\r\n", size),
    "no end of a segment": lambda size: _UNB + _UNH + _times(b"9", size),
}
