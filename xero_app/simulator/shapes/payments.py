"""Payments and batch payments. No DateString here; a batch's TotalAmount and IsReconciled are strings."""

from xero_app.simulator.books import Books
from xero_app.simulator.documents import Doc, Row
from xero_app.simulator.shapes.invoices import invoice, invoice_stub
from xero_app.simulator.shapes.view import View
from xero_app.simulator.wire import Stamp, iso_second, text


def payment(books: Books, row: Row, view: View) -> Doc:
    """A payment with its document: a stub in lists, the whole invoice in a single read."""
    doc = books.doc(row)
    shown: Doc = {"PaymentID": row.id}
    if "BatchPaymentID" in doc:
        shown |= {
            "BatchPaymentID": doc["BatchPaymentID"],
            "BatchPayment": _batch_inside(books, doc["BatchPaymentID"]),
        }
    shown |= {key: doc[key] for key in _FIRST}
    if "Details" in doc:
        shown["Details"] = doc["Details"]
    shown |= {"UpdatedDateUTC": Stamp(row.updated_ms), "UpdatedDateUTCString": iso_second(row.updated_ms)}
    shown |= {"HasAccount": True, "IsReconciled": doc["IsReconciled"]}
    shown["Account"] = _account(books, doc["AccountID"], single=view.single)
    shown["Invoice"] = _document(books, doc, view)
    return shown | {"HasValidationErrors": False}


_FIRST = ("Date", "BankAmount", "Amount", "Reference", "CurrencyRate", "PaymentType", "Status")


def _document(books: Books, doc: Doc, view: View) -> Doc:
    if view.single and doc["TargetStream"] == "invoices":
        shown = invoice(books, books.find("invoices", doc["TargetID"]), View(paged=True, unit_places=4))
        return {**shown, "Contact": {key: shown["Contact"][key] for key in _CONTACT}}
    return invoice_stub(books, doc["TargetStream"], doc["TargetID"])


_CONTACT = ("ContactID", "Name", "ContactPersons", "HasValidationErrors")


def _account(books: Books, account_id: str, *, single: bool) -> Doc:
    account = books.account(account_id=account_id) or {}
    shown: Doc = {"AccountID": account_id}
    if "Code" in account:
        shown["Code"] = account["Code"]
    return {**shown, "Name": account.get("Name", "")} if single else shown


def _batch_inside(books: Books, batch_id: str) -> Doc:
    row = books.find("batch_payments", batch_id)
    doc = books.doc(row)
    return {
        "Account": {"AccountID": doc["AccountID"]}, "BatchPaymentID": batch_id, "Date": doc["Date"],
        "Type": doc["Type"], "Status": doc["Status"], "TotalAmount": text(doc["TotalAmount"]),
        "UpdatedDateUTC": Stamp(row.updated_ms), "IsReconciled": str(doc["IsReconciled"]).lower(),
    }  # fmt: skip


def batch_payment(books: Books, row: Row, view: View) -> Doc:
    """A batch payment with the ids and amounts of its payments."""
    doc = books.doc(row)
    shown: Doc = {"Account": _account(books, doc["AccountID"], single=view.single), "BatchPaymentID": row.id}
    shown |= {"Date": doc["Date"], "Payments": [_part(books, payment_id) for payment_id in doc["PaymentIDs"]]}
    shown |= {"Type": doc["Type"], "Status": doc["Status"], "TotalAmount": doc["TotalAmount"]}
    return shown | {"UpdatedDateUTC": Stamp(row.updated_ms), "IsReconciled": doc["IsReconciled"]}


def _part(books: Books, payment_id: str) -> Doc:
    doc = books.doc(books.find("payments", payment_id))
    stub = {"InvoiceID": doc["TargetID"], "CurrencyCode": _currency(books, doc), "LineItems": []}
    return {"Invoice": stub, "PaymentID": payment_id, "Amount": doc["Amount"]}


def _currency(books: Books, doc: Doc) -> str:
    return str(books.doc(books.find(doc["TargetStream"], doc["TargetID"]))["CurrencyCode"])
