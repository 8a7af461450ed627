"""What a set says in figures must be what Xero says, however the document came about."""

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
SIGNS = {"C": 1, "A": -1}
PARTIES = {
    "ACCRECPAYMENT": ("Contact", "IV"),
    "ACCPAYPAYMENT": ("Organisation", "IV"),
    "ARCREDITPAYMENT": ("Organisation", "CL"),
    "APCREDITPAYMENT": ("Contact", "CL"),
    "AROVERPAYMENTPAYMENT": ("Organisation", "ZZ"),
    "ARPREPAYMENTPAYMENT": ("Organisation", "ZZ"),
    "APOVERPAYMENTPAYMENT": ("Contact", "ZZ"),
    "APPREPAYMENTPAYMENT": ("Contact", "ZZ"),
}
"""Who pays, and what RMR01 says, by Xero's PaymentType."""


def cents(value: Decimal) -> Decimal:
    """Round as Xero does."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def at(row: list[str], place: int) -> Decimal:
    """Give an element as a number; nothing is zero."""
    return Decimal(row[place]) if len(row) > place and row[place] else Decimal(0)


def check_invoice(document, rows: list[list[str]], *, sign: int = 1) -> None:
    """Compare an 810 with its document: lines, charges and taxes add up to Xero's total, taxes are Xero's tax."""
    values = document.values
    by_tag = {tag: [row for row in rows if row[0] == tag] for tag in {row[0] for row in rows}}
    assert at(by_tag["TDS"][0], 1) / 100 == values["Total"] * sign
    lines = sum((cents(at(row, 2) * at(row, 4)) for row in by_tag.get("IT1", ())), Decimal(0))
    charges = [(row[2], SIGNS[row[1]] * at(row, 5) / 100) for row in by_tag.get("SAC", ())]
    taxes = sum((at(row, 2) for row in by_tag.get("TXI", ())), Decimal(0))
    assert lines + sum(amount for _, amount in charges) + taxes == values["Total"] * sign
    assert taxes + sum(amount for code, amount in charges if code == "H850") == values["TotalTax"] * sign
    assert by_tag["BIG"][0][1] == values["Date"].strftime("%Y%m%d")
    assert by_tag["BIG"][0][2] == values.get("InvoiceNumber", values.get("CreditNoteNumber"))
    assert by_tag["CUR"][0][2] == values["CurrencyCode"]
    assert int(by_tag["CTT"][0][1]) == len(by_tag.get("IT1", ()))


def check_payment(document, rows: list[list[str]]) -> None:
    """Compare an 820 of one payment with its document: amount, item, payer and payee."""
    values = document.values
    (bpr,) = [row for row in rows if row[0] == "BPR"]
    (rmr,) = [row for row in rows if row[0] == "RMR"]
    payer, item = PARTIES[values["PaymentType"]]
    names = {row[1]: row[2] for row in rows if row[0] == "N1"}
    assert Decimal(bpr[2]) == Decimal(rmr[4]) == values["Amount"]
    assert rmr[1] == item
    assert bpr[16] == values["Date"].strftime("%Y%m%d")
    assert names["PR" if payer == "Organisation" else "PE"].upper() == values["Organisation"]["LegalName"].upper()
    if "Invoice" in values:
        assert (rmr[2], Decimal(rmr[5])) == (values["Invoice"]["InvoiceNumber"], values["Invoice"]["Total"])
        assert (rmr[3] == "PP") == (values["Amount"] < values["Invoice"]["Total"])
