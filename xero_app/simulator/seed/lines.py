"""Invoice lines of every kind that people complain about: text only, negative, discounted, without account."""

from decimal import Decimal

from xero_app.simulator.books import Books
from xero_app.simulator.chance import Chance
from xero_app.simulator.documents import Doc
from xero_app.simulator.seed.words import NASTY_LINES, PLAIN_LINES

_QUANTITIES = (
    Decimal(1),
    Decimal(2),
    Decimal(3),
    Decimal(12),
    Decimal("0.2500"),
    Decimal("7.5"),
    Decimal("1.3333"),
)


def invoice_lines(books: Books, chance: Chance, *, sales: bool, nasty: bool) -> list[Doc]:
    """One to six lines whose sum is above zero."""
    lines = [_main_line(books, chance, sales=sales, nasty=nasty)]
    for _ in range(chance.pick((0, 0, 0, 1, 1, 2, 5))):
        lines.append(_line(books, chance, sales=sales, nasty=nasty))
    if nasty and chance.happens(0.06):
        lines.append(_deduction(books, chance, sales=sales))
    if nasty and chance.happens(0.08):
        lines.insert(chance.between(0, len(lines)), {"Description": chance.pick(NASTY_LINES)})
    return lines


def _main_line(books: Books, chance: Chance, *, sales: bool, nasty: bool) -> Doc:
    """A line of 50 or more, so that deductions never turn an invoice negative."""
    line = _line(books, chance, sales=sales, nasty=nasty)
    line.pop("DiscountRate", None), line.pop("DiscountAmount", None), line.pop("ItemCode", None)
    line["Quantity"] = chance.pick((Decimal(1), Decimal(2), Decimal("1.5000")))
    line["UnitAmount"] = Decimal(chance.between(5000, 250_000)) / 100
    return line


def _line(books: Books, chance: Chance, *, sales: bool, nasty: bool) -> Doc:
    line: Doc = {
        "Description": chance.pick(PLAIN_LINES),
        "Quantity": chance.pick(_QUANTITIES),
        "UnitAmount": Decimal(chance.between(100, 60_000_00)) / 10_000,
        **_accounting(books, chance, sales=sales),
    }
    if chance.happens(0.35):
        item = chance.pick(books.items)
        line |= {"ItemCode": item["Code"], "Description": item["Description"], "UnitAmount": item["Price"]}
    elif nasty and chance.happens(0.25):
        line["Description"] = chance.pick(NASTY_LINES)
    if sales and chance.happens(0.12):
        line |= _discount(chance)
    if chance.happens(0.25):
        line["Tracking"] = _tracking(books, chance)
    return line


def _accounting(books: Books, chance: Chance, *, sales: bool) -> Doc:
    country = books.country
    if sales:
        tax = chance.pick((country.sales_tax_type, country.sales_tax_type, country.sales_tax_type, "TAX001", "NONE"))
        return {"TaxType": tax, "AccountCode": chance.pick(("4000", "4000", "4100", "4-200/EU"))}
    tax = chance.pick((country.purchase_tax_type, country.purchase_tax_type, "NONE"))
    if chance.happens(0.05):
        return {"TaxType": tax, "AccountID": books.accounts[18]["AccountID"]}
    return {"TaxType": tax, "AccountCode": chance.pick(("5000", "6200", "6400", "6480", "1500"))}


def _discount(chance: Chance) -> Doc:
    if chance.happens(0.6):
        return {"DiscountRate": chance.pick((Decimal(10), Decimal("12.5"), Decimal("33.33"), Decimal(100)))}
    return {"DiscountAmount": Decimal(chance.between(1, 99)) / 100}


def _deduction(books: Books, chance: Chance, *, sales: bool) -> Doc:
    line = {"Description": "Less: deposit*", **_accounting(books, chance, sales=sales)}
    if chance.happens(0.5):
        return line | {"Quantity": Decimal(-1), "UnitAmount": Decimal("12.3400")}
    return line | {"Quantity": Decimal(1), "UnitAmount": Decimal("-9.9900")}


def _tracking(books: Books, chance: Chance) -> list[Doc]:
    found = []
    for category in books.tracking[: chance.between(1, 2)]:
        option = chance.pick(category["Options"])
        found.append(
            {
                "Name": category["Name"], "Option": option["Option"],
                "TrackingCategoryID": category["TrackingCategoryID"],
                "TrackingOptionID": option["TrackingOptionID"],
                "Options": [],
            }
        )  # fmt: skip
    return found
