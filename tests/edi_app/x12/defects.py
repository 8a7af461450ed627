"""One defect each, by hand: what is changed in a valid set of `interchanges.py`, and what must be said about it.

Codes and places are those of the acknowledgments: AK304, AK403, AK502, AK905, TA105 (X12.20, X12.5).
"""

from dataclasses import dataclass

from tests.edi_app.x12.interchanges import GROUPS, interchange, segments_of, wrap

# set | segment (ST = 1) | element | its new value (`-` for none) | AK403 | where it is reported, if elsewhere.
ELEMENTS = """
810|2|1|-|1
810|2|1|20261332|8
810|2|1|20260231|8
810|2|1|261120|4
810|2|1|202611200|5
810|2|1|2026112O|8
810|2|2|-|1
810|2|2|INV-00000000000000000042|5
810|2|3|20261131|8
810|2|4|PO-00000000000000000000991|5
810|2|7|DIX|5
810|2|7|D|4
810|2|11|X|3
810|3|1|GE|4
810|3|2|-|1
810|4|1|-|1
810|4|1|S|4
810|4|2|US|4
810|4|2|USX|7
810|4|2|USDD|5
810|4|2|-|1
810|5|1|-|1
810|5|2|-|2
810|5|2|V-7777777777777777777777777777777|5
810|6|1|-|1
810|6|4|-|2
810|6|3|-|2
810|6|3|TEL|5
810|7|1|-|1
810|7|1|B|4
810|7|2|Northwind\x07Retail|6
810|7|3|-|2
810|7|4|-|2
810|7|4|N|4
810|8|1|-|1
810|8|1|TooLongAStreetTooLongAStreetTooLongAStreetTooLongAStreetT|5
810|9|1|M|4
810|9|2|WIS|5
810|9|3|53|4
810|9|3|5370353703537035|5
810|9|4|U|4
810|9|6|Dane|2|5
810|10|4|-|2
810|11|3|2|2|4
810|11|6|20261320|8
810|11|7|30.5|6
810|11|7|1000|5
810|11|7|-3O|6
810|12|1|11|4
810|12|1|-|1
810|12|2|20261100|8
810|12|3|2460|9
810|12|3|14|4
810|13|2|ten|6
810|13|2|12345678901|5
810|13|2|-|2
810|13|3|-|2
810|13|4|-|2
810|13|4|25,5|6
810|13|4|+25.5|6
810|13|4|2.5E1|6
810|13|6|-|2
810|13|7|-|2
810|13|9|WIDGET|2|8
810|14|1|-|1
810|14|3|8..25|6
810|14|5|CA|2|4
810|15|1|Q|7
810|15|1|-|1
810|15|5|-|2|4
810|16|1|Z|7
810|16|2|C31|4
810|16|5|5.00|6
810|16|5|1234567890123456|5
810|16|6|3|2|7
810|19|1|571.04|6
810|19|1|-|1
810|19|1|1234567890123456|5
810|20|2|571.04.0|6
810|20|1|-|1
810|21|1|two|6
810|21|1|1234567|5
820|2|1|-|1
820|2|2|-|1
820|2|2|15OO|6
820|2|3|X|7
820|2|3|-|1
820|2|4|CH|4
820|2|6|01|2|7
820|2|8|DA|2|9
820|2|10|12345|4
820|2|16|20261140|8
820|3|2|-|1
820|3|2|PAY-778800000000000000000000000|5
820|3|3|123456789|4
820|4|2|XXX|7
820|6|2|20260229|8
820|7|4|-|2
820|9|1|one|6
820|9|2|PE|2|3
820|10|1|-|2
820|10|2|-|2
820|10|4|1000.0.0|6
820|10|7|01|2|8
820|12|3|PPP|5
820|15|1|-|1
820|15|2|1|4
820|15|3|CM|2|4
850|2|1|0|4
850|2|3|-|1
850|2|5|20261301|8
850|5|4|-|2
850|6|1|P|4
850|7|5|1O|6
850|9|3|-|2
850|15|2|-|2
850|15|6|-|2
850|17|1|-|1
850|17|5|02|4
850|17|6|20261301|8
850|20|2|-|1
855|2|2|-|1
855|4|7|-|2
855|5|3|-|2
855|5|1|-|1
856|2|2|S|4
856|2|4|0960|9
856|3|3|-|1
856|8|4|2|7
856|12|2|-|1
856|12|3|E|4
824|2|3|20261422|8
824|4|2|-|1
824|4|1|TRX|5
824|5|1|-|1
997|2|1|INV|5
997|2|2|1O1|6
997|4|1|B|4
997|4|4|9|7
997|5|1|-|1
997|5|3|11|7
997|6|1|P|7
997|9|1|Q|7
997|9|2|-|1
997|9|4|one|6
999|5|1|-|1
999|7|1|Z|7
"""
# set, what is done, AK304, the segment named, its position (ST = 1).
STRUCTURE = """
810 drop 2                 3 BIG 2
810 drop 19                3 TDS 19
810 drop 7                 7 N3 7
810 insert 3 XYZ*1         1 XYZ 3
810 insert 3 Q             1 Q 3
810 insert 5 BEG*00        6 BEG 5
810 insert 12 RMR*IV*1     6 RMR 12
810 repeat 2               5 BIG 3
810 repeat 4               5 CUR 5
810 repeat 9               5 N4 10
810 repeat 8 2             5 N3 10
810 repeat 6 3             5 PER 9
810 repeat 5 12            5 REF 17
810 repeat 19              5 TDS 20
810 repeat 21              5 CTT 22
810 repeat 12 10           5 DTM 22
810 repeat 14 10           5 TXI 24
810 move 4 6               7 CUR 6
810 move 2 4               7 BIG 4
810 move 19 12             7 DTM 13
810 move 21 19             7 CTT 19
810 move 15 14             7 TXI 15
820 drop 2                 3 BPR 2
820 drop 9                 7 RMR 9
820 repeat 2               5 BPR 3
820 repeat 3               5 TRN 4
820 repeat 4               5 CUR 5
820 move 3 5               7 TRN 5
820 move 9 12              7 RMR 9
820 insert 4 BIG*20261120*1 6 BIG 4
820 insert 4 ZZZ*1         1 ZZZ 4
850 drop 2                 3 BEG 2
850 repeat 2               5 BEG 3
850 move 10 8              7 TD5 10
850 repeat 19              4 CTT 20
850 insert 4 TDS*1         6 TDS 4
855 drop 2                 3 BAK 2
855 move 5 4               7 ACK 4
856 drop 2                 3 BSN 2
856 drop 3                 7 TD5 3
856 repeat 9               5 PRF 10
856 repeat 2               5 BSN 3
824 drop 4                 3 OTI 4
824 drop 2                 3 BGN 2
824 repeat 2               5 BGN 3
997 drop 2                 3 AK1 2
997 drop 9                 3 AK9 9
997 drop 6                 3 AK5 6
997 repeat 2               5 AK1 3
997 repeat 9               5 AK9 10
997 move 6 4               7 AK3 5
999 drop 2                 3 AK1 2
999 drop 8                 3 AK9 8
"""
# what is changed where in an 810's interchange (segments from ISA = 0; `end` for dropping), and what is said.
ENVELOPE = """
isa 1 XX                       interchange 010
isa 2 ABC                      interchange 011
isa 3 X                        interchange 012
isa 5 Z                        interchange 005
isa 6 SHORT                    interchange 006
isa 7 ZZZ                      interchange 007
isa 8 SHORT                    interchange 008
isa 9 261332                   interchange 014
isa 9 2611                     interchange 014
isa 10 2561                    interchange 015
isa 12 0401                    interchange 017
isa 13 00000010X               interchange 018
isa 14 7                       interchange 019
isa 15 X                       interchange 020
iea 1 2                        interchange 021
iea 1 X                        interchange 021
iea 2 000000102                interchange 001
gs 2 A                         interchange 024
gs 2 -                         interchange 024
gs 3 AN-ID-THAT-IS-TOO-LONG    interchange 024
gs 4 20261340                  interchange 024
gs 4 2611                      interchange 024
gs 5 2561                      interchange 024
gs 7 Q                         interchange 024
gs 8 -                         interchange 024
gs 8 ABCDEF                    group 2
gs 6 0                         group 6
gs 6 X1                        group 6
ge 1 2                         group 5
ge 1 -                         group 5
ge 2 102                       group 4
st 1 -                         document 6
st 1 81                        document 6
st 1 850                       document 6
st 1 999                       document 6
st 1 111                       document 1
st 2 001                       document 7
st 2 0000000001                document 7
se 1 21                        document 4
se 1 X                         document 4
se 2 0002                      document 3
"""


