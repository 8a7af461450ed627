"""What an 810 says of an invoice, a bill and a credit note."""

from datetime import date
from decimal import Decimal

import pytest

from core.errors import Invalid
from core.formats import ExportFacts
from tests.edi_app.x12.documents import CONTACT, ORGANISATION, credit_note, invoice, line, render, segments, tagged


def test_an_invoice_from_head_to_foot():
    assert segments(invoice()) == [
        "ST*810*0001",
        "BIG*20261120*INV-0042*****DI",
        "CUR*SE*USD",
        "REF*ZZ**2f1b3c4d-0000-4a5b-8c6d-7e8f90a1b2c3",
        "N1*BT*Northwind Retail Inc*92*NW01",
        "N3*12 Lake Ave*Floor 2",
        "N4*Madison*WI*537031234*US",
        "N1*SE*Harbor Supply Co",
        "N3*9 Pier Rd",
        "N4*Chicago*IL*60601*US",
        "REF*TJ*36-1234567",
        "ITD*05*3****20261220*30",
        "IT1*1*10*EA*25.5**VP*WIDGET-1",
        "PID*F****Blue widget",
        "IT1*2*3*EA*100",
        "PID*F****Fitting",
        "TDS*57604",
        "TXI*ST*15.94*6.25",
        "TXI*LT*5.1*2",
        "CTT*2",
        "SE*21*0001",
    ]


def test_the_later_release_has_room_for_the_id_in_ref02():
    assert tagged("REF", invoice(), version="005010")[0] == "REF*ZZ*2f1b3c4d-0000-4a5b-8c6d-7e8f90a1b2c3"


def test_a_bill_is_billed_to_us():
    bill = invoice(Type="ACCPAY", InvoiceNumber="RPT-DD")
    assert tagged("N1", bill) == ["N1*BT*Harbor Supply Co", "N1*SE*Northwind Retail Inc*92*NW01"]
    definition = {"options": {"our_id": "HARBOR", "contact_id_qualifier": "91"}}
    assert tagged("N1", bill, definition) == [
        "N1*BT*Harbor Supply Co*92*HARBOR",
        "N1*SE*Northwind Retail Inc*91*NW01",
    ]


def test_a_credit_note_is_cr_with_positive_figures():
    rows = segments(credit_note())
    assert rows[1] == "BIG*20261120*CN-7*****CR"
    assert "TDS*57604" in rows
    assert "IT1*1*10*EA*25.5**VP*WIDGET-1" in rows


def test_a_partner_may_want_negative_credit_notes():
    rows = segments(credit_note(), {"options": {"credit_sign": "negative"}})
    assert "TDS*-57604" in rows
    assert "IT1*1*-10*EA*25.5**VP*WIDGET-1" in rows
    assert "TXI*ST*-15.94*6.25" in rows


def test_the_reference_is_the_order_number_only_where_the_partner_says_so():
    definition = {"options": {"reference_is_po": True}}
    assert tagged("BIG", invoice(), definition) == ["BIG*20261120*INV-0042**PO-991***DI"]
    assert tagged("BIG", invoice(Type="ACCPAY"), definition) == ["BIG*20261120*INV-0042*****DI"]


@pytest.mark.parametrize(("action", "big08"), [("new", ""), ("change", "*05"), ("cancel", "*01")])
def test_big08_says_what_happened(action, big08):
    status = "VOIDED" if action == "cancel" else "AUTHORISED"
    rows = tagged("BIG", invoice(Status=status), facts=ExportFacts(action=action))
    assert rows == [f"BIG*20261120*INV-0042*****DI{big08}"]


def test_a_voided_invoice_without_totals_takes_back_its_lines():
    voided = invoice(Status="VOIDED", Total=Decimal(0), TotalTax=Decimal(0))
    content = render(voided, facts=ExportFacts(action="cancel"))
    assert b"TDS*57604~" in content.data
    assert "voided" in content.warnings[0].reason


