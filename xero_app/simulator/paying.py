"""Payments, batches and allocations: money moves on two documents at once."""

from datetime import date
from decimal import Decimal
from typing import Any

from xero_app.simulator.amounts import RATE_PLACES, cents, places
from xero_app.simulator.documents import Doc, Row
from xero_app.simulator.given import day, decimal
from xero_app.simulator.ledger import Ledger, Refusal
from xero_app.simulator.settle import (
    add_allocation,
    add_payment,
    amount_open,
    batch_document,
    new_payment,
    remove_payment,
)


def pay(ledger: Ledger, stream: str, xero_id: str, fields: Doc, *, event: bool) -> Row:
    """A payment on an open document, all that is open unless Amount says less; both get the same update time."""
    row, doc = ledger.edit(stream, xero_id)
    amount = cents(decimal(fields["Amount"])) if fields.get("Amount") not in (None, "") else amount_open(doc)
    _check_open(doc, amount)
    rate = fields.get("CurrencyRate")
    payment = new_payment(
        books=ledger.books, payment_id=ledger.new_id(), stream=stream, target=doc, target_id=row.id, amount=amount,
        on=day(fields.get("Date") or ledger.today()), reference=str(fields.get("Reference", "")),
        account=_account(ledger, fields, doc["CurrencyCode"]),
        rate=doc["CurrencyRate"] if rate is None else places(decimal(rate), RATE_PLACES),
    )  # fmt: skip
    add_payment(doc, payment)
    paid = ledger.add("payments", payment, xero_id=payment["PaymentID"], event=False)
    paid.contact_id = row.contact_id
    ledger.done(row, doc, at_ms=paid.updated_ms, event=event)
    return paid


def _check_open(doc: Doc, amount: Decimal) -> None:
    if doc["Status"] != "AUTHORISED":
        msg = f"Only an AUTHORISED document can be paid; this one is {doc['Status']}."
        raise Refusal(msg)
    if not 0 < amount <= amount_open(doc):
        msg = f"The amount must be above 0 and at most the {amount_open(doc)} that is open, not {amount}."
        raise Refusal(msg)


def _account(ledger: Ledger, fields: Doc, currency: str) -> Doc:
    code, account_id = str(fields.get("AccountCode", "")), str(fields.get("AccountID", ""))
    if not code and not account_id:
        return ledger.books.bank(currency)
    account = ledger.books.account(code=code, account_id=account_id)
    if account is None:
        msg = f"There is no account {code or account_id}."
        raise LookupError(msg)
    return account


def delete_payment(ledger: Ledger, payment_id: str, *, event: bool) -> Row:
    """Deletes a payment: it stays as DELETED, its document is open again, both are bumped."""
    row, payment = ledger.edit("payments", payment_id)
    if payment["Status"] == "DELETED":
        msg = "This payment is deleted already."
        raise Refusal(msg)
    target_row, target = ledger.edit(payment["TargetStream"], payment["TargetID"])
    remove_payment(target, payment)
    ledger.done(row, payment, event=False)
    ledger.done(target_row, target, event=event)
    return row


def pay_batch(ledger: Ledger, invoice_ids: list[str], fields: Doc, *, event: bool) -> Row:
    """One batch payment over all that is open on these invoices, which must be of one type and currency."""
    docs = [ledger.books.doc(ledger.books.find("invoices", xero_id)) for xero_id in invoice_ids]
    if not docs or len({(doc["Type"], doc["CurrencyCode"]) for doc in docs}) > 1:
        msg = "A batch needs invoices of one type and one currency."
        raise Refusal(msg)
    rows = [pay(ledger, "invoices", xero_id, fields, event=event) for xero_id in invoice_ids]
    kind = "RECBATCH" if docs[0]["Type"] == "ACCREC" else "PAYBATCH"
    on: date = day(fields.get("Date") or ledger.today())
    doc = batch_document(batch_id=ledger.new_id(), kind=kind, on=on, payments=[ledger.books.doc(row) for row in rows])
    return ledger.add("batch_payments", doc, xero_id=doc["BatchPaymentID"], event=False)


def allocate(ledger: Ledger, stream: str, credit_id: str, invoice_id: str, *, amount: Any, on: Any) -> Row:
    """Applies credit to an invoice of the same side, the most that both allow unless an amount is given."""
    row, credit = ledger.edit(stream, credit_id)
    invoice_row, invoice = ledger.edit("invoices", invoice_id)
    most = min(amount_open(credit), amount_open(invoice))
    wanted = most if amount in (None, "") else cents(decimal(amount))
    if credit["Status"] != "AUTHORISED" or invoice["Status"] != "AUTHORISED" or not 0 < wanted <= most:
        msg = f"At most {most} of this credit can be applied to this invoice, not {wanted}."
        raise Refusal(msg)
    add_allocation(
        stream=stream, credit=credit, credit_id=row.id, invoice=invoice, invoice_id=invoice_row.id, amount=wanted,
        on=day(on or ledger.today()), allocation_id=ledger.new_id(),
    )  # fmt: skip
    ledger.done(row, credit)
    ledger.done(invoice_row, invoice, at_ms=row.updated_ms)
    return row
