"""What Xero would refuse in the fields of a document, said before anything is changed."""

from xero_app.simulator.amounts import ZERO
from xero_app.simulator.books import Books
from xero_app.simulator.documents import Doc
from xero_app.simulator.ledger import Refusal
from xero_app.simulator.seed.countries import RATES_PER_USD
from xero_app.simulator.settle import amount_credited, amount_paid

_CHOICES: dict[str, dict[str, tuple[str, ...]]] = {
    "invoices": {"Type": ("ACCREC", "ACCPAY")},
    "credit_notes": {"Type": ("ACCRECCREDIT", "ACCPAYCREDIT")},
    "prepayments": {"Type": ("RECEIVE-PREPAYMENT", "SPEND-PREPAYMENT")},
    "overpayments": {"Type": ("RECEIVE-OVERPAYMENT", "SPEND-OVERPAYMENT")},
    "manual_journals": {"Status": ("DRAFT", "POSTED", "VOIDED", "DELETED", "ARCHIVED")},
    "contacts": {"ContactStatus": ("ACTIVE", "ARCHIVED", "GDPRREQUEST")},
}
_LINE_AMOUNT_TYPES = ("Exclusive", "Inclusive", "NoTax")
FIRST_STATUS = ("DRAFT", "SUBMITTED", "AUTHORISED")
_STEPS = {
    "SUBMITTED": ("DRAFT",),
    "AUTHORISED": ("DRAFT", "SUBMITTED"),
    "VOIDED": ("AUTHORISED",),
    "DELETED": ("DRAFT", "SUBMITTED"),
}
_WORKED_OUT = {
    "SubTotal", "TotalTax", "TotalDiscount", "AmountDue", "AmountPaid", "AmountCredited", "RemainingCredit", "Payments",
    "PaymentIDs", "Applied", "Paid", "Allocations", "UpdatedDateUTC", "FullyPaidOnDate", "CreditNotes", "Prepayments",
    "Overpayments", "MergedToContactID",
}  # fmt: skip
OPTIONAL = {
    "DueDate", "Reference", "InvoiceNumber", "CreditNoteNumber", "SentToContact", "ExpectedPaymentDate", "Url",
    "PlannedPaymentDate", "BrandingThemeID", "RepeatingInvoiceID", "ContactNumber", "AccountNumber", "FirstName",
    "LastName", "CompanyNumber", "TaxNumber", "PaymentTerms", "Discount", "Website", "Balances",
}  # fmt: skip
"""Fields that None takes away."""


def check_fields(stream: str, given: Doc, *, books: Books) -> None:
    """Refusal for a field that is worked out, an unknown choice or currency, or lines of the wrong shape."""
    for name, value in given.items():
        if name in _WORKED_OUT:
            _refuse(f"{name} is worked out and cannot be set.")
        if value is None and name not in OPTIONAL:
            _refuse(f"{name} cannot be taken away.")
    choices: dict[str, tuple[str, ...]] = {**_CHOICES[stream], "LineAmountTypes": _LINE_AMOUNT_TYPES}
    for name, allowed in choices.items():
        if name in given and given[name] not in allowed:
            _refuse(f"{name} must be one of {', '.join(allowed)}, not {given[name]}.")
    _check_currency(given)
    _check_lines(given, books)


def _check_currency(given: Doc) -> None:
    for name in ("CurrencyCode", "DefaultCurrency"):
        if name in given and given[name] not in RATES_PER_USD:
            _refuse(f"The simulator knows {', '.join(RATES_PER_USD)}, not {given[name]}.")
    if given.get("CurrencyRate", 1) <= 0:
        _refuse("CurrencyRate must be above 0.")


def check_update(given: Doc, doc: Doc) -> None:
    """Refusal for a change of what can never change, or for a status that is no step from where the document is."""
    for name in ("Type", "InvoiceID", "CreditNoteID", "PrepaymentID", "OverpaymentID", "ManualJournalID"):
        if name in given and given[name] != doc.get(name):
            _refuse(f"{name} can never change.")
    if "PaymentIDs" in doc and "Status" in given:
        _check_step(doc, given["Status"])


def _check_lines(given: Doc, books: Books) -> None:
    for line in given.get("JournalLines") or ():
        if line.get("LineAmount") is None:
            _refuse("Every journal line needs a LineAmount.")
    for line in given.get("LineItems") or ():
        if not line.get("Description") and line.get("UnitAmount") is None and line.get("LineAmount") is None:
            _refuse("A line needs a Description, a UnitAmount or a LineAmount.")
        for name in [name for name, value in line.items() if value is None]:
            del line[name]
    for line in [*(given.get("JournalLines") or ()), *(given.get("LineItems") or ())]:
        account_id = line.get("AccountID")
        if account_id and books.account(account_id=account_id) is None:
            _refuse(f"There is no account {account_id}.")


def _check_step(doc: Doc, status: str) -> None:
    if status == doc["Status"]:
        return
    if doc["Status"] not in _STEPS.get(status, ()):
        _refuse(f"A document that is {doc['Status']} cannot become {status}.")
    if status == "VOIDED" and (amount_paid(doc) or amount_credited(doc) != ZERO):
        _refuse("A document with payments or credit on it cannot be voided; remove those first.")


def check_balance(doc: Doc) -> None:
    """Refusal when the lines of a journal do not add up to nothing, tax included where it comes on top."""
    on_top = doc["LineAmountTypes"] == "Exclusive"
    total = sum((line["LineAmount"] + (line["TaxAmount"] if on_top else ZERO) for line in doc["JournalLines"]), ZERO)
    if total:
        _refuse(f"The journal does not balance: the lines add up to {total}.")


def _refuse(sentence: str) -> None:
    raise Refusal(sentence)
