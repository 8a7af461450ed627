"""Interchanges of our own that tests read, break and answer."""

from datetime import datetime

from edi_app.edifact import Rules, Unknown, check_interchanges

MOMENT = datetime(2026, 11, 22, 21, 5)  # noqa: DTZ001  the envelope takes the partner's wall clock as given
STRICT = Rules(unknown=Unknown.REJECT)

INVOIC = """\
UNH+1+INVOIC:D:96A:UN
BGM+380+INV-0042+9
DTM+137:20261120:102
RFF+ON:PO-991
DTM+171:20261101:102
NAD+BY+AC001::92++Acme Retail Inc+100 Main St+Springfield+IL+62701+US
RFF+VA:GB123456789
NAD+SE+HARBOR::92++Harbor Supply Co
TAX+7+VAT+++:::20+S
CUX+2:USD:4
PAT+1
DTM+13:20261220:102
LIN+1++WIDGET-1:SA
IMD+F++:::Blue widget
QTY+47:10:PCE
MOA+203:255.00
PRI+AAA:25.5
LIN+2++SERVICE:SA
QTY+47:3
MOA+203:300
PRI+AAA:100
UNS+S
MOA+77:576.04
TAX+7+VAT+++:::20
MOA+124:21.04
UNT+26+1""".splitlines()

ORDERS = """\
UNH+1+ORDERS:D:96A:UN:EAN008
BGM+220+PO-991+9
DTM+137:20261101:102
NAD+BY+5412345000013::9
CTA+PD+:Ann Li
COM+ann@acme.example:EM
NAD+SU+5498765000002::9
CUX+2:EUR:9
LIN+1++5412345111115:EN
QTY+21:48
PRI+AAA:12.80
UNS+S
CNT+2:1
UNT+14+1""".splitlines()

REMADV = """\
UNH+1+REMADV:D:96A:UN
BGM+481+PAY-7788
DTM+137:20261121:102
NAD+PR+HARBOR::92
NAD+PE+PS01::92
CUX+2:USD:11
DOC+380+INV-100
MOA+12:1000
DTM+3:20261101:102
DOC+380+INV-101
MOA+12:500
AJT+1
MOA+165:100
UNS+S
MOA+12:1500
UNT+16+1""".splitlines()

DESADV = """\
UNH+1+DESADV:D:96A:UN
BGM+351+DES-5+9
DTM+11:202611201530:203
NAD+BY+ACME::92
CPS+1
PAC+2++CT
CPS+2+1
LIN+1++WIDGET-1:SA
QTY+12:10
UNT+10+1""".splitlines()

MESSAGES = {"INVOIC": INVOIC, "ORDERS": ORDERS, "REMADV": REMADV, "DESADV": DESADV}


def wrap(*messages: list[str], unb: str = "", unz: str = "", una: str = "UNA:+.? '") -> bytes:
    """Put messages (segments without terminators) into an interchange; UNB and UNZ can be given as they are."""
    unb = unb or "UNB+UNOC:3+THEM:ZZ+US:ZZ+261122:2100+REF55++++1"
    unz = unz or f"UNZ+{len(messages)}+REF55"
    segments = [unb, *(segment for message in messages for segment in message), unz]
    return (una + "".join(segment + "'" for segment in segments)).encode("latin-1")


def edit(message: list[str], change: str) -> list[str]:
    """Change one message: `4: text` replaces segment 4, `4:` drops it, `4+ text'text` puts some behind it.

    The count in UNT follows, unless UNT itself was changed.
    """
    mark = "+" if change.split(" ")[0].endswith("+") else ":"
    place, text = change.split(mark, 1)
    segments, number = list(message), int(place)
    start = number if mark == "+" else number - 1
    segments[start:number] = [part for part in text.strip().split("'") if part]
    if number < len(message) and segments[-1].startswith("UNT"):
        _, _, reference = segments[-1].split("+")
        segments[-1] = f"UNT+{len(segments)}+{reference}"
    return segments


def check(data: bytes, rules: Rules = STRICT):
    """Check a source with one interchange."""
    (checked,) = check_interchanges(data, rules=rules)
    return checked
