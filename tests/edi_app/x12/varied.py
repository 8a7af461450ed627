"""Invoices, credit notes and payments of all kinds, the same ones every time: each number is one document."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from core.documents import Document
from tests.edi_app.x12.documents import CONTACT, GST, STATE_AND_CITY, credit_note, invoice, line, payment, settled
from tests.edi_app.x12.figures import CENT, PARTIES, cents
from tests.edi_app.x12.strategies import COMPOUND

TYPES = ("ACCREC", "ACCPAY", "ACCRECCREDIT", "ACCPAYCREDIT")
AMOUNTS = ("Exclusive", "Inclusive", "NoTax")
CURRENCIES = ("USD", "EUR", "GBP", "NZD", "JPY", "KWD", "CLP")
RATES = {"OUTPUT2": (GST, "15"), "TAX001": (STATE_AND_CITY, "8.25"), "TAX003": (COMPOUND, "14.975")}
NAMES = (
    "Northwind Retail Inc",
    "Müller & Söhne GmbH, Köln",
    "株式会社サンプル 東京",
    "Ōtautahi Timber “Kōwhai” Yard",
    "ООО «Ромашка»",  # noqa: RUF001
    "Ελληνικά Προϊόντα ΑΕ",  # noqa: RUF001
    "شركة الشحن المحدودة",
    "חברת משלוחים בע״מ",
    "Żółć – 50 % * ~ > : ^ | off 🚚",  # noqa: RUF001
    "A name\r\nof two lines\twith\x00 control\u2028 characters \u202e",
    "Very long name " * 40,
)


def text_of(rng: Random) -> str:
    """A name or description in some language."""
    return f"{rng.choice(NAMES)} {rng.randrange(1000)}"


def number_of(rng: Random, prefix: str, longest: int) -> str:
    """A document number, from short to as long as the set can carry."""
    return (prefix + "".join(rng.choices("0123456789-/", k=longest)))[: rng.choice([6, 12, longest])]


def varied_line(rng: Random, amounts: str) -> dict[str, Any]:
    """One line: quantity, price, discount and tax as Xero works them out."""
    quantity = Decimal(rng.choice([1, 3, 7, 250])) if rng.random() < 0.6 else Decimal(rng.randrange(1, 99_999)) / 1000
    price = Decimal(rng.randrange(-5_000, 500_000)) / rng.choice([100, 10_000])
    more: dict[str, Any] = {"Description": text_of(rng)}
    amount = cents(quantity * price)
    match rng.randrange(4):
        case 0:
            more["DiscountRate"] = rng.choice([Decimal("12.5"), Decimal("33.333"), Decimal(100)])
            amount = cents(quantity * price * (100 - more["DiscountRate"]) / 100)
        case 1 if amount > 1:
            more["DiscountAmount"] = Decimal("0.75")
            amount -= more["DiscountAmount"]
    tax = Decimal(0)
    if amounts != "NoTax" and rng.random() < 0.8:
        more["TaxType"] = rng.choice(list(RATES))
        more["TaxRate"], percent = RATES[more["TaxType"]][0], Decimal(RATES[more["TaxType"]][1])
        tax = cents(amount * percent / (100 + percent if amounts == "Inclusive" else 100))
    if rng.random() < 0.7:
        more["ItemCode"] = number_of(rng, "ITEM-", 30)
    return line(str(amount), quantity=str(quantity), price=str(price), tax=str(tax), **more)


def varied_contact(rng: Random) -> dict[str, Any]:
    """A customer or supplier, with or without an id that the partner knows."""
    contact = CONTACT | {"Name": text_of(rng)}
    match rng.randrange(3):
        case 0:
            return {key: value for key, value in contact.items() if key != "AccountNumber"}
        case 1:
            return contact | {"AccountNumber": number_of(rng, "AC", 50)}
    return contact


def varied_invoice(number: int) -> Document:
    """One invoice, bill or credit note."""
    rng = Random(number)  # noqa: S311
    kind, amounts = TYPES[number % 4], AMOUNTS[number % 3]
    lines = [varied_line(rng, amounts) for _ in range(rng.choice([0, 1, 2, 3, 8]))]
    net = sum((item["LineAmount"] for item in lines), Decimal(0))
    tax = sum((item["TaxAmount"] for item in lines), Decimal(0))
    dated = date(2024, 1, 1) + timedelta(rng.randrange(900))
    changes: dict[str, Any] = {
        "Type": kind,
        "LineAmountTypes": amounts,
        "Date": dated,
        "DueDate": rng.choice([None, dated, dated + timedelta(30), dated + timedelta(1_500)]),
        "CurrencyCode": rng.choice(CURRENCIES),
        "Contact": varied_contact(rng),
        "TotalTax": tax,
        "Total": (net if amounts == "Inclusive" else net + tax) + rng.choice([Decimal(0), Decimal(0), CENT, -CENT]),
    }
    if kind.endswith("CREDIT"):
        return credit_note(lines, CreditNoteNumber=number_of(rng, "CN-", 22), **changes)
    return invoice(lines, InvoiceNumber=number_of(rng, "INV-", 22), **changes)


def varied_payment(number: int) -> Document:
    """One payment of any of Xero's eight types, in full or in part."""
    rng = Random(number)  # noqa: S311
    kind = list(PARTIES)[number % len(PARTIES)]
    total = Decimal(rng.randrange(1, 10_000_000)) / 100
    amount = rng.choice([total, cents(total / 3) or total])
    document = payment(
        PaymentType=kind,
        Amount=amount,
        Date=date(2024, 1, 1) + timedelta(rng.randrange(900)),
        Reference=rng.choice(["", "WIRE 5521", number_of(rng, "REF-", 28)]),
        Contact=varied_contact(rng),
        Invoice=settled(Total=total, InvoiceNumber=number_of(rng, "BILL-", 30), CurrencyCode=rng.choice(CURRENCIES)),
    )
    if kind.startswith("ACC"):
        return document
    return _settling(document, "CreditNote" if "CREDIT" in kind else kind[2:-7].capitalize(), number_of(rng, "X-", 30))


def _settling(document: Document, joined: str, number: str) -> Document:
    """Let a payment settle a credit note, an overpayment or a prepayment instead of an invoice."""
    assert isinstance(document.values, dict)
    item = document.values.pop("Invoice")
    names = {"CreditNote": "CreditNoteNumber"}
    document.values[joined] = item | {names.get(joined, "Reference"): number, f"{joined}ID": item["InvoiceID"]}
    return document
