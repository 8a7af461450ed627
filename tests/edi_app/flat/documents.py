"""Documents, envelopes and one-line formatting for the tests of the flat formats."""

from datetime import UTC, date, datetime
from decimal import Decimal

from core.documents import Document
from core.formats import Envelope, ExportFacts, Totals
from edi_app.formatter import compile_formatter

NOW = datetime(2026, 11, 22, 21, 5, tzinfo=UTC)
ENVELOPE = Envelope(moment=NOW, sequence=7, sender="Harbor", partner="acme")


def line(amount="100.00", **values):
    return {"LineAmount": Decimal(amount), "Description": "Hinge", **values}


def invoice(*, lines=None, status="AUTHORISED", stream="invoices", **values):
    """An invoice whose one line adds up to its total; values given take precedence."""
    items = [line()] if lines is None else lines
    values = {
        "InvoiceID": "2f1b3c4d-0000-4a5b-8c6d-7e8f90a1b2c3",
        "InvoiceNumber": "INV-1",
        "Type": "ACCREC",
        "Date": date(2026, 10, 5),
        "LineAmountTypes": "NoTax",
        "CurrencyCode": "USD",
        "Total": sum((item["LineAmount"] for item in items if "LineAmount" in item), Decimal("0.00")),
        "Contact": {"Name": "Acme"},
        "LineItems": items,
        **values,
    }
    return Document(
        stream=stream,
        xero_id="2f1b3c4d",
        values=values,
        updated_at=NOW,
        number=values["InvoiceNumber"],
        status=status,
        total=values["Total"],
    )


def column(source, **settings):
    return {"name": settings.pop("name", "x"), "source": source, **settings}


def csv_mapping(*fields, **options):
    return {"format": "csv", "options": {"header": False, **options}, "fields": list(fields)}


def content(definition, document, *, facts=None, tables=None, stream="invoices"):
    formatter = compile_formatter(definition, stream=stream, tables=tables or {})
    return formatter.content(document, facts or ExportFacts(), ENVELOPE)


def text_of(definition, document, **settings):
    encoding = definition.get("options", {}).get("encoding", "utf-8")
    return content(definition, document, **settings).data.decode(encoding)


def whole_file(definition, documents, *, stream="invoices"):
    """A file as the pipeline makes it: header, contents, trailer with counts and sums."""
    formatter = compile_formatter(definition, stream=stream)
    contents = [formatter.content(document, ExportFacts(), ENVELOPE) for document in documents]
    sums = {}
    for part in contents:
        for name, amount in part.sums.items():
            sums[name] = sums.get(name, Decimal(0)) + amount
    totals = Totals(exports=len(contents), rows=sum(part.rows for part in contents), sums=sums)
    data = (formatter.header(ENVELOPE), *(part.data for part in contents), formatter.trailer(ENVELOPE, totals))
    return b"".join(data)
