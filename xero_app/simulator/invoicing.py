"""Creating and changing invoices, credit notes, prepayments, overpayments and manual journals."""

from datetime import timedelta
from decimal import Decimal

from xero_app.simulator.checks import FIRST_STATUS, check_balance, check_fields, check_update
from xero_app.simulator.compose import add_totals, compose_document, compose_journal, compose_line
from xero_app.simulator.documents import Doc, Row
from xero_app.simulator.given import exact, with_contact
from xero_app.simulator.ledger import Ledger, Refusal, is_silent
from xero_app.simulator.settle import amount_credited, amount_paid, settle

_ID_FIELDS = {
    "invoices": "InvoiceID", "credit_notes": "CreditNoteID", "prepayments": "PrepaymentID",
    "overpayments": "OverpaymentID",
}  # fmt: skip
_USUAL_TYPES = {
    "invoices": "ACCREC", "credit_notes": "ACCRECCREDIT", "prepayments": "RECEIVE-PREPAYMENT",
    "overpayments": "RECEIVE-OVERPAYMENT",
}  # fmt: skip


def create_document(ledger: Ledger, stream: str, fields: Doc) -> Row:
    """A new invoice, credit note, prepayment or overpayment; `Amount` alone makes one untaxed line of it."""
    given: Doc = {"Type": _USUAL_TYPES[stream], "Status": "AUTHORISED", "Date": ledger.today()}
    given |= {name: value for name, value in exact(fields).items() if value is not None}
    check_fields(stream, given, books=ledger.books)
    if given["Status"] not in FIRST_STATUS:
        msg = f"A new document begins as {', '.join(FIRST_STATUS)}, not {given['Status']}."
        raise Refusal(msg)
    amount = given.pop("Amount", None)
    if "LineItems" not in given:
        given = {"LineAmountTypes": "NoTax", **given, "LineItems": [_simple_line(given, amount)]}
    given = with_contact(ledger.books, given, usual="IsCustomer" if _is_sale(given) else "IsSupplier")
    _number(ledger, stream, given)
    id_field = _ID_FIELDS[stream]
    doc = compose_document(ledger.books, given, id_field=id_field, today=ledger.today(), new_id=ledger.new_id)
    return ledger.add(stream, doc, xero_id=doc[id_field])


def _number(ledger: Ledger, stream: str, given: Doc) -> None:
    """Sales get the next number by themselves, and an invoice a due date."""
    if stream == "invoices":
        given.setdefault("DueDate", given["Date"] + timedelta(days=30))
        if _is_sale(given) and "InvoiceNumber" not in given:
            given["InvoiceNumber"] = f"INV-{ledger.books.next_number:05d}"
            ledger.books.next_number += 1
    elif given["Type"] == "ACCRECCREDIT" and "CreditNoteNumber" not in given:
        given["CreditNoteNumber"] = f"CN-N{len(ledger.books.streams[stream]) + 1:04d}"


def _is_sale(given: Doc) -> bool:
    return str(given["Type"]).startswith(("ACCREC", "RECEIVE"))


def _simple_line(given: Doc, amount: Decimal | None) -> Doc:
    """One line over an amount (100.00 when none is given), on the usual account."""
    return {
        "Description": "Simulated goods", "Quantity": 1, "UnitAmount": Decimal("100.00") if amount is None else amount,
        "AccountCode": "4000" if _is_sale(given) else "5000",
    }  # fmt: skip


def update_document(ledger: Ledger, stream: str, xero_id: str, fields: Doc) -> Row:
    """Changes fields; new lines work the totals out again, a new status must be a legal step, None takes away."""
    given = exact(fields)
    check_fields(stream, given, books=ledger.books)
    if given.get("Contact") or given.get("ContactID"):
        given = with_contact(ledger.books, given, usual="IsCustomer")
    row, doc = ledger.edit(stream, xero_id)
    check_update(given, doc)
    changed = {name for name, value in given.items() if doc.get(name) != value}
    silent = stream == "invoices" and is_silent(doc, changed)
    fresh = _changed(ledger, doc, given)
    doc.clear()
    doc.update(fresh)
    settle(doc, on=ledger.today())
    ledger.done(row, doc, bump=not silent)
    return row


def _changed(ledger: Ledger, doc: Doc, given: Doc) -> Doc:
    """The document as it will be. Refusal when less would be left than is paid already."""
    given = dict(given)
    total, lines, amount = (given.pop(name, None) for name in ("Total", "LineItems", "Amount"))
    if amount is not None:
        lines = [_simple_line(doc, amount)]
    if "CurrencyCode" in given and "CurrencyRate" not in given:
        given["CurrencyRate"] = ledger.books.rate(given["CurrencyCode"])
    fresh = {name: value for name, value in {**doc, **given}.items() if value is not None}
    if lines is not None or "LineAmountTypes" in given:
        types = fresh["LineAmountTypes"]
        source = doc["LineItems"] if lines is None else lines
        fresh["LineItems"] = [_composed(ledger, line, types, keep=lines is not None) for line in source]
    if lines is not None or total is not None or "LineAmountTypes" in given:
        add_totals(fresh, total=total)
    if fresh["Total"] < amount_paid(fresh) + amount_credited(fresh):
        msg = f"{amount_paid(fresh) + amount_credited(fresh)} is settled already; the total cannot fall below it."
        raise Refusal(msg)
    return fresh


def _composed(ledger: Ledger, line: Doc, types: str, *, keep: bool) -> Doc:
    """A line under these tax rules; lines that were there already have their tax worked out again."""
    given = line if keep else {name: value for name, value in line.items() if name != "TaxAmount"}
    return compose_line(ledger.books, given, line_amount_types=types, new_id=ledger.new_id)


def create_journal(ledger: Ledger, fields: Doc) -> Row:
    """A new manual journal; `Amount` alone makes a debit and a credit. Refusal when the lines do not balance."""
    given: Doc = {"Narration": "Simulated journal"}
    given |= {name: value for name, value in exact(fields).items() if value is not None}
    check_fields("manual_journals", given, books=ledger.books)
    amount = given.pop("Amount", Decimal("100.00"))
    given.setdefault("JournalLines", _simple_journal(amount))
    doc = compose_journal(ledger.books, given, today=ledger.today(), new_id=ledger.new_id)
    check_balance(doc)
    return ledger.add("manual_journals", doc, xero_id=doc["ManualJournalID"], event=False)


def _simple_journal(amount: Decimal) -> list[Doc]:
    return [
        {"Description": "Debit", "LineAmount": amount, "AccountCode": "6200"},
        {"Description": "Credit", "LineAmount": -amount, "AccountCode": "2300"},
    ]


def update_journal(ledger: Ledger, xero_id: str, fields: Doc) -> Row:
    """Changes a journal; new lines or LineAmountTypes are composed again and must balance."""
    given = exact(fields)
    check_fields("manual_journals", given, books=ledger.books)
    row, doc = ledger.edit("manual_journals", xero_id)
    check_update(given, doc)
    fresh = {**doc, **{name: value for name, value in given.items() if value is not None}}
    if "JournalLines" in given or "LineAmountTypes" in given:
        fresh = compose_journal(ledger.books, fresh, today=ledger.today(), new_id=ledger.new_id)
        check_balance(fresh)
    doc.update(fresh)
    ledger.done(row, doc, event=False)
    return row
