"""Credit applied to invoices, as objects of their own."""

from decimal import Decimal

import pytest

from xero_app.allocations import derive_allocations
from xero_app.errors import XeroBadRecord
from xero_app.parse import parse_document

CREDIT = (
    r'{"CreditNoteID":"c1","CreditNoteNumber":"CN-1","Type":"ACCRECCREDIT","Status":"%s","Total":100.00,'
    r'"RemainingCredit":%s,"CurrencyCode":"USD","CurrencyRate":1.000000,"Contact":{"ContactID":"51"},'
    r'"LineItems":[{"LineAmount":100.00}],"Allocations":[%s],"UpdatedDateUTC":"\/Date(%d+0000)\/"}'
)
FIRST = r'{"AllocationID":"a1","Amount":30.50,"Date":"\/Date(1791158400000+0000)\/","Invoice":{"InvoiceID":"i1"}}'
SECOND = r'{"AllocationID":"a2","Amount":20.00,"Date":"\/Date(1791244800000+0000)\/","Invoice":{"InvoiceID":"i2"}}'
NAMELESS = r'{"Amount":5.00,"Date":"\/Date(1791244800000+0000)\/","Invoice":{"InvoiceID":"i2"}}'


def credit(*allocations, status="PAID", remaining="50.00", moment=1792530847613):
    return (CREDIT % (status, remaining, ",".join(allocations), moment)).encode()


def derived(payload, **options):
    items = derive_allocations("credit_notes", payload, **options)
    return {document.xero_id: document for document in (parse_document("allocations", item) for item in items)}


def test_each_allocation_becomes_a_document_with_its_credit_and_invoice():
    documents = derived(credit(FIRST, SECOND))

    first = documents["a1"]
    assert set(documents) == {"a1", "a2"}
    assert (first.number, first.kind, first.status) == ("CN-1", "ACCRECCREDIT", "AUTHORISED")
    assert (first.contact_id, first.currency, str(first.total)) == ("51", "USD", "30.50")
    assert first.values["Invoice"] == {"InvoiceID": "i1"}
    assert first.values["CreditNote"]["Total"] == Decimal("100.00")


def test_an_allocation_that_vanished_comes_once_more_as_deleted():
    documents = derived(credit(SECOND, moment=1792530999000), previous=credit(FIRST, SECOND))

    assert set(documents) == {"a1"}
    assert documents["a1"].status == "DELETED"
    assert documents["a1"].updated_at.microsecond == 0


def test_using_up_more_of_a_credit_leaves_earlier_allocations_alone():
    before, after = credit(FIRST, remaining="69.50"), credit(FIRST, SECOND, moment=1792530999000)

    assert set(derived(after, previous=before)) == {"a2"}
    assert derived(before, previous=before) == {}


def test_voiding_the_credit_ends_its_allocations():
    documents = derived(credit(FIRST, status="VOIDED"), previous=credit(FIRST))

    assert documents["a1"].status == "DELETED"


def test_old_allocations_without_an_id_get_a_lasting_one():
    first, second = derived(credit(NAMELESS)), derived(credit(NAMELESS, moment=1792530999000))

    assert list(first) == list(second)
    assert len(next(iter(first))) == 36


@pytest.mark.parametrize("payload", [b"[]", b'{"Allocations":7}', b'{"Allocations":[7]}', b"{", b"\xff"])
def test_a_credit_that_cannot_be_read_is_refused(payload):
    with pytest.raises(XeroBadRecord):
        derive_allocations("credit_notes", payload)


@pytest.mark.parametrize("stream", ["credit_notes", "prepayments", "overpayments"])
def test_what_the_books_hold_adds_up(client, xero, stream):
    credit_id = xero.store.streams[stream].in_id_order()[0].id
    held = xero.holdings(streams=[stream])[stream]
    applied = {item["id"]: [Decimal(part["amount"]) for part in item["applied"] if "to" in part] for item in held}

    for payload in client.page(stream).items:
        document = parse_document(stream, payload)
        items = [parse_document("allocations", item) for item in derive_allocations(stream, payload)]
        assert sorted(item.total for item in items) == sorted(applied[document.xero_id])
    assert credit_id in applied
