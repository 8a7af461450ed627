"""Credit notes, prepayments and overpayments with what they were applied to."""

from xero_app.simulator.books import Books
from xero_app.simulator.documents import Doc, Row
from xero_app.simulator.settle import amount_open
from xero_app.simulator.shapes.contacts import contact_stub, whole_contact
from xero_app.simulator.shapes.invoices import dates, line, payment_stubs, totals
from xero_app.simulator.shapes.view import View


def credit_note(books: Books, row: Row, view: View) -> Doc:
    """A credit note; Reference only on sales ones, allocations with the invoices they went to."""
    doc = books.doc(row)
    shown: Doc = {"CreditNoteID": row.id, "CreditNoteNumber": doc.get("CreditNoteNumber", "")}
    shown |= {"Payments": payment_stubs(books, doc), "ID": row.id, "HasErrors": False}
    shown |= {"CurrencyRate": doc["CurrencyRate"], "Type": doc["Type"]}
    shown["Reference"] = doc.get("Reference", "") if doc["Type"] == "ACCRECCREDIT" else ""
    for key in ("SentToContact", "BrandingThemeID"):
        if key in doc:
            shown[key] = doc[key]
    return shown | _rest(books, doc, row, view)


def prepayment(books: Books, row: Row, view: View) -> Doc:
    """A prepayment; Reference returns what the user typed as its number."""
    return _advance(books, row, view, "PrepaymentID")


def overpayment(books: Books, row: Row, view: View) -> Doc:
    """An overpayment, the part of a payment above what was due."""
    return _advance(books, row, view, "OverpaymentID")


def _advance(books: Books, row: Row, view: View, id_field: str) -> Doc:
    doc = books.doc(row)
    shown: Doc = {id_field: row.id, "Type": doc["Type"], "Reference": doc.get("Reference", "")}
    shown |= {"CurrencyRate": doc["CurrencyRate"], "Payments": payment_stubs(books, doc)}
    return shown | _rest(books, doc, row, view)


def _rest(books: Books, doc: Doc, row: Row, view: View) -> Doc:
    shown: Doc = {"RemainingCredit": amount_open(doc), "Allocations": allocations(books, doc)}
    shown["HasAttachments"] = doc["HasAttachments"]
    shown["Contact"] = (whole_contact if view.single else contact_stub)(books, doc["ContactID"])
    shown |= dates(doc) | {"Status": doc["Status"], "LineAmountTypes": doc["LineAmountTypes"]}
    shown["LineItems"] = [line(part, view) for part in doc["LineItems"]] if view.lines else []
    return shown | totals(doc, row)


def allocations(books: Books, doc: Doc) -> list[Doc]:
    """Where this credit went: amount, date and the invoice's id and number."""
    found = []
    for part in doc["Applied"]:
        invoice = books.doc(books.find("invoices", part["ID"]))
        stub: Doc = {"InvoiceID": part["ID"], "InvoiceNumber": invoice.get("InvoiceNumber", "")}
        stub |= {"Payments": [], "CreditNotes": [], "Prepayments": [], "Overpayments": []}
        stub |= {"HasErrors": False, "IsDiscounted": False, "LineItems": []}
        found.append(
            {"AllocationID": part["AllocationID"], "Amount": part["Amount"], "Date": part["Date"], "Invoice": stub,
             "IsDeleted": False}
        )  # fmt: skip
    return found
