"""The chart of accounts, tax rates, items and tracking categories of a seeded organisation."""

from decimal import Decimal
from typing import Any

from xero_app.simulator.amounts import FOUR_PLACES, compound_rate, places
from xero_app.simulator.chance import Chance
from xero_app.simulator.documents import Doc
from xero_app.simulator.seed.countries import Country
from xero_app.simulator.seed.words import ITEMS

# code, name, type, class, system account, tax side (S sales, P purchases, N none), may take payments
_ACCOUNTS = (
    ("1010", "Business Current Account", "BANK", "ASSET", "", "N", False),
    ("", "Petty cash “till”", "BANK", "ASSET", "", "N", False),
    ("1030", "Foreign currency account", "BANK", "ASSET", "", "N", False),
    ("1100", "Accounts Receivable", "CURRENT", "ASSET", "DEBTORS", "N", False),
    ("1400", "Prepaid expenses", "PREPAYMENT", "ASSET", "", "N", False),
    ("1500", "Office Equipment", "FIXED", "ASSET", "", "P", False),
    ("2100", "Accounts Payable", "CURRLIAB", "LIABILITY", "CREDITORS", "N", False),
    ("2200", "Sales tax", "CURRLIAB", "LIABILITY", "GST", "N", False),
    ("2300", "Accrued liabilities", "CURRLIAB", "LIABILITY", "", "N", True),
    ("2600", "Rounding", "CURRLIAB", "LIABILITY", "ROUNDING", "N", False),
    ("3000", "Retained Earnings", "EQUITY", "EQUITY", "RETAINEDEARNINGS", "N", False),
    ("4000", "Sales", "REVENUE", "REVENUE", "", "S", False),
    ("4100", "Freight & handling", "REVENUE", "REVENUE", "", "S", False),
    ("4-200/EU", "Sales Europe", "SALES", "REVENUE", "", "S", False),
    ("5000", "Cost of Goods Sold", "DIRECTCOSTS", "EXPENSE", "", "P", False),
    ("6200", "Rent", "OVERHEADS", "EXPENSE", "", "P", False),
    ("6400", "Cleaning; waste, water", "EXPENSE", "EXPENSE", "", "P", False),
    ("6480", "Travel | meals", "EXPENSE", "EXPENSE", "", "P", False),
    ("", "Legacy suspense", "EXPENSE", "EXPENSE", "", "P", False),
    ("8000", "Realised Currency Gains", "EXPENSE", "EXPENSE", "REALISEDCURRENCYGAIN", "N", False),
)


def accounts(*, chance: Chance, country: Country, base: str, foreign: str, updated_ms: int) -> list[Doc]:
    """Every account, some without a code, one archived, one bank account in another currency."""
    found = []
    for code, name, type_, class_, system, side, payable in _ACCOUNTS:
        doc: Doc = {"AccountID": chance.uuid(), "Name": name, "Status": "ACTIVE", "Type": type_}
        if code:
            doc = {"AccountID": doc.pop("AccountID"), "Code": code, **doc}
        doc["TaxType"] = {"S": country.sales_tax_type, "P": country.purchase_tax_type}.get(side, "NONE")
        doc["Class"] = class_
        if type_ == "BANK":
            doc["BankAccountNumber"] = (
                f"{chance.between(10, 99)}-{chance.between(1000, 9999)}-{chance.between(10**6, 10**7)}"
            )
            doc["BankAccountType"] = "BANK"
            doc["CurrencyCode"] = foreign if code == "1030" else base
        if system:
            doc["SystemAccount"] = system
        doc |= {"EnablePaymentsToAccount": payable, "ShowInExpenseClaims": False, "HasAttachments": False}
        doc["UpdatedMs"] = updated_ms
        found.append(doc)
    found.append(_archived_account(chance=chance, updated_ms=updated_ms))
    return found


def _archived_account(*, chance: Chance, updated_ms: int) -> Doc:
    return {
        "AccountID": chance.uuid(), "Code": "6999", "Name": "Old sundry", "Status": "ARCHIVED", "Type": "EXPENSE",
        "TaxType": "NONE", "Class": "EXPENSE", "Description": "Closed 2019,\r\nuse 6400 instead",
        "EnablePaymentsToAccount": False, "ShowInExpenseClaims": False, "HasAttachments": False,
        "UpdatedMs": updated_ms,
    }  # fmt: skip


def tax_rates(country: Country) -> list[Doc]:
    """The country's rates for sales and purchases, none, zero rated, and a compound rate of two components."""
    plain = [(country.tax_name, country.tax, False)]
    compound = [("GST", Decimal(5), False), ("QST", Decimal("9.975"), True)]
    county = [("State", Decimal("6.25"), False), ("County & city", Decimal("2.0"), False)]
    return [
        _rate(f"{country.tax_name} on Sales", country.sales_tax_type, "OUTPUT", plain),
        _rate(f"{country.tax_name} on Purchases", country.purchase_tax_type, "INPUT", plain),
        _rate("Tax Exempt", "NONE", "NONE", [(country.tax_name, Decimal(0), False)]),
        _rate("Zero Rated", "ZERORATEDOUTPUT", "ZERORATEDOUTPUT", [(country.tax_name, Decimal(0), False)]),
        _rate("Québec GST + QST (compound)", "TAX001", "OUTPUT", compound),
        _rate("State & county", "TAX002", "OUTPUT", county if country.code == "US" else plain),
        _rate("Old rate", "TAX003", "OUTPUT", [("Old", Decimal("12.5"), False)], status="DELETED"),
    ]


def _rate(
    name: str, tax_type: str, report: str, components: list[tuple[str, Decimal, bool]], *, status: str = "ACTIVE"
) -> Doc:
    effective = compound_rate([(rate, compound) for _, rate, compound in components])
    applies = dict.fromkeys(
        (
            "CanApplyToAssets",
            "CanApplyToEquity",
            "CanApplyToExpenses",
            "CanApplyToLiabilities",
            "CanApplyToRevenue",
        ),
        True,
    )
    return {
        "Name": name, "TaxType": tax_type, "ReportTaxType": report, **applies,
        "DisplayTaxRate": effective, "EffectiveRate": effective, "Status": status,
        "TaxComponents": [
            {"Name": part, "Rate": places(rate, FOUR_PLACES), "IsCompound": compound, "IsNonRecoverable": False}
            for part, rate, compound in components
        ],
    }  # fmt: skip


def tracking(chance: Chance) -> list[Doc]:
    """Two tracking categories with their options, as lines carry them."""
    return [
        {
            "Name": name,
            "TrackingCategoryID": chance.uuid(),
            "Options": [{"Option": option, "TrackingOptionID": chance.uuid()} for option in options],
        }
        for name, options in (("Region", ("West", "North East", "Te Tai Tokerau")), ("Job", ("A-1", "B*2", "C~3")))
    ]


def items(chance: Chance) -> list[dict[str, Any]]:
    """Items with ids of this organisation, prices to four decimals."""
    return [
        {"ItemID": chance.uuid(), "Code": code, "Name": name, "Description": text, "Price": Decimal(price)}
        for code, name, text, price in ITEMS
    ]
