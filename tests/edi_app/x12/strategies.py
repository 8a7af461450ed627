"""Invoices and payments of all kinds, as hypothesis strategies."""

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from tests.edi_app.x12.documents import CONTACT, GST, STATE_AND_CITY, credit_note, invoice, line, payment, settled
from tests.edi_app.x12.figures import CENT, cents

COMPOUND = {
    "EffectiveRate": Decimal("14.9750"),
    "TaxComponents": [
        {"Name": "GST", "Rate": Decimal("5.0"), "IsCompound": False},
        {"Name": "QST", "Rate": Decimal("9.5"), "IsCompound": True},
    ],
}
RATES = {
    "OUTPUT2": (GST, Decimal("15")),
    "TAX001": (STATE_AND_CITY, Decimal("8.25")),
    "TAX003": (COMPOUND, Decimal("14.975")),
}
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=150)
DATES = st.dates(date(2020, 1, 1), date(2035, 12, 31))
QUANTITIES = st.decimals(Decimal("0.01"), Decimal("9999"), places=4) | st.integers(1, 500).map(Decimal)
PRICES = st.decimals(Decimal("-500"), Decimal("99999"), places=4) | st.decimals(Decimal(0), Decimal(2), places=4)


@st.composite
def lines(draw, *, kind):
    """One line; amounts follow from quantity, price and discount as in Xero."""
    quantity, price = draw(QUANTITIES), draw(PRICES)
    rate = draw(st.sampled_from([None, Decimal("12.5"), Decimal("33.333"), Decimal("100")]))
    amount = cents(quantity * price * (100 - (rate or 0)) / 100)
    tax_type = draw(st.sampled_from([*RATES, "NONE"]))
    more = {"Description": draw(NAMES), "TaxType": tax_type}
    tax = Decimal(0)
    if tax_type in RATES and kind != "NoTax":
        more["TaxRate"], percent = RATES[tax_type]
        base = amount * percent / (100 + percent) if kind == "Inclusive" else amount * percent / 100
        tax = cents(base)
    if rate is not None:
        more["DiscountRate"] = rate
    if draw(st.booleans()):
        more["ItemCode"] = draw(st.text("ABCDEFGHIJ0123456789-", min_size=1, max_size=30))
    return line(str(amount), quantity=str(quantity), price=str(price), tax=str(tax), **more)


@st.composite
def documents(draw):
    """An invoice, bill or credit note."""
    kind = draw(st.sampled_from(["Exclusive", "Inclusive", "NoTax"]))
    items = draw(st.lists(lines(kind=kind), max_size=6))
    make = draw(st.sampled_from([invoice, credit_note]))
    amount = sum((item["LineAmount"] for item in items), Decimal(0))
    tax = sum((item["TaxAmount"] for item in items), Decimal(0))
    total = amount if kind == "Inclusive" else amount + tax
    changes = {
        "LineAmountTypes": kind,
        "Date": draw(DATES),
        "DueDate": draw(DATES | st.none()),
        "CurrencyCode": draw(st.sampled_from(["USD", "NZD", "JPY", "KWD", "EUR"])),
        "Contact": CONTACT | {"Name": "N" + draw(NAMES)},
        "Total": total + draw(st.sampled_from([Decimal(0), CENT, -CENT, Decimal("0.10")])),
        "TotalTax": tax,
    }
    if make is invoice:
        changes["Type"] = draw(st.sampled_from(["ACCREC", "ACCPAY"]))
        changes["InvoiceNumber"] = draw(st.text("INV-0123456789", min_size=1, max_size=22))
    return make(items, **changes)


OPTIONS = st.sampled_from(
    [
        {},
        {"tax": "line", "discount": "gross"},
        {"tax": "sac", "credit_sign": "negative"},
        {"txi_percent": "fraction", "emit_zero_tax": True},
        {"txi_percent": "omit", "discount": "gross", "credit_sign": "negative", "reference_is_po": True},
    ]
)
BLOCKS = st.sampled_from(
    [
        {"version": "004010"},
        {"version": "005010"},
        {"version": "004010VICS", "character_set": "basic", "line_end": "none"},
        {"version": "005010", "charset": "utf-8", "line_end": "crlf"},
        {"version": "004010", "charset": "latin-1", "illegal_characters": "choose_delimiters"},
        {"version": "005010", "illegal_characters": "choose_delimiters"},
    ]
)


@st.composite
def payments(draw):
    """A payment of an invoice or bill, in full or in part."""
    total = draw(st.decimals(CENT, Decimal("99999999"), places=2))
    amount = draw(st.decimals(CENT, total, places=2))
    return payment(
        PaymentType=draw(st.sampled_from(["ACCRECPAYMENT", "ACCPAYPAYMENT"])),
        Amount=amount,
        Date=draw(DATES),
        Reference=draw(st.text("REF 0123456789", max_size=20)),
        Contact=CONTACT | {"Name": "N" + draw(NAMES)},
        Invoice=settled(Total=total, InvoiceNumber=draw(st.text("BILL-0123456789", min_size=1, max_size=30))),
    )
