"""What an 820 says of a payment of each kind, and of a batch payment over several exports."""

from datetime import date
from decimal import Decimal

import pytest

from core.errors import Invalid
from core.formats import ExportFacts, Totals
from edi_app.x12.formatter import compile_x12
from edi_app.x12.reader import read_interchanges
from edi_app.x12.validator import validate_set
from tests.edi_app.x12.documents import CONTACT, envelope, payment, render, segments, settled, tagged

US, THEM = "Harbor Supply Co", "Northwind Retail Inc*92*NW01"
CREDIT = {"CreditNoteID": "1", "CreditNoteNumber": "CN-7", "Total": Decimal("500.00"), "CurrencyCode": "USD"}
PREPAID = {"PrepaymentID": "8888cccc-0000-4a5b-8c6d-7e8f90a1b2c3", "Total": Decimal("500.00"), "CurrencyCode": "USD"}
OVERPAID = {"OverpaymentID": "9999cccc-0000-4a5b-8c6d-7e8f90a1b2c3", "Total": Decimal("500.00"), "CurrencyCode": "USD"}
BATCH = {
    "BatchPaymentID": "bbbb1c2d-0000-4e5f-8a6b-7c8d9e0f1a21",
    "Type": "PAYBATCH",
    "TotalAmount": Decimal("1500.00"),
    "Date": date(2026, 11, 21),
    "Reference": "PAYRUN 7",
    "Account": {"Code": "1010"},
}


def test_a_payment_from_head_to_foot():
    assert segments(payment()) == [
        "ST*820*0001",
        "BPR*I*500*C*ZZZ*NON***********20261121",
        "TRN*1*WIRE 5521",
        "CUR*PR*USD",
        "REF*ZZ**9a0b1c2d-0000-4e5f-8a6b-7c8d9e0f1a2b",
        "DTM*097*20261120",
        "N1*PR*Harbor Supply Co",
        "N1*PE*Northwind Retail Inc*92*NW01",
        "ENT*1",
        "RMR*IV*BILL-9*PP*500*600",
        "REF*PO*PO-77",
        "DTM*003*20261101",
        "SE*13*0001",
    ]


@pytest.mark.parametrize(
    ("kind", "joined", "payer", "payee", "rmr"),
    [
        ("ACCRECPAYMENT", {"Invoice": settled()}, THEM, US, "IV*BILL-9*PP*500*600"),
        ("ACCPAYPAYMENT", {"Invoice": settled()}, US, THEM, "IV*BILL-9*PP*500*600"),
        ("ARCREDITPAYMENT", {"CreditNote": CREDIT}, US, THEM, "CL*CN-7**500*500"),
        ("APCREDITPAYMENT", {"CreditNote": CREDIT}, THEM, US, "CL*CN-7**500*500"),
        ("AROVERPAYMENTPAYMENT", {"Overpayment": OVERPAID}, US, THEM, "ZZ*9999cccc00004a5b8c6d7e8f90a1b2**500*500"),
        ("ARPREPAYMENTPAYMENT", {"Prepayment": PREPAID}, US, THEM, "ZZ*8888cccc00004a5b8c6d7e8f90a1b2**500*500"),
        ("APOVERPAYMENTPAYMENT", {"Overpayment": OVERPAID}, THEM, US, "ZZ*9999cccc00004a5b8c6d7e8f90a1b2**500*500"),
        ("APPREPAYMENTPAYMENT", {"Prepayment": PREPAID}, THEM, US, "ZZ*8888cccc00004a5b8c6d7e8f90a1b2**500*500"),
    ],
)
def test_each_kind_says_who_pays_whom_for_what(kind, joined, payer, payee, rmr):
    rows = segments(payment(PaymentType=kind, **joined))
    assert f"N1*PR*{payer}" in rows
    assert f"N1*PE*{payee}" in rows
    assert f"RMR*{rmr}" in rows
    assert rows[1].startswith("BPR*I*500*C*")


def test_a_full_payment_has_no_action_and_a_partial_one_does():
    assert tagged("RMR", payment(Amount=Decimal("600.00"))) == ["RMR*IV*BILL-9**600*600"]


