"""One defect at a time: each is rejected with the code and at the place that CONTRL has for it."""

import pytest

from edi_app.acknowledgment import Level, Outcome
from tests.edi_app.edifact.interchanges import INVOIC, MESSAGES, ORDERS, check, edit, wrap

# message, change, level, code 0085, segment (UNH = 1), data element (tag = 1), component
BODY = r"""
INVOIC | 2: BGM+380+INV-0042-AND-A-NUMBER-BEYOND-35-CHARS+9     | element 39 2 3 0
INVOIC | 2: BGM+3800+INV-0042+9                                 | element 39 2 2 1
INVOIC | 2: BGM+380+INV-0042+9+AB+X                             | segment 16 2 0 0
INVOIC | 2: BGM+380+INV-0042+9+                                 | segment 45 2 0 0
INVOIC | 2: BGM+380:+INV-0042+9                                 | segment 45 2 0 0
INVOIC | 2: BGM:1+380+INV-0042+9                                | segment 34 2 0 0
INVOIC | 2:                                                     | segment 13 1 0 0
INVOIC | 2+ BGM+380+INV-0043+9                                  | segment 35 3 0 0
INVOIC | 3: DTM                                                 | element 13 3 2 0
INVOIC | 3: DTM+:20261120:102                                   | element 13 3 2 1
INVOIC | 3: DTM+1370:20261120:102                               | element 39 3 2 1
INVOIC | 3: DTM+137:20261320:102                                | element 12 3 2 2
INVOIC | 3: DTM+137:20260229:102                                | element 12 3 2 2
INVOIC | 3: DTM+137:261120:102                                  | element 12 3 2 2
INVOIC | 3: DTM+137:202611202460:203                            | element 12 3 2 2
INVOIC | 3: DTM+137:2026112020261119X:718                       | element 12 3 2 2
INVOIC | 3: DTM+137:20261120:102:UTC                            | element 16 3 2 0
INVOIC | 3: DTM+137:20261120:102+X                              | segment 16 3 0 0
INVOIC | 4: RFF+ON:PO?X                                         | ok
INVOIC | 4: RFF+:PO-991                                         | element 13 4 2 1
INVOIC | 4: XYZ+ON:PO-991                                       | segment 15 4 0 0
INVOIC | 4: MEA+PD++KGM:5                                       | segment 15 4 0 0
INVOIC | 6: NAD+BYER+AC001::92                                  | element 39 6 2 0
INVOIC | 6: NAD++AC001::92                                      | element 13 6 2 0
INVOIC | 6: NAD+BY+:160:92                                      | element 13 6 3 1
INVOIC | 6: NAD+BY+AC001::92:X                                  | element 16 6 3 0
INVOIC | 6: NAD+BY+AC001::92++Acme:::::ABCD                     | element 39 6 5 6
INVOIC | 6: NAD+BY+AC001::92+++++++USAX                         | element 39 6 10 0
INVOIC | 6: NAD+BY+AC001::92+++++++US+X                         | segment 16 6 0 0
INVOIC | 6: NAD+BY+AC001::92++Acme\u0085Retail                  | element 21 6 5 1
INVOIC | 6: NAD+BY+AC001::92++Acme\tRetail                      | element 21 6 5 1
INVOIC | 10: CUX+2:USD:4:100:X                                  | element 16 10 2 0
INVOIC | 10: CUX+2:USDX:4                                       | element 39 10 2 2
INVOIC | 10: CUX+:USD:4                                         | element 13 10 2 1
INVOIC | 10: CUX+2:USD:4:12345                                  | element 39 10 2 4
INVOIC | 11+ ALI+US                                             | segment 15 12 0 0
INVOIC | 13: LIN+ONE++WIDGET-1:SA                               | element 37 13 2 0
INVOIC | 13: LIN+1234567++WIDGET-1:SA                           | element 39 13 2 0
INVOIC | 15: QTY                                                | element 13 15 2 0
INVOIC | 15: QTY+47                                             | element 13 15 2 2
INVOIC | 15: QTY+47:ten                                         | element 37 15 2 2
INVOIC | 15: QTY+47:1 000                                       | element 37 15 2 2
INVOIC | 15: QTY+47:1E3                                         | element 37 15 2 2
INVOIC | 15: QTY+47:5-                                          | element 37 15 2 2
INVOIC | 15: QTY+47:1234567890123456                            | element 39 15 2 2
INVOIC | 16: MOA+203:.5                                         | element 38 16 2 2
INVOIC | 16: MOA+203:-.5                                        | element 38 16 2 2
INVOIC | 16: MOA+203:5.                                         | element 19 16 2 2
INVOIC | 16: MOA+203:255,00                                     | element 19 16 2 2
INVOIC | 16: MOA+203:1.255.00                                   | element 19 16 2 2
INVOIC | 16: MOA+203:1,255.00                                   | element 19 16 2 2
INVOIC | 16: MOA+203:-123456789012345678                        | ok
INVOIC | 16: MOA+203:-1234567890123456789                       | element 39 16 2 2
INVOIC | 16: MOA+:255                                           | element 13 16 2 1
INVOIC | 17: PRI+AAA:25.5:CA:INV:1:PCE:X                        | element 16 17 2 0
INVOIC | 22:                                                    | segment 13 21 0 0
INVOIC | 22: UNS+X                                              | element 12 22 2 0
INVOIC | 22: UNS                                                | element 13 22 2 0
INVOIC | 22: UNS+SD                                             | element 39 22 2 0
INVOIC | 22+ UNS+S                                              | segment 35 23 0 0
INVOIC | 25+ FTX+AAI                                            | segment 15 26 0 0
INVOIC | 25+ BGM+380+INV-0043+9                                 | segment 15 26 0 0
ORDERS | 2:                                                     | segment 13 1 0 0
ORDERS | 3:                                                     | segment 13 2 0 0
ORDERS | 4: NAD                                                 | element 13 4 2 0
ORDERS | 5:                                                     | segment 15 5 0 0
ORDERS | 6: COM+ann@acme.example                                | element 13 6 2 2
ORDERS | 6: COM+:EM                                             | element 13 6 2 1
ORDERS | 8: DLM+X                                               | segment 15 8 0 0
ORDERS | 9+ LIN                                                 | ok
ORDERS | 10: QTY+21:forty                                       | element 37 10 2 2
ORDERS | 11+ ALI+US                                             | segment 15 12 0 0
ORDERS | 12:                                                    | segment 13 11 0 0
ORDERS | 13: CNT+2                                              | element 13 13 2 2
ORDERS | 13: CNT+2:1:PCE:X                                      | element 16 13 2 0
REMADV | 8:                                                     | segment 13 7 0 0
REMADV | 11:                                                    | segment 13 10 0 0
REMADV | 12: AJT                                                | element 13 12 2 0
REMADV | 12: AJT+1+1234567                                      | element 39 12 3 0
REMADV | 15:                                                    | segment 13 14 0 0
REMADV | 7: DOC+380+INV-100:1:S:EN:X                            | element 16 7 3 0
REMADV | 7: DOC++INV-100                                        | element 13 7 2 0
REMADV | 13+ MOA+165:100                                        | segment 35 14 0 0
INVOIC | 10+ CUX+2:USD'CUX+2:USD'CUX+2:USD'CUX+2:USD'CUX+2:USD  | segment 36 15 0 0
DESADV | 4+ TOD+1'LOC+1'LOC+1'LOC+1'LOC+1'LOC+1'LOC+1           | segment 35 11 0 0
ORDERS | 2+ ALI+US                                              | segment 15 3 0 0
ORDERS | 4+ MOA+9:1                                             | segment 15 5 0 0
DESADV | 5: CPS                                                 | element 13 5 2 0
DESADV | 5: CPS+1+1+1234                                        | element 39 5 4 0
DESADV | 6: PAC+two                                             | element 37 6 2 0
DESADV | 3: DTM+11:202611202530:203                             | element 12 3 2 2
DESADV | 9: QTY+12:10:KILO                                      | element 39 9 2 3
DESADV | 4+ LIN+1                                               | segment 15 5 0 0
"""

