"""How fast X12 is, side by side with named peers in one run.

810: mapping, money check, validation and rendering of three-line invoices against a hand-written f-string formatter
of the same segments (which checks nothing), and pyx12's writer, which maps nothing. Reader: envelope checks against a
hand-written split that keeps every segment's elements, and pyx12's reader. pyx12 takes part where it is installed, as
with `pip install --target DIR pyx12` and `PYTHONPATH=DIR`. Run with `python -m bench.x12 [documents]`; only the ratios
mean something on a shared machine.
"""

import gc
import importlib.util
import io
import random
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from time import process_time
from typing import Any

from core.documents import Document
from core.formats import Envelope, ExportFacts, Formatter, Totals
from edi_app.x12.formatter import compile_x12
from edi_app.x12.judging import check_interchanges
from edi_app.x12.reader import read_events

ENVELOPE = Envelope(
    moment=datetime(2026, 11, 22, 21, 5, tzinfo=UTC),
    profile={"x12": {"version": "004010", "sender": ["ZZ", "HARBOR"], "receiver": ["ZZ", "NORTHWIND"]}},
    numbers={"ISA": 101, "GS": 7},
)
RATE = {"Name": "GST", "EffectiveRate": Decimal("15.0"), "TaxComponents": [{"Name": "GST", "Rate": Decimal("15.0")}]}
PEER = "pyx12"


def address(rng: random.Random) -> dict[str, str]:
    """One postal address."""
    line = f"{rng.randrange(1, 999)} Lake Ave"
    place = {"City": "Madison", "Region": "WI", "PostalCode": "53703", "Country": "US"}
    return {"AddressType": "POBOX", "AddressLine1": line, **place}


def make_documents(count: int) -> list[Document]:
    """Make invoices of three lines each, for two hundred customers and five hundred items."""
    rng = random.Random(42)
    organisation = {"Name": "Harbor Supply Co", "CountryCode": "NZ", "Addresses": [address(rng)]}
    contacts = [
        {"Name": f"Customer {at} Inc", "AccountNumber": f"C{at:05d}", "Addresses": [address(rng)]} for at in range(200)
    ]
    return [make_document(at, rng, contacts[at % 200], organisation) for at in range(count)]


def make_document(at: int, rng: random.Random, contact: dict[str, Any], organisation: dict[str, Any]) -> Document:
    """Make one invoice."""
    lines = []
    for _ in range(3):
        quantity, item = Decimal(rng.randrange(1, 50)), rng.randrange(500)
        price = Decimal(rng.randrange(100, 9_999)) / 100
        amount = quantity * price
        tax = (amount * 15 / 100).quantize(Decimal("0.01"))
        line = {"Quantity": quantity, "UnitAmount": price, "LineAmount": amount, "TaxAmount": tax, "TaxRate": RATE}
        lines.append(
            line | {"ItemCode": f"ITEM-{item}", "Description": f"Blue widget no. {item}", "TaxType": "OUTPUT2"}
        )
    dated, tax = date(2026, 1, 1) + timedelta(at % 300), sum(line["TaxAmount"] for line in lines)
    values = {
        "Type": "ACCREC",
        "Status": "AUTHORISED",
        "InvoiceID": f"{at:08d}-0000-4a5b-8c6d-7e8f90a1b2c3",
        "InvoiceNumber": f"INV-{at:05d}",
        "Date": dated,
        "DueDate": dated + timedelta(30),
        "CurrencyCode": "NZD",
        "LineAmountTypes": "Exclusive",
        "Contact": contact,
        "Organisation": organisation,
        "LineItems": lines,
        "TotalTax": tax,
        "Total": sum(line["LineAmount"] for line in lines) + tax,
    }
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    return Document("invoices", str(values["InvoiceID"]), values, moment, number=str(values["InvoiceNumber"]))


def party(code: str, values: dict[str, Any]) -> list[str]:
    """Write one party by hand."""
    where = values["Addresses"][0]
    ids = f"*92*{values['AccountNumber']}" if "AccountNumber" in values else ""
    return [
        f"N1*{code}*{values['Name']}{ids}",
        f"N3*{where['AddressLine1']}",
        f"N4*{where['City']}*{where['Region']}*{where['PostalCode']}*{where['Country']}",
    ]


def plain(value: Decimal) -> str:
    """Write a number without zeros that say nothing."""
    text = str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def by_hand(document: Document, position: int) -> bytes:
    """Write the same 810 as our base does, with f-strings and no check at all."""
    values = document.values
    control = f"{position:04d}"
    rows = [
        f"ST*810*{control}",
        f"BIG*{values['Date']:%Y%m%d}*{values['InvoiceNumber']}*****DI",
        f"CUR*SE*{values['CurrencyCode']}",
        f"REF*ZZ**{values['InvoiceID']}",
        *party("BT", values["Contact"]),
        *party("SE", values["Organisation"]),
        f"ITD*05*3****{values['DueDate']:%Y%m%d}*{(values['DueDate'] - values['Date']).days}",
    ]
    for number, line in enumerate(values["LineItems"], start=1):
        rows.append(f"IT1*{number}*{plain(line['Quantity'])}*EA*{plain(line['UnitAmount'])}**VP*{line['ItemCode']}")
        rows.append(f"PID*F****{line['Description']}")
    rows.append(f"TDS*{int(values['Total'] * 100)}")
    rows.append(f"TXI*GS*{plain(values['TotalTax'])}*15")
    rows.append(f"CTT*{len(values['LineItems'])}")
    rows.append(f"SE*{len(rows) + 1}*{control}")
    return ("~\n".join(rows) + "~\n").encode()