def test_without_a_reference_the_id_traces_the_payment():
    assert tagged("TRN", payment(Reference="")) == ["TRN*1*9a0b1c2d00004e5f8a6b7c8d9e0f1a"]
    assert tagged("TRN", payment(Reference=" "), version="005010") == ["TRN*1*9a0b1c2d00004e5f8a6b7c8d9e0f1a2b"]


def test_the_method_follows_from_the_account():
    definition = {"options": {"methods": {"1010": "ACH/CTX", "BANK": "CHK", "default": "FWT"}}}
    assert tagged("BPR", payment(), definition)[0].startswith("BPR*I*500*C*ACH*CTX*")
    other = payment(Account={"Code": "1020", "Type": "BANK"})
    assert tagged("BPR", other, definition)[0].startswith("BPR*I*500*C*CHK**")
    assert tagged("BPR", payment(Account={}), definition)[0].startswith("BPR*I*500*C*FWT**")


@pytest.mark.parametrize(
    ("changes", "said", "code"),
    [
        ({"Status": "DELETED"}, "was deleted", "EDI_PAYMENT_DELETED"),
        ({"PaymentType": "BARTER"}, "no payment type 'BARTER'", "MAP_WRONG_STATUS"),
        ({"Invoice": {"InvoiceNumber": "X"}}, "Invoice of payment WIRE 5521 is not known", "MAP_REQUIRED_EMPTY"),
        ({"Invoice": {}}, "is not known", "MAP_REQUIRED_EMPTY"),
        ({"Contact": {}}, "Contact.Name is empty", "MAP_REQUIRED_EMPTY"),
        ({"Amount": None}, "Amount is empty", "MAP_REQUIRED_EMPTY"),
        ({"Amount": Decimal("-5.00")}, "a payment is not negative", "EDI_TOTAL_MISMATCH"),
        ({"Reference": "R" * 31}, "TRN02 allows 30", "MAP_TOO_LONG"),
        ({"Date": None}, "BPR16 is required", "MAP_REQUIRED_EMPTY"),
    ],
)
def test_what_cannot_be_said_is_refused_by_name(changes, said, code):
    with pytest.raises(Invalid) as caught:
        render(payment(**changes))
    assert said in str(caught.value)
    assert caught.value.code == code
    assert caught.value.holds == (code == "EDI_PAYMENT_DELETED")


def test_bpr02_must_be_what_the_remittances_add_up_to():
    with pytest.raises(Invalid, match=r"remittances add up to 500, the payment \(BPR02\) says 600"):
        render(payment(), {"set": {"BPR02": "Invoice.Total"}})


def batch(*changes):
    return [
        payment(**{"PaymentID": f"{at}a0b1c2d-0000-4e5f-8a6b-7c8d9e0f1a2b", "BatchPayment": BATCH, **change})
        for at, change in enumerate(changes, start=1)
    ]


def written(documents, definition=None, first=1, **block):
    """Give a whole file with one batch, as the pipeline puts it together."""
    formatter = compile_x12({"base": "x12-820", **(definition or {})}, stream="payments", tables={})
    given = envelope(**block)
    facts = [ExportFacts(position=first + at) for at in range(len(documents))]
    for at in range(1, len(documents)):
        facts[at] = facts[at]._replace(follows_contact=documents[at - 1].contact_id)
    contents = [formatter.content(*pair, given) for pair in zip(documents, facts, strict=True)]
    head, tail = (part(documents, facts, given) for part in (formatter.group_head, formatter.group_tail))
    sums = {"sets": sum((item.sums.get("sets", Decimal(0)) for item in contents), Decimal(0))}
    trailer = formatter.trailer(given, Totals(exports=len(documents), groups=1, sums=sums))
    return formatter.header(given) + head + b"".join(item.data for item in contents) + tail + trailer


def rows_of(data):
    (found,), _ = read_interchanges(data)
    ((one,),) = [group.sets for group in found.groups]
    assert (found.faults, found.groups[0].faults, one.faults, validate_set(one)) == ((), (), (), [])
    return one.segments


