"""Invoices and their lines, in the order and with the scales of a live answer."""

from xero_app.simulator.books import Books
from xero_app.simulator.documents import NO_DATE, Doc, Row
from xero_app.simulator.settle import STUB_TYPES, amount_credited, amount_open, amount_paid
from xero_app.simulator.shapes.contacts import contact_stub, numbered_stub, whole_contact
from xero_app.simulator.shapes.view import View
from xero_app.simulator.wire import Stamp, iso_day, iso_second

_AFTER_DATES = ("BrandingThemeID",)
_LATE = ("RepeatingInvoiceID", "ExpectedPaymentDate", "PlannedPaymentDate", "Url")


def invoice(books: Books, row: Row, view: View) -> Doc:
    """An invoice or bill. Reference only on sales; Payments, CreditNotes and lines not in a summary."""
    doc = books.doc(row)
    shown: Doc = {"Type": doc["Type"], "InvoiceID": row.id, **_pick(doc, ("InvoiceNumber",))}
    if doc["Type"] == "ACCREC":
        shown["Reference"] = doc.get("Reference", "")
    if not view.summary:
        shown |= applied(books, doc)
    shown |= _amounts(doc, view)
    shown |= _pick(doc, ("SentToContact",))
    shown |= {"CurrencyRate": doc["CurrencyRate"], "IsDiscounted": "TotalDiscount" in doc}
    if not view.summary:
        shown["HasAttachments"] = doc["HasAttachments"]
    shown |= {"InvoiceAddresses": [], "HasErrors": False, "InvoicePaymentServices": []}
    shown["Contact"] = (whole_contact if view.single else contact_stub)(books, doc["ContactID"])
    shown |= dates(doc) | _pick(doc, _AFTER_DATES)
    shown |= {"Status": doc["Status"], "LineAmountTypes": doc["LineAmountTypes"]}
    if not view.summary:
        shown["LineItems"] = [line(part, view) for part in doc["LineItems"]] if view.lines else []
    return shown | totals(doc, row) | _pick(doc, _LATE)


def _amounts(doc: Doc, view: View) -> Doc:
    """A deleted invoice's AmountDue differs by route: Total in a single read, 0 in lists (Xero-Java#130)."""
    due = doc["Total"] if view.single and doc["Status"] == "DELETED" else amount_open(doc)
    return {"AmountDue": due, "AmountPaid": amount_paid(doc), "AmountCredited": amount_credited(doc)}


def totals(doc: Doc, row: Row) -> Doc:
    """SubTotal to CurrencyCode, as they end invoices and credit notes."""
    shown: Doc = {"SubTotal": doc["SubTotal"], "TotalTax": doc["TotalTax"], "Total": doc["Total"]}
    shown |= _pick(doc, ("TotalDiscount",))
    shown |= {"UpdatedDateUTC": Stamp(row.updated_ms), "UpdatedDateUTCString": iso_second(row.updated_ms)}
    return shown | {"CurrencyCode": doc["CurrencyCode"]} | _pick(doc, ("FullyPaidOnDate",))


def dates(doc: Doc) -> Doc:
    """Date and DueDate with their strings; a due date that is none has no string."""
    shown: Doc = {"DateString": iso_day(doc["Date"]), "Date": doc["Date"]}
    if "DueDate" in doc:
        if doc["DueDate"] != NO_DATE:
            shown["DueDateString"] = iso_day(doc["DueDate"])
        shown["DueDate"] = doc["DueDate"]
    return shown


def line(doc: Doc, view: View) -> Doc:
    """One line item; the unit price is rounded to two decimals unless `unitdp=4` was asked."""
    if "UnitAmount" not in doc:
        return doc
    return {**doc, "UnitAmount": view.unit(doc["UnitAmount"])}


def applied(books: Books, doc: Doc) -> Doc:
    """Payments, CreditNotes, Prepayments and Overpayments of an invoice, as stubs."""
    shown: Doc = {"Payments": payment_stubs(books, doc), "CreditNotes": [], "Prepayments": [], "Overpayments": []}
    for part in doc["Applied"]:
        key, id_field, number = _CREDITS[part["Stream"]]
        credit = books.doc(books.find(part["Stream"], part["ID"]))
        stub: Doc = {id_field: part["ID"]}
        if number:
            stub |= {number: credit.get(number, ""), "ID": part["ID"]}
        stub |= {"HasErrors": False, "AppliedAmount": part["Amount"], "Date": part["Date"]}
        stub |= {"DateString": iso_day(part["Date"]), "LineItems": [], "Total": credit["Total"]}
        shown[key].append(stub)
    return shown


_CREDITS = {
    "credit_notes": ("CreditNotes", "CreditNoteID", "CreditNoteNumber"),
    "prepayments": ("Prepayments", "PrepaymentID", ""),
    "overpayments": ("Overpayments", "OverpaymentID", ""),
}


def payment_stubs(books: Books, doc: Doc) -> list[Doc]:
    """The payments that stand: no status, no account, no reconciliation in here."""
    found = []
    for payment_id in doc["PaymentIDs"]:
        payment = books.doc(books.find("payments", payment_id))
        keys = ("PaymentID", "BatchPaymentID", "Date", "Amount", "Reference", "CurrencyRate")
        stub = {key: payment[key] for key in keys if key in payment and payment[key] != ""}
        found.append({**stub, "HasAccount": False, "HasValidationErrors": False})
    return found


def invoice_stub(books: Books, stream: str, xero_id: str) -> Doc:
    """The document inside a payment of a list: no totals, no reference, no dates."""
    doc = books.doc(books.find(stream, xero_id))
    number = doc.get("InvoiceNumber") if stream == "invoices" else doc.get("CreditNoteNumber", "")
    stub: Doc = {"Type": STUB_TYPES.get(doc["Type"], doc["Type"]), "InvoiceID": xero_id}
    if number is not None:
        stub["InvoiceNumber"] = number
    stub |= {"Payments": [], "CreditNotes": [], "Prepayments": [], "Overpayments": []}
    stub |= {"IsDiscounted": False, "HasErrors": False, "Contact": numbered_stub(books, doc["ContactID"])}
    return stub | {"LineItems": [], "CurrencyCode": doc["CurrencyCode"]}


def _pick(doc: Doc, keys: tuple[str, ...]) -> Doc:
    return {key: doc[key] for key in keys if key in doc}