def peer_writer(documents: list[list[list[str]]]) -> None:
    """Write ready segments with pyx12, which maps nothing."""
    import pyx12.segment
    import pyx12.x12file

    writer = pyx12.x12file.X12Writer(io.StringIO(), "~", "*", ">", "\n")
    for rows in documents:
        for row in rows:
            writer.Write(pyx12.segment.Segment("*".join(row), "~", "*", ">"))


def split_by_hand(data: bytes) -> int:
    """Read by splitting, keeping a set's elements at a time: no check but SE01."""
    found = 0
    rows: list[list[str]] = []
    for text in data.decode("latin-1").replace("\n", "").split("~"):
        row = text.split("*")
        if row[0] == "ST":
            rows = []
        rows.append(row)
        if row[0] == "SE":
            found += int(row[1]) == len(rows)
    return found


def peer_reader(data: bytes) -> None:
    """Read with pyx12."""
    import pyx12.x12file

    for _ in pyx12.x12file.X12Reader(io.StringIO(data.decode("ascii"))):
        pass


def speeds(works: Mapping[str, Callable[[], Any]], count: int, *, rounds: int = 7) -> dict[str, float]:
    """Give documents a second of each one's best round, in processor time. They take turns, so that a machine that
    slows down for a while slows all of them."""
    best = dict.fromkeys(works, float("inf"))
    for _ in range(rounds):
        for name, work in works.items():
            gc.collect()
            started = process_time()
            work()
            best[name] = min(best[name], process_time() - started)
    return {name: count / seconds for name, seconds in best.items()}


def render_all(formatter: Formatter, documents: list[Document]) -> list[bytes]:
    """Render every document."""
    return [
        formatter.content(document, ExportFacts(position=at), ENVELOPE).data
        for at, document in enumerate(documents, start=1)
    ]


def write_bench(documents: list[Document]) -> bytes:
    """Compare writers; give the whole file."""
    formatter = compile_x12({"base": "x12-810"}, stream="invoices", tables={})
    ours = render_all(formatter, documents)
    assert ours == [by_hand(document, at) for at, document in enumerate(documents, start=1)]
    count = len(documents)
    works: dict[str, Callable[[], Any]] = {
        "hand": lambda: [by_hand(document, at) for at, document in enumerate(documents, start=1)],
        "own": lambda: render_all(formatter, documents),
    }
    if importlib.util.find_spec(PEER):
        segments = [[row.split("*") for row in text.decode().split("~\n")[:-1]] for text in ours]
        works[PEER] = lambda: peer_writer(segments)
    found = speeds(works, count)
    hand, own, peer = found["hand"], found["own"], found.get(PEER)
    print(f"810 write, f-strings by hand, no checks  {hand:10,.0f} documents/s")
    print(f"810 map + check + render                 {own:10,.0f} documents/s   {own / hand:.2f} of by hand")
    print_peer("write, pyx12 with no mapping", own, peer)
    totals = Totals(exports=count, sums={"sets": Decimal(count)})
    return formatter.header(ENVELOPE) + b"".join(ours) + formatter.trailer(ENVELOPE, totals)


def read_bench(data: bytes, count: int) -> None:
    """Compare readers."""
    works: dict[str, Callable[[], Any]] = {
        "hand": lambda: split_by_hand(data),
        "own": lambda: sum(1 for _ in read_events([data])),
        "checked": lambda: list(check_interchanges([data])),
    }
    if importlib.util.find_spec(PEER):
        works[PEER] = lambda: peer_reader(data)
    found = speeds(works, count)
    hand, own, checked, peer = found["hand"], found["own"], found["checked"], found.get(PEER)
    print(f"810 read, split by hand                  {hand:10,.0f} documents/s")
    print(f"810 read, envelope checked               {own:10,.0f} documents/s   {own / hand:.2f} of by hand")
    print(f"810 read, every element checked          {checked:10,.0f} documents/s")
    print_peer("read, pyx12", own, peer)


def print_peer(what: str, own: float, peer: float | None) -> None:
    """Print the peer's line."""
    if peer is None:
        print(f"810 {what}: not installed")
    else:
        print(f"810 {what:<36} {peer:10,.0f} documents/s   ours {own / peer:.1f} times")


def main() -> None:
    """Run both comparisons."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    documents = make_documents(count)
    gc.collect()
    gc.freeze()
    read_bench(write_bench(documents), count)


if __name__ == "__main__":
    main()