def test_a_batch_is_one_set_over_several_exports():
    rows = rows_of(written(batch({}, {"Amount": Decimal("1000.00")}), first=3))
    assert rows[:3] == ["ST*820*0003", "BPR*I*1500*C*ZZZ*NON***********20261121", "TRN*1*PAYRUN 7"]
    assert [row for row in rows if row.startswith(("ENT", "NM1", "RMR"))] == [
        "ENT*3*PE*92*NW01",
        "NM1*PE*2*Northwind Retail Inc",
        "RMR*IV*BILL-9*PP*500*600",
        "RMR*IV*BILL-9**1000*600",
    ]


def test_a_batch_to_several_contacts_names_each_in_its_entity():
    other = {"ContactID": "x", "Name": "Second Supplier", "AccountNumber": "SS02"}
    rows = rows_of(written(batch({}, {"Amount": Decimal("1000.00"), "Contact": other})))
    assert [row for row in rows if row.startswith(("N1", "ENT"))] == [
        "N1*PR*Harbor Supply Co",
        "ENT*1*PE*92*NW01",
        "ENT*2*PE*92*SS02",
    ]


def test_what_goes_the_other_way_counts_against_the_batch():
    refund = {"PaymentType": "APCREDITPAYMENT", "CreditNote": CREDIT, "Amount": Decimal("200.00")}
    rows = rows_of(written(batch({"Amount": Decimal("1700.00")}, refund)))
    assert rows[1].startswith("BPR*I*1500*C*")
    assert "RMR*CL*CN-7*PP*-200*500" in rows


def test_a_deleted_payment_of_a_batch_holds_it_or_counts_negative():
    documents = batch({"Amount": Decimal("2000.00")}, {"Status": "DELETED"})
    with pytest.raises(Invalid, match="was deleted"):
        written(documents)
    rows = rows_of(written(documents, {"options": {"deleted_in_batch": "negative"}}))
    assert rows[1].startswith("BPR*I*1500*C*")


def test_a_batch_waits_until_it_adds_up():
    formatter = compile_x12({"base": "x12-820"}, stream="payments", tables={})
    documents = batch({}, {"Amount": Decimal("1000.00")})
    assert formatter.group_key(documents[0]) == formatter.group_key(documents[1]) == BATCH["BatchPaymentID"]
    assert not formatter.group_complete(documents[:1])
    assert formatter.group_complete(documents)
    assert formatter.group_key(payment()) == ""


def test_a_partner_may_want_each_payment_by_itself():
    definition = {"options": {"group": "payment"}}
    formatter = compile_x12({"base": "x12-820", **definition}, stream="payments", tables={})
    (document,) = batch({})
    assert formatter.group_key(document) == ""
    assert segments(document, definition)[0] == "ST*820*0001"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([{}, {"Invoice": settled(CurrencyCode="NZD")}], "payments in NZD and USD"),
        ([{"PaymentType": "ACCRECPAYMENT"}], "cannot be negative"),
    ],
)
def test_a_batch_that_makes_no_sense_is_refused(changes, said):
    with pytest.raises(Invalid, match=said):
        written(batch(*changes))


def test_payments_cannot_be_changed_or_cancelled():
    formatter = compile_x12({"base": "x12-820"}, stream="payments", tables={})
    assert [formatter.supports(action) for action in ("new", "change", "cancel")] == [True, False, False]


def test_a_receipt_batch_has_several_payers():
    other = {**CONTACT, "ContactID": "x", "Name": "Second Customer", "AccountNumber": "SC02"}
    changes = {"PaymentType": "ACCRECPAYMENT", "BatchPayment": {**BATCH, "Type": "RECBATCH"}}
    rows = rows_of(written(batch(changes, {**changes, "Contact": other})))
    assert [row for row in rows if row.startswith(("N1", "ENT"))] == [
        "N1*PE*Harbor Supply Co",
        "ENT*1*PR*92*NW01",
        "ENT*2*PR*92*SC02",
    ]