@dataclass(frozen=True)
class Defect:
    """One broken interchange, and the fault that must be found first."""

    name: str
    segments: list[str]
    level: str
    code: str
    tag: str = ""
    segment: int = 0
    element: int = 0


def element_defects() -> list[Defect]:
    """Break one element each."""
    return [_element(line) for line in ELEMENTS.strip().splitlines()]


def _element(line: str) -> Defect:
    code, segment_text, element_text, value, ak403, *elsewhere = line.split("|")
    segment, element = int(segment_text), int(element_text)
    segments = segments_of(code)
    parts = segments[segment - 1].split("*")
    parts += [""] * (element + 1 - len(parts))
    parts[element] = "" if value == "-" else value
    while not parts[-1]:
        parts.pop()
    segments[segment - 1] = "*".join(parts)
    place = int(elsewhere[0]) if elsewhere else element
    whole = wrap(segments, functional_id=GROUPS[code], version="005010" if code == "999" else "004010")
    return Defect(line, whole, "element", ak403, parts[0], segment, place)


def structure_defects() -> list[Defect]:
    """Break the order or number of segments once each."""
    found = []
    for line in STRUCTURE.strip().splitlines():
        *change, ak3, tag, position = line.split()
        code, action, at, *more = change
        segments = segments_of(code)
        _change(segments, action, int(at) - 1, more)
        segments[-1] = f"SE*{len(segments)}*0001"
        whole = wrap(segments, functional_id=GROUPS[code], version="005010" if code == "999" else "004010")
        found.append(Defect(line, whole, "segment", ak3, tag, int(position)))
    return found


def _change(segments: list[str], action: str, at: int, more: list[str]) -> None:
    if action == "drop":
        del segments[at]
    elif action == "insert":
        segments.insert(at, " ".join(more))
    elif action == "repeat":
        segments[at:at] = [segments[at]] * int(more[0] if more else 1)
    else:
        segments.insert(int(more[0]) - 1, segments.pop(at))


def envelope_defects() -> list[Defect]:
    """Break one element of the envelope each."""
    found = []
    for line in ENVELOPE.strip().splitlines():
        tag, element, value, level, code = line.split()
        segments = interchange("810")
        at = next(at for at, segment in enumerate(segments) if segment.startswith(tag.upper() + "*"))
        parts = segments[at].split("*")
        parts[int(element)] = "" if value == "-" else value
        segments[at] = "*".join(parts)
        found.append(Defect(line, segments, level, code))
    return found
