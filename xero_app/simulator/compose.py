"""Documents from a few given fields: lines, tax and totals are worked out as Xero would."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from xero_app.simulator.amounts import FOUR_PLACES, ZERO, cents, line_amount, line_tax, places, totals
from xero_app.simulator.books import Books
from xero_app.simulator.documents import Doc

NewId = Callable[[], str]


def compose_line(books: Books, given: Doc, *, line_amount_types: str, new_id: NewId) -> Doc:
    """One line: LineAmount and TaxAmount as given, else worked out. A line with only a text stays only that."""
    line: Doc = {name: given[name] for name in ("ItemCode", "Description") if given.get(name) is not None}
    if "UnitAmount" not in given and "LineAmount" not in given:
        return line | {"Tracking": [], "LineItemID": given.get("LineItemID") or new_id()}
    line |= _priced(books, given, line_amount_types=line_amount_types)
    line |= _accounted(books, given)
    if item := next((item for item in books.items if item["Code"] == given.get("ItemCode")), None):
        line["Item"] = {"ItemID": item["ItemID"], "Name": item["Name"], "Code": item["Code"]}
    line["Tracking"] = [dict(part) for part in given.get("Tracking", ())]
    line["LineItemID"] = given.get("LineItemID") or new_id()
    return {name: line[name] for name in _LINE_ORDER if name in line}


_LINE_ORDER = (
    "ItemCode", "Description", "UnitAmount", "TaxType", "TaxAmount", "LineAmount", "AccountCode", "Item", "Tracking",
    "Quantity", "DiscountRate", "DiscountAmount", "LineItemID", "AccountID",
)  # fmt: skip
"""The order of a live answer."""


def _priced(books: Books, given: Doc, *, line_amount_types: str) -> Doc:
    quantity = places(given.get("Quantity", 1), FOUR_PLACES)
    amount = cents(given["LineAmount"]) if "LineAmount" in given else None
    unit = places(given["UnitAmount"], FOUR_PLACES) if "UnitAmount" in given else None
    if unit is None:
        unit = places((amount or ZERO) / quantity, FOUR_PLACES) if quantity else Decimal("0.0000")
    discounts = {key: places(given[key], step) for key, step in _DISCOUNTS if key in given}
    if amount is None:
        amount = line_amount(
            quantity=quantity, unit=unit, discount_rate=discounts.get("DiscountRate"),
            discount_amount=discounts.get("DiscountAmount"),
        )  # fmt: skip
    tax_type = "NONE" if line_amount_types == "NoTax" else given.get("TaxType", "NONE")
    tax = line_tax(amount=amount, rate=books.tax_percent(tax_type), line_amount_types=line_amount_types)
    if "TaxAmount" in given:
        tax = cents(given["TaxAmount"])
    return {
        "UnitAmount": unit, "TaxType": tax_type, "TaxAmount": tax, "LineAmount": amount, "Quantity": quantity,
        **discounts,
    }  # fmt: skip


_DISCOUNTS = (("DiscountRate", Decimal("0.01")), ("DiscountAmount", Decimal("0.01")))


def _accounted(books: Books, given: Doc) -> Doc:
    account = books.account(code=given.get("AccountCode", ""), account_id=given.get("AccountID", ""))
    if account is None:
        return {"AccountCode": given["AccountCode"]} if given.get("AccountCode") else {}
    code = {"AccountCode": account["Code"]} if "Code" in account else {}
    return {**code, "AccountID": account["AccountID"]}


def compose_document(books: Books, given: Doc, *, id_field: str, today: date, new_id: NewId) -> Doc:
    """An invoice, credit note, prepayment or overpayment; Total may be given to override the sum by a cent."""
    types = given.get("LineAmountTypes", "Exclusive")
    lines = [compose_line(books, line, line_amount_types=types, new_id=new_id) for line in given.get("LineItems", ())]
    currency = given.get("CurrencyCode", books.base_currency)
    doc: Doc = {
        id_field: given.get(id_field) or new_id(),
        "Type": given["Type"],
        "Status": given.get("Status", "AUTHORISED"),
        "ContactID": given["ContactID"],
        "Date": given.get("Date", today),
        "LineAmountTypes": types,
        "LineItems": lines,
        "CurrencyCode": currency,
        "CurrencyRate": given.get("CurrencyRate", books.rate(currency)),
        "PaymentIDs": [],
        "Applied": [],
        "HasAttachments": False,
    }
    doc |= {key: value for key, value in given.items() if key not in doc and key not in _NOT_KEPT}
    add_totals(doc, total=given.get("Total"))
    return doc


_NOT_KEPT = {
    "Contact", "SubTotal", "TotalTax", "Total", "AmountDue", "AmountPaid", "AmountCredited", "Payments",
    "CreditNotes",
    "Prepayments", "Overpayments", "RemainingCredit", "Allocations", "UpdatedDateUTC", "UpdatedDateUTCString",
    "DateString", "DueDateString",
}  # fmt: skip


def add_totals(doc: Doc, *, total: Any = None) -> None:
    """Sets SubTotal, TotalTax, Total and TotalDiscount from the lines; `total` overrides the sum."""
    sub, tax, worked_out = totals(lines=doc["LineItems"], line_amount_types=doc["LineAmountTypes"])
    doc["SubTotal"], doc["TotalTax"] = sub, tax
    doc["Total"] = worked_out if total is None else cents(total)
    discount = sum((_discount(line) for line in doc["LineItems"]), ZERO)
    if discount:
        doc["TotalDiscount"] = discount
    else:
        doc.pop("TotalDiscount", None)


def _discount(line: Doc) -> Decimal:
    if "DiscountRate" not in line and "DiscountAmount" not in line:
        return ZERO
    return cents(line["Quantity"] * line["UnitAmount"]) - Decimal(line["LineAmount"])


def compose_journal(books: Books, given: Doc, *, today: date, new_id: NewId) -> Doc:
    """A manual journal; debits are positive, credits negative, tax worked out from LineAmountTypes."""
    types = given.get("LineAmountTypes", "NoTax")
    return {
        "ManualJournalID": given.get("ManualJournalID") or new_id(),
        "Date": given.get("Date", today),
        "Status": given.get("Status", "POSTED"),
        "LineAmountTypes": types,
        "Narration": given.get("Narration", ""),
        "JournalLines": [_journal_line(books, line, types) for line in given.get("JournalLines", ())],
        "ShowOnCashBasisReports": given.get("ShowOnCashBasisReports", True),
        "HasAttachments": False,
    }


def _journal_line(books: Books, given: Doc, types: str) -> Doc:
    amount = cents(given["LineAmount"])
    tax_type = "NONE" if types == "NoTax" else given.get("TaxType", "NONE")
    tax = line_tax(amount=amount, rate=books.tax_percent(tax_type), line_amount_types=types)
    line: Doc = {"Description": given["Description"]} if "Description" in given else {}
    line |= {"TaxType": tax_type, "TaxAmount": cents(given.get("TaxAmount", tax)), "LineAmount": amount}
    account = _accounted(books, given)
    if "AccountCode" in account:
        line["AccountCode"] = account["AccountCode"]
    line["Tracking"] = list(given.get("Tracking", ()))
    if "AccountID" in account:
        line["AccountID"] = account["AccountID"]
    return {**line, "IsBlank": False}