@pytest.mark.parametrize("status", ["DRAFT", "SUBMITTED", "VOIDED", "DELETED"])
def test_what_is_not_approved_is_not_sent(status):
    with pytest.raises(Invalid, match=status.lower()) as caught:
        render(invoice(Status=status))
    assert caught.value.code == "MAP_WRONG_STATUS"


def test_terms_need_a_due_date():
    assert tagged("ITD", invoice(DueDate=None)) == []
    assert tagged("ITD", invoice(DueDate=date(2026, 11, 1))) == ["ITD*05*3****20261101"]


def test_lines_that_only_say_something_are_notes_and_not_counted():
    lines = [line("10.00"), {"Description": "Thank you"}, line("0.00", Description="Free gift", price="0")]
    rows = segments(invoice(lines))
    assert [row for row in rows if row.startswith("NTE")] == ["NTE*GEN*Thank you", "NTE*GEN*Free gift"]
    assert "CTT*1" in rows


def test_an_invoice_without_lines_is_valid():
    rows = segments(invoice([]))
    assert rows[-3:] == ["TDS*0", "CTT*0", f"SE*{len(rows)}*0001"]


def test_an_invoice_with_ten_thousand_lines_is_valid():
    rows = segments(invoice([line("1.00") for _ in range(10_000)]))
    assert rows[-2:] == ["CTT*10000", "SE*20015*0001"]


def test_a_bill_without_a_number_is_a_problem_unless_its_id_may_stand_in():
    bill = invoice(Type="ACCPAY", InvoiceNumber="")
    with pytest.raises(Invalid, match="BIG02 is required, but InvoiceNumber is empty"):
        render(bill)
    content = render(bill, {"options": {"number_blank": "id"}})
    assert b"BIG*20261120*2F1B3C4D00004A5B8C6D7E*" in content.data
    assert content.warnings[0].path == "BIG02"


@pytest.mark.parametrize(
    ("changes", "said", "code"),
    [
        ({"CurrencyCode": ""}, "CUR02 is required", "MAP_REQUIRED_EMPTY"),
        ({"CurrencyCode": "XXX"}, "has no code 'XXX'", "MAP_BAD_VALUE"),
        ({"Contact": {"Addresses": []}}, "N1[BT]/N102 is required", "MAP_REQUIRED_EMPTY"),
        ({"Date": None}, "BIG01 is required", "MAP_REQUIRED_EMPTY"),
        ({"InvoiceNumber": "I" * 23}, '"InvoiceNumber" has 23 characters; BIG02 allows 22', "MAP_TOO_LONG"),
        ({"Contact": CONTACT | {"AccountNumber": "7"}}, "needs at least 2 characters", "MAP_TOO_SHORT"),
        ({"Total": None}, "Total is empty", "MAP_REQUIRED_EMPTY"),
        ({"Total": Decimal("NaN")}, "not an amount", "MAP_BAD_VALUE"),
        ({"Total": Decimal("576.041")}, "not an amount in cents", "MAP_BAD_VALUE"),
    ],
)
def test_what_cannot_be_said_is_refused_by_name(changes, said, code):
    with pytest.raises(Invalid) as caught:
        render(invoice(**changes))
    assert said in str(caught.value)
    assert "INV-0042" in str(caught.value) or "InvoiceNumber" in changes
    assert caught.value.code == code


def test_everything_wrong_is_named_at_once():
    with pytest.raises(Invalid) as caught:
        render(invoice(CurrencyCode="", Date=None, InvoiceNumber="I" * 30))
    assert [finding.path.split()[-1] for finding in caught.value.findings] == ["BIG01", "BIG02", "CUR02"]


def test_the_organisation_may_have_no_more_than_a_name():
    rows = tagged("N1", invoice(Organisation={"Name": ORGANISATION["Name"]}))
    assert rows[1] == "N1*SE*Harbor Supply"