TRAILER = """
INVOIC | 1: UNH+1+INVOIC:D:97B:UN                               | document 14 UNH 3 3
INVOIC | 1: UNH+1+PRICAT:D:96A:UN                               | document 14 UNH 3 1
INVOIC | 1: UNH+1+INVOICE:D:96A:UN                              | document 39 UNH 3 1
INVOIC | 1: UNH+1+INVOIC:D::UN                                  | document 13 UNH 3 3
INVOIC | 1: UNH+1                                               | document 13 UNH 3 0
INVOIC | 1: UNH+1+INVOIC:D:96A:UN+++++X                         | document 16 UNH 0 0
INVOIC | 26: UNT+25+1                                           | document 29 UNT 2 0
INVOIC | 26: UNT+26+2                                           | document 28 UNT 3 0
INVOIC | 26: UNT+26                                             | document 13 UNT 3 0
INVOIC | 26: UNT++1                                             | document 13 UNT 2 0
INVOIC | 26: UNT+XX+1                                           | document 37 UNT 2 0
INVOIC | 26: UNT+26+1+                                          | document 45 UNT 0 0
INVOIC | 26:                                                    | document 13 UNT 0 0
"""

ENVELOPE = """
UNB+UNOC:3+THEM:ZZ+US:ZZ+261122:2100+REF55             | UNZ+2+REF55    | 29 UNZ 2 0
UNB+UNOC:3+THEM:ZZ+US:ZZ+261122:2100+REF55             | UNZ+1+REF56    | 28 UNZ 3 0
UNB+UNOC:3+THEM:ZZ+US:ZZ+261122:2100+REF55             | UNZ+1          | 13 UNZ 3 0
UNB+UNOC:3+THEM:ZZ+US:ZZ+261122:2100+REF55             | UNZ+X+REF55    | 37 UNZ 2 0
UNB+UNOC:3+THEM:ZZ+US:ZZ+261122:2100+REF55             | UNZ+1.0+REF55  | 29 UNZ 2 0
UNB+UNOC:3+THEM:ZZ+US:ZZ+261122:2100+REF55             | UNZ+1+REF55+X  | 16 UNZ 0 0
UNB+UNOC:3+THEM:ZZ+US:ZZ+261122:2100+REF55+            | UNZ+1+REF55    | 45 UNB 0 0
UNB+UNOC:5+THEM:ZZ+US:ZZ+261122:2100+REF55             | UNZ+1+REF55    | 2 UNB 2 2
UNB+UNOZ:3+THEM:ZZ+US:ZZ+261122:2100+REF55             | UNZ+1+REF55    | 46 UNB 2 1
UNB+UNOC+THEM:ZZ+US:ZZ+261122:2100+REF55               | UNZ+1+REF55    | 13 UNB 2 2
UNB+UNOC:3++US:ZZ+261122:2100+REF55                    | UNZ+1+REF55    | 13 UNB 3 0
UNB+UNOC:3+THEM:ZZ+:ZZ+261122:2100+REF55               | UNZ+1+REF55    | 13 UNB 4 1
UNB+UNOC:3+THEM:ZZZZZ+US:ZZ+261122:2100+REF55          | UNZ+1+REF55    | 39 UNB 3 2
UNB+UNOC:3+THEM:ZZ+US:ZZ+261322:2100+REF55             | UNZ+1+REF55    | 12 UNB 5 1
UNB+UNOC:3+THEM:ZZ+US:ZZ+261122:2500+REF55             | UNZ+1+REF55    | 12 UNB 5 2
UNB+UNOC:3+THEM:ZZ+US:ZZ+61122:2100+REF55              | UNZ+1+REF55    | 40 UNB 5 1
UNB+UNOC:3+THEM:ZZ+US:ZZ+20261122:2100+REF55           | UNZ+1+REF55    | 39 UNB 5 1
UNB+UNOC:3+THEM:ZZ+US:ZZ+261122+REF55                  | UNZ+1+REF55    | 13 UNB 5 2
UNB+UNOC:3+THEM:ZZ+US:ZZ+261122:2100+REF55+++B2        | UNZ+1+REF55    | 39 UNB 9 0
UNB+UNOC:3+THEM:ZZ+US:ZZ+261122:2100+REF55+++1         | UNZ+1+REF55    | 37 UNB 9 0
"""


