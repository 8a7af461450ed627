"""What payments and credit do to a document: amounts paid, credited and due, its status, its paid-on date.

Works on documents only; rows, update times and events are `mutations`' business.
"""

from datetime import date
from decimal import Decimal

from xero_app.simulator.amounts import ZERO, cents, in_bank_currency
from xero_app.simulator.books import Books
from xero_app.simulator.documents import Doc

GONE = ("VOIDED", "DELETED")
PAYMENT_TYPES = {
    "ACCREC": "ACCRECPAYMENT",
    "ACCPAY": "ACCPAYPAYMENT",
    "ACCRECCREDIT": "ARCREDITPAYMENT",
    "ACCPAYCREDIT": "APCREDITPAYMENT",
    "AROVERPAYMENT": "AROVERPAYMENTPAYMENT",
    "RECEIVE-OVERPAYMENT": "AROVERPAYMENTPAYMENT",
    "SPEND-OVERPAYMENT": "APOVERPAYMENTPAYMENT",
    "RECEIVE-PREPAYMENT": "ARPREPAYMENTPAYMENT",
    "SPEND-PREPAYMENT": "APPREPAYMENTPAYMENT",
}
STUB_TYPES = {
    "RECEIVE-OVERPAYMENT": "AROVERPAYMENT",
    "SPEND-OVERPAYMENT": "APOVERPAYMENT",
    "RECEIVE-PREPAYMENT": "ARPREPAYMENT",
    "SPEND-PREPAYMENT": "APPREPAYMENT",
}


def amount_paid(doc: Doc) -> Decimal:
    """The sum of the payments that stand."""
    return Decimal(doc.get("Paid", ZERO))


def amount_credited(doc: Doc) -> Decimal:
    """The sum of credit notes, prepayments and overpayments applied to an invoice."""
    return sum((part["Amount"] for part in doc["Applied"]), ZERO)


def amount_open(doc: Doc) -> Decimal:
    """What is left: AmountDue of an invoice, RemainingCredit of a credit."""
    if doc["Status"] in GONE:
        return ZERO
    return Decimal(doc["Total"]) - amount_paid(doc) - amount_credited(doc)


def new_payment(
    *, books: Books, payment_id: str, stream: str, target: Doc, target_id: str, amount: Decimal, on: date,
    reference: str, account: Doc, rate: Decimal,
) -> Doc:  # fmt: skip
    """A payment document in the target's currency and, as BankAmount, in the bank account's."""
    same = account.get("CurrencyCode", books.base_currency) == target["CurrencyCode"]
    return {
        "PaymentID": payment_id,
        "Date": on,
        "BankAmount": in_bank_currency(amount=amount, rate=rate, same_currency=same),
        "Amount": cents(amount),
        "Reference": reference,
        "CurrencyRate": rate,
        "PaymentType": PAYMENT_TYPES[target["Type"]],
        "Status": "AUTHORISED",
        "IsReconciled": False,
        "AccountID": account["AccountID"],
        "TargetStream": stream,
        "TargetID": target_id,
    }


def add_payment(target: Doc, payment: Doc) -> None:
    """Applies a payment to its document."""
    target["PaymentIDs"].append(payment["PaymentID"])
    target["Paid"] = amount_paid(target) + payment["Amount"]
    settle(target, on=payment["Date"])


def remove_payment(target: Doc, payment: Doc) -> None:
    """Takes a payment back: the document is open again, the payment stays as DELETED."""
    payment["Status"] = "DELETED"
    target["PaymentIDs"].remove(payment["PaymentID"])
    target["Paid"] = amount_paid(target) - payment["Amount"]
    settle(target, on=payment["Date"])


def add_allocation(
    *, stream: str, credit: Doc, credit_id: str, invoice: Doc, invoice_id: str, amount: Decimal, on: date,
    allocation_id: str,
) -> None:  # fmt: skip
    """Applies credit to an invoice, noted on both sides."""
    part = {"AllocationID": allocation_id, "Amount": cents(amount), "Date": on}
    credit["Applied"].append({**part, "Stream": "invoices", "ID": invoice_id})
    invoice["Applied"].append({**part, "Stream": stream, "ID": credit_id})
    settle(credit, on=on)
    settle(invoice, on=on)


def settle(doc: Doc, *, on: date) -> None:
    """PAID with its date when nothing is left, AUTHORISED again when something is."""
    if doc["Status"] not in ("AUTHORISED", "PAID"):
        return
    if amount_open(doc) == 0 and (doc["PaymentIDs"] or doc["Applied"]):
        doc["Status"] = "PAID"
        doc["FullyPaidOnDate"] = on
    else:
        doc["Status"] = "AUTHORISED"
        doc.pop("FullyPaidOnDate", None)


def batch_document(*, batch_id: str, kind: str, on: date, payments: list[Doc]) -> Doc:
    """A batch payment over these payments, which get its id, date, bank account and a text for the bank."""
    for number, payment in enumerate(payments, start=1):
        payment["Details"] = f"BATCH {number}/{len(payments)}"
        payment |= {"BatchPaymentID": batch_id, "Date": on, "AccountID": payments[0]["AccountID"]}
    return {
        "BatchPaymentID": batch_id, "Type": kind, "Status": "AUTHORISED", "Date": on,
        "AccountID": payments[0]["AccountID"], "TotalAmount": sum((part["Amount"] for part in payments),
        Decimal("0.00")),
        "PaymentIDs": [payment["PaymentID"] for payment in payments], "IsReconciled": False,
    }  # fmt: skip
