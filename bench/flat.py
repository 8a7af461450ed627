"""How fast the flat formats are, side by side with named peers in one run.

CSV: 14 mapped columns against `csv.writer` on ready tuples. Fixed width: against a hand-written formatter of the
same record. Run with `python -m bench.flat [invoices]`; only the ratios mean something on a shared machine.
"""

import csv
import gc
import io
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from time import process_time
from typing import Any

from core.documents import Document
from core.formats import Envelope, ExportFacts, Formatter
from edi_app.formatter import compile_formatter

ENVELOPE = Envelope(moment=datetime(2026, 11, 22, 10, tzinfo=UTC))
FACTS = ExportFacts()
COLUMNS = [
    {"name": "invoice_no", "source": "InvoiceNumber", "required": True, "max": 30},
    {"name": "type", "source": "Type"},
    {"name": "date", "source": "Date", "as": "date:%Y-%m-%d"},
    {"name": "due", "source": "DueDate", "as": "date:%Y-%m-%d"},
    {"name": "customer", "source": "Contact.Name", "required": True},
    {"name": "account", "source": "Contact.AccountNumber"},
    {"name": "currency", "source": "CurrencyCode"},
    {"name": "total", "source": "Total", "as": "amount:2"},
    {"name": "line", "source": "Line.Number"},
    {"name": "item", "source": "Line.ItemCode"},
    {"name": "description", "source": "Line.Description"},
    {"name": "quantity", "source": "Line.Quantity"},
    {"name": "amount", "source": "Line.LineAmount", "as": "amount:2"},
    {"name": "action", "source": "Export.Action"},
]
LINE_CSV = {"format": "csv", "options": {"rows": "line"}, "fields": COLUMNS}
DOCUMENT_COLUMNS = [
    *COLUMNS[:8],
    {"name": "subtotal", "source": "SubTotal", "as": "amount:2"},
    {"name": "tax", "source": "TotalTax", "as": "amount:2"},
    {"name": "due_amount", "source": "AmountDue", "as": "amount:2"},
    {"name": "reference", "source": "Reference"},
    {"name": "status", "source": "Status"},
    {"name": "action", "source": "Export.Action"},
]
DOCUMENT_CSV = {"format": "csv", "fields": DOCUMENT_COLUMNS}
WIDTHS = {"invoice_no": 20, "customer": 40, "description": 40, "account": 12, "item": 15}
MONEY = ("total", "amount")


def fixed_definition() -> dict[str, Any]:
    """Give the same fourteen columns in fixed width, money with two implied decimals."""
    fields = []
    for column in COLUMNS:
        name = column["name"]
        field = {key: value for key, value in column.items() if key not in ("max", "as")}
        field["width"] = WIDTHS.get(str(name), 10)
        if name in ("date", "due"):
            field["as"] = "date:%Y%m%d"
        if name in MONEY:
            field |= {"decimals": 2, "width": 12}
        fields.append(field)
    return {"format": "fixed", "options": {"rows": "line"}, "fields": fields}


def invoices(count: int) -> Iterator[Document]:
    """Give invoices of three lines each."""
    for number in range(count):
        on = date(2026, 1, 1) + timedelta(days=number % 300)
        lines = [
            {
                "ItemCode": f"HNG-{index}",
                "Description": f"Hinge set {number} of {index}",
                "Quantity": Decimal("12.0000"),
                "LineAmount": Decimal(number % 1000 + index).scaleb(-2) + Decimal("100.00"),
                "TaxAmount": Decimal("0.00"),
            }
            for index in range(3)
        ]
        total = sum((line["LineAmount"] for line in lines), Decimal("0.00"))  # type: ignore[misc]
        values = {
            "InvoiceID": f"2f1b3c4d-{number:08}",
            "InvoiceNumber": f"INV-{number:06}",
            "Reference": f"PO {number % 97}",
            "Type": "ACCREC",
            "Status": "AUTHORISED",
            "LineAmountTypes": "Exclusive",
            "Date": on,
            "DueDate": on + timedelta(days=30),
            "CurrencyCode": "USD",
            "SubTotal": total,
            "TotalTax": Decimal("0.00"),
            "Total": total,
            "AmountDue": total,
            "Contact": {"Name": f"Customer {number % 500} Inc", "AccountNumber": f"AC{number % 500:04}"},
            "LineItems": lines,
        }
        yield Document(
            stream="invoices",
            xero_id=values["InvoiceID"],
            values=values,
            updated_at=ENVELOPE.moment,
            status="AUTHORISED",
        )