def rows(table):
    lines = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
    return [pytest.param(*cells, id=" ".join(cells[:-1])) for cells in lines]


def broken(kind, change):
    # The table writes control characters as escapes, so that they can be seen.
    return edit(MESSAGES[kind], change.replace("\\t", "\t").replace("\\u0085", "\x85"))


@pytest.mark.parametrize("kind", MESSAGES)
def test_a_message_without_defects_is_accepted(kind):
    checked = check(wrap(MESSAGES[kind]))
    assert checked.outcome is Outcome.ACCEPTED
    assert [message.faults for message in checked.messages] == [()]


@pytest.mark.parametrize(("kind", "change", "expected"), rows(BODY))
def test_a_defect_in_a_segment_is_found_where_it_is(kind, change, expected):
    checked = check(wrap(broken(kind, change)))
    found = [
        f"{fault.level} {fault.code} {fault.segment} {fault.element} {fault.component}"
        for fault in checked.messages[0].faults
    ]
    assert found == ([] if expected == "ok" else [expected])
    assert checked.outcome is (Outcome.ACCEPTED if expected == "ok" else Outcome.REJECTED)


@pytest.mark.parametrize(("kind", "change", "expected"), rows(TRAILER))
def test_a_defect_in_header_or_trailer_is_of_the_whole_message(kind, change, expected):
    checked = check(wrap(edit(MESSAGES[kind], change)))
    found = [
        f"{fault.level} {fault.code} {fault.tag} {fault.element} {fault.component}"
        for fault in checked.messages[0].faults
    ]
    assert found == [expected]
    assert checked.accepted
    assert checked.outcome is Outcome.REJECTED


@pytest.mark.parametrize(("unb", "unz", "expected"), rows(ENVELOPE))
def test_a_defect_in_the_envelope_rejects_the_interchange(unb, unz, expected):
    checked = check(wrap(ORDERS, unb=unb, unz=unz))
    found = [f"{fault.code} {fault.tag} {fault.element} {fault.component}" for fault in checked.faults]
    assert found == [expected]
    assert checked.outcome is Outcome.REJECTED
    assert all(fault.level is Level.INTERCHANGE for fault in checked.faults)


def test_every_fault_says_in_words_where_it_is():
    checked = check(wrap(edit(INVOIC, "3: DTM+137:20261320:102")))
    (fault,) = checked.messages[0].faults
    assert fault.sentence == (
        "Segment 3 (DTM), data element 2 (C507 date and time), component 2 (2380 date)"
        " is '20261320', which is no date or time of format 102."
    )
    assert fault.value == "20261320"
