"""Golden files in tests/golden/x12: whole interchanges of both releases, byte for byte, for people to read."""

from decimal import Decimal
from pathlib import Path

import pytest

from core.formats import ExportFacts, Totals
from edi_app.x12.acknowledge import render_acknowledgment
from edi_app.x12.formatter import compile_x12
from edi_app.x12.judging import check_interchanges
from edi_app.x12.verdict import AckOptions, Lists
from tests.edi_app.x12.documents import (
    CONTACT,
    GST,
    MOMENT,
    ORGANISATION,
    STATE_AND_CITY,
    credit_note,
    envelope,
    invoice,
    line,
    payment,
    settled,
)
from tests.edi_app.x12.interchanges import data_of, segments_of, wrap
from tests.edi_app.x12.test_payments import batch, written

FOLDER = Path(__file__).parent.parent.parent / "golden" / "x12"
NZ = ORGANISATION | {"CountryCode": "NZ", "TaxNumber": "123-456-789", "LegalName": "Pōneke Timber Ltd"}
GST_LINE = {"TaxType": "OUTPUT2", "TaxRate": GST}
DISCOUNTED = [
    line("87.50", quantity="4.0000", price="25.0000", tax="7.22", DiscountRate=Decimal("12.5"), ItemCode="WIDGET-2")
    | {"TaxType": "TAX001", "TaxRate": STATE_AND_CITY, "Description": "Green widget\nwith a dent"},
    line("12.00", Description="Freight", AccountCode="4100"),
    {"Description": "Sorry for the inconvenience"},
]
CASES = {
    "810-invoice": ([invoice()], {}),
    "810-inclusive-gst": (
        [
            invoice(
                [line("33.33", tax="4.35", price="33.3300", **GST_LINE) for _ in range(3)],
                LineAmountTypes="Inclusive",
                CurrencyCode="NZD",
                Organisation=NZ,
                Contact=CONTACT | {"Name": "Kōwhai & Söhne *trading* as ~K~", "Addresses": []},
            )
        ],
        {},
    ),
    "810-credit-note": (
        [credit_note(DISCOUNTED)],
        {"options": {"discount": "gross", "charges": {"4100": "D240"}, "our_id": "V-100"}},
    ),
    "810-partner": (
        [invoice(), invoice(InvoiceNumber="INV-0043", Reference="PO-992")],
        {
            "options": {"tax": "sac", "reference_is_po": True},
            "order": ["N1[SE]", "N1[BT]"],
            "set": {"REF[DP]02": "'0040'", "DTM[011]02": "Date", "N1[ST]/N102": "Contact.Name"},
            "drop": ["REF[ZZ]", "N1[SE]/REF"],
        },
    ),
    "820-payment": ([payment(), payment(Amount=Decimal("600.00"), Reference="")], {}),
    "820-refund": (
        [
            payment(
                PaymentType="ARCREDITPAYMENT",
                CreditNote=settled() | {"CreditNoteID": "1", "CreditNoteNumber": "CN-7"},
                Amount=Decimal("600.00"),
            )
        ],
        {"options": {"methods": {"1010": "CHK"}, "our_id": "V-100"}},
    ),
}


def file_of(documents, definition, version):
    base = "x12-820" if documents[0].stream == "payments" else "x12-810"
    formatter = compile_x12({"base": base, **definition}, stream=documents[0].stream, tables={})
    given = envelope(version)
    contents = [
        formatter.content(document, ExportFacts(position=at), given) for at, document in enumerate(documents, start=1)
    ]
    totals = Totals(exports=len(contents), sums={"sets": Decimal(len(contents))})
    return formatter.header(given) + b"".join(item.data for item in contents) + formatter.trailer(given, totals)


def written_down(name: str) -> bytes:
    return (FOLDER / f"{name}.edi").read_bytes()


@pytest.mark.parametrize("version", ["004010", "005010"])
@pytest.mark.parametrize("name", sorted(CASES))
def test_documents_come_out_as_written_down(name, version):
    assert file_of(*CASES[name], version) == written_down(f"{name}-{version}")


@pytest.mark.parametrize("version", ["004010", "005010"])
def test_a_batch_comes_out_as_written_down(version):
    other = {"ContactID": "x", "Name": "Second Supplier", "AccountNumber": "SS02"}
    documents = batch({}, {"Amount": Decimal("400.00")}, {"Amount": Decimal("600.00"), "Contact": other})
    assert written(documents, version=version) == written_down(f"820-batch-{version}")


@pytest.mark.parametrize("lists", list(Lists))
@pytest.mark.parametrize("version", ["004010", "005010"])
def test_our_answer_comes_out_as_written_down(version, lists):
    good, bad = segments_of("850"), segments_of("850")
    bad[0], bad[-1] = "ST*850*0002", "SE*21*0002"
    bad[1] = "BEG*00*SA*PO-0000000000000000000005150**20261310"
    bad[14] = "PO1*1*10**25.5**BP"
    segments = wrap([*good, *bad], functional_id="PO", version=version, wants_ta1=True, count=2)
    (checked,) = check_interchanges([data_of(segments)])
    answer = render_acknowledgment(
        checked, options=AckOptions(lists=lists), numbers={"ISA": 900, "GS": 800}, moment=MOMENT
    )
    assert answer == written_down(f"997-{lists}-{version}")