def line_tuples(documents: list[Document]) -> list[tuple[Any, ...]]:
    """Give the ready tuples that `csv.writer` is handed."""
    return [
        (
            values["InvoiceNumber"], values["Type"], values["Date"], values["DueDate"], values["Contact"]["Name"],
            values["Contact"]["AccountNumber"], values["CurrencyCode"], values["Total"], number, line["ItemCode"],
            line["Description"], line["Quantity"], line["LineAmount"], "new",
        )
        for values in (document.values for document in documents)
        for number, line in enumerate(values["LineItems"], start=1)
    ]  # fmt: skip


def document_tuples(documents: list[Document]) -> list[tuple[Any, ...]]:
    """Give the ready tuples for one row a document."""
    return [
        (
            values["InvoiceNumber"], values["Type"], values["Date"], values["DueDate"], values["Contact"]["Name"],
            values["Contact"]["AccountNumber"], values["CurrencyCode"], values["Total"], values["SubTotal"],
            values["TotalTax"], values["AmountDue"], values["Reference"], values["Status"], "new",
        )
        for values in (document.values for document in documents)
    ]  # fmt: skip


def write_csv(rows: list[tuple[Any, ...]]) -> int:
    """Write ready tuples with the standard library."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    out.getvalue().encode()
    return len(rows)


def write_fixed_by_hand(documents: list[Document]) -> int:
    """Write the fixed-width record as a person would for this one layout; cuts silently, checks nothing."""
    rows = []
    for values in (document.values for document in documents):
        head = (
            f"{values['InvoiceNumber']:<20}{values['Type']:<10}"
            f"{values['Date']:%Y%m%d}  {values['DueDate']:%Y%m%d}  "
            f"{values['Contact']['Name']:<40}{values['Contact']['AccountNumber']:<12}{values['CurrencyCode']:<10}"
            f"{int(values['Total'] * 100):012}"
        )
        for number, line in enumerate(values["LineItems"], start=1):
            rows.append(
                f"{head}{number:>10}{line['ItemCode']:<15}{line['Description']:<40}{line['Quantity']!s:>10}"
                f"{int(line['LineAmount'] * 100):012}{'new':<10}\r\n"
            )
    "".join(rows).encode()
    return len(rows)


def format_all(formatter: Formatter, documents: list[Document]) -> int:
    """Map, check and render every document with the product's formatter."""
    return sum(formatter.content(document, FACTS, ENVELOPE).rows for document in documents)


def compiled(definition: dict[str, Any]) -> Formatter:
    """Compile a mapping, as happens once for each version."""
    return compile_formatter(definition, stream="invoices")


def rates(ours: Callable[[], int], theirs: Callable[[], int], *, rounds: int = 7) -> tuple[float, float]:
    """Give the best rows a second of processor time of both, in turns, so that a busy machine disturbs both."""
    best = [0.0, 0.0]
    for _ in range(rounds):
        for index, work in enumerate((ours, theirs)):
            started = process_time()
            rows = work()
            best[index] = max(best[index], rows / (process_time() - started))
    return best[0], best[1]


def main() -> None:
    """Print rows a second and the ratio to each peer."""
    documents = list(invoices(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
    lines, whole = line_tuples(documents), document_tuples(documents)
    gc.collect()
    gc.freeze()  # the product never holds more than a few hundred documents at a time
    pairs = [
        ("CSV, a row a line", LINE_CSV, "csv.writer", partial(write_csv, lines)),
        ("CSV, a row a document", DOCUMENT_CSV, "csv.writer", partial(write_csv, whole)),
        ("Fixed, a row a line", fixed_definition(), "by hand", partial(write_fixed_by_hand, documents)),
    ]
    for name, definition, peer, theirs in pairs:
        mine, other = rates(partial(format_all, compiled(definition), documents), theirs)
        print(f"{name:24}{mine:>10,.0f} rows/s   {peer:11}{other:>10,.0f} rows/s   ratio {mine / other:.2f}")


if __name__ == "__main__":
    main()
