"""Creating and changing invoices, credit notes, prepayments, overpayments and manual journals."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from xero_app.simulator.amounts import ZERO
from xero_app.simulator.compose import add_totals, compose_document, compose_journal, compose_line
from xero_app.simulator.documents import Doc, Row
from xero_app.simulator.given import decimal, exact, with_contact
from xero_app.simulator.ledger import Ledger, Refusal, is_silent
from xero_app.simulator.settle import amount_credited, amount_paid, settle

_ID_FIELDS = {
    "invoices": "InvoiceID", "credit_notes": "CreditNoteID", "prepayments": "PrepaymentID",
    "overpayments": "OverpaymentID",
}  # fmt: skip
_FIRST_STATUS = ("DRAFT", "SUBMITTED", "AUTHORISED")
_MOVES = {
    "SUBMITTED": ("DRAFT",),
    "AUTHORISED": ("DRAFT", "SUBMITTED"),
    "VOIDED": ("AUTHORISED",),
    "DELETED": ("DRAFT", "SUBMITTED"),
}


def create_invoice(ledger: Ledger, fields: Doc) -> Row:
    """A new invoice or bill; `Amount` alone makes one untaxed line. Refusal for a status it cannot begin with."""
    given = {"Type": "ACCREC", "Status": "AUTHORISED", "Date": ledger.today(), **exact(fields)}
    given.setdefault("DueDate", given["Date"] + timedelta(days=30))
    is_sale = given["Type"] == "ACCREC"
    if is_sale and "InvoiceNumber" not in given:
        given["InvoiceNumber"] = f"INV-{ledger.books.next_number:05d}"
        ledger.books.next_number += 1
    return _create(ledger, "invoices", given, usual="IsCustomer" if is_sale else "IsSupplier")


def create_credit(ledger: Ledger, stream: str, fields: Doc) -> Row:
    """A new credit note, prepayment or overpayment."""
    usual = {
        "credit_notes": "ACCRECCREDIT",
        "prepayments": "RECEIVE-PREPAYMENT",
        "overpayments": "RECEIVE-OVERPAYMENT",
    }
    given = {"Type": usual[stream], "Status": "AUTHORISED", "Date": ledger.today(), **exact(fields)}
    if given["Type"] == "ACCRECCREDIT" and "CreditNoteNumber" not in given:
        given["CreditNoteNumber"] = f"CN-N{len(ledger.books.streams[stream]) + 1:04d}"
    is_sale = given["Type"].startswith(("ACCREC", "RECEIVE", "AR"))
    return _create(ledger, stream, given, usual="IsCustomer" if is_sale else "IsSupplier")


def _create(ledger: Ledger, stream: str, given: Doc, *, usual: str) -> Row:
    if given["Status"] not in _FIRST_STATUS:
        msg = f"A new document begins as {', '.join(_FIRST_STATUS)}, not {given['Status']}."
        raise Refusal(msg)
    amount = given.pop("Amount", None)
    if "LineItems" not in given:
        given |= {
            "LineItems": [simple_line(given, amount)],
            "LineAmountTypes": given.get("LineAmountTypes", "NoTax"),
        }
    given = with_contact(ledger.books, given, usual=usual)
    id_field = _ID_FIELDS[stream]
    doc = compose_document(ledger.books, given, id_field=id_field, today=ledger.today(), new_id=ledger.new_id)
    return ledger.add(stream, doc, xero_id=doc[id_field])


def simple_line(given: Doc, amount: Any) -> Doc:
    """One line over an amount (100.00 when none is given), on the usual account."""
    is_sale = given["Type"].startswith(("ACCREC", "RECEIVE", "AR"))
    unit = decimal(amount) if amount is not None else Decimal("100.00")
    return {
        "Description": "Simulated goods",
        "Quantity": 1,
        "UnitAmount": unit,
        "AccountCode": "4000" if is_sale else "5000",
    }


def update_document(ledger: Ledger, stream: str, xero_id: str, fields: Doc) -> Row:
    """Changes fields; new lines work the totals out again, a new status must be a legal step."""
    given = exact(fields)
    row, doc = ledger.edit(stream, xero_id)
    if "Status" in given:
        _check_step(doc, given["Status"])
    if "Contact" in given:
        given = with_contact(ledger.books, given, usual="IsCustomer")
    changed = {name for name, value in given.items() if doc.get(name) != value}
    silent = stream == "invoices" and is_silent(doc, changed)
    _apply(ledger, doc, given)
    ledger.done(row, doc, bump=not silent)
    return row


def _apply(ledger: Ledger, doc: Doc, given: Doc) -> None:
    total, lines = given.pop("Total", None), given.pop("LineItems", None)
    amount = given.pop("Amount", None)
    if amount is not None:
        lines = [simple_line(doc, amount)]
    doc.update({name: value for name, value in given.items() if value is not None})
    for name in [name for name, value in given.items() if value is None]:
        doc.pop(name, None)
    if lines is not None:
        types = doc["LineAmountTypes"]
        doc["LineItems"] = [
            compose_line(ledger.books, line, line_amount_types=types, new_id=ledger.new_id) for line in lines
        ]
    if lines is not None or total is not None or "LineAmountTypes" in given:
        add_totals(doc, total=total)
    settle(doc, on=ledger.today())


def _check_step(doc: Doc, status: str) -> None:
    if status == doc["Status"]:
        return
    if doc["Status"] not in _MOVES.get(status, ()):
        msg = f"A document that is {doc['Status']} cannot become {status}."
        raise Refusal(msg)
    if status == "VOIDED" and (amount_paid(doc) or amount_credited(doc) != ZERO):
        msg = "A document with payments or credit on it cannot be voided; remove those first."
        raise Refusal(msg)


def create_journal(ledger: Ledger, fields: Doc) -> Row:
    """A new manual journal; `Amount` alone makes a debit and a credit. Refusal when the lines do not balance."""
    given = {"Narration": "Simulated journal", **exact(fields)}
    if "JournalLines" not in given:
        amount = given.pop("Amount", Decimal("100.00"))
        given["JournalLines"] = [
            {"Description": "Debit", "LineAmount": amount, "AccountCode": "6200"},
            {"Description": "Credit", "LineAmount": -amount, "AccountCode": "2300"},
        ]
    doc = compose_journal(ledger.books, given, today=ledger.today(), new_id=ledger.new_id)
    _check_balance(doc)
    return ledger.add("manual_journals", doc, xero_id=doc["ManualJournalID"], event=False)


def update_journal(ledger: Ledger, xero_id: str, fields: Doc) -> Row:
    """Changes a journal; new lines are composed again and must balance."""
    given = exact(fields)
    row, doc = ledger.edit("manual_journals", xero_id)
    if "JournalLines" in given:
        fresh = compose_journal(ledger.books, {**doc, **given}, today=ledger.today(), new_id=ledger.new_id)
        _check_balance(fresh)
        given["JournalLines"] = fresh["JournalLines"]
    doc.update(given)
    ledger.done(row, doc, event=False)
    return row


def _check_balance(doc: Doc) -> None:
    on_top = doc["LineAmountTypes"] == "Exclusive"
    total = sum((line["LineAmount"] + (line["TaxAmount"] if on_top else ZERO) for line in doc["JournalLines"]), ZERO)
    if total:
        msg = f"The journal does not balance: the lines add up to {total}."
        raise Refusal(msg)
