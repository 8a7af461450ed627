"""A thousand varied documents of each set: every one is produced in both versions, valid, with Xero's figures."""

from decimal import Decimal

import pytest

from core.formats import ExportFacts, Totals
from edi_app.x12.formatter import compile_x12
from edi_app.x12.reader import read_interchanges
from edi_app.x12.validator import validate_set
from tests.edi_app.x12.documents import envelope
from tests.edi_app.x12.figures import check_invoice, check_payment
from tests.edi_app.x12.varied import varied_invoice, varied_payment

COUNT = 1000
VERSIONS = ("004010", "005010")


def interchange_of(documents, base, version):
    """Put documents into one interchange and read it back; give the elements of each set, all of them valid."""
    definition = {"base": base, "options": {"collapse_quantity": True}}
    formatters = {stream: compile_x12(definition, stream=stream, tables={}) for stream in {d.stream for d in documents}}
    given, first = envelope(version), next(iter(formatters.values()))
    contents = [
        formatters[document.stream].content(document, ExportFacts(position=position), given).data
        for position, document in enumerate(documents, start=1)
    ]
    totals = Totals(exports=len(contents), sums={"sets": Decimal(len(contents))})
    data = first.header(given) + b"".join(contents) + first.trailer(given, totals)
    (found,), damage = read_interchanges(data)
    (group,) = found.groups
    assert (damage, found.faults, group.faults) == ("", (), ())
    assert [faults for one in group.sets if (faults := [*one.faults, *validate_set(one)])] == []
    return [one.elements() for one in group.sets]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_invoice_is_valid_and_says_xeros_figures(version):
    documents = [varied_invoice(number) for number in range(COUNT)]
    for document, rows in zip(documents, interchange_of(documents, "x12-810", version), strict=True):
        check_invoice(document, rows)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_payment_is_valid_and_says_xeros_figures(version):
    documents = [varied_payment(number) for number in range(COUNT)]
    for document, rows in zip(documents, interchange_of(documents, "x12-820", version), strict=True):
        check_payment(document, rows)


def test_they_are_varied():
    documents = [varied_invoice(number).values for number in range(COUNT)]
    payments = [varied_payment(number).values for number in range(COUNT)]
    assert {item["Type"] for item in documents} == {"ACCREC", "ACCPAY", "ACCRECCREDIT", "ACCPAYCREDIT"}
    assert {item["LineAmountTypes"] for item in documents} == {"Exclusive", "Inclusive", "NoTax"}
    assert len({item["CurrencyCode"] for item in documents}) == 7
    assert {"DiscountRate", "DiscountAmount", "ItemCode"} <= {
        key for d in documents for row in d["LineItems"] for key in row
    }
    assert {len(item["LineItems"]) for item in documents} == {0, 1, 2, 3, 8}
    assert max(len(item.get("InvoiceNumber", "")) for item in documents) == 22
    assert len({item["PaymentType"] for item in payments}) == 8
