"""Seeded manual journals: every LineAmountTypes, one before 1970, drafts, voided and deleted ones."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

from xero_app.simulator.amounts import line_tax
from xero_app.simulator.books import Books
from xero_app.simulator.chance import Chance
from xero_app.simulator.compose import compose_journal
from xero_app.simulator.documents import Bundle, Doc, Row
from xero_app.simulator.seed.words import NARRATIONS

_TYPES = ("NoTax", "Inclusive", "Exclusive")
_STATUSES = ("POSTED",) * 12 + ("DRAFT", "VOIDED", "DELETED", "POSTED")
_FIRST_NUMBER = 10**9
"""Journal bundles are numbered above the invoices' so that both can share one store of written documents."""


def journal_rows(
    *,
    chance: Chance,
    count: int,
    until: datetime,
    years: float,
    nasty: bool,
    write: Callable[[Bundle], dict[str, Doc]],
) -> list[Row]:
    """`count` journals spread over the history, update times in their order."""
    rows = []
    begin = until - timedelta(days=365.25 * years)
    for number in range(count):
        moment = begin + (until - begin) * (number / count)
        dated = date(1969, 12, 31) if nasty and number == 3 else moment.date()
        bundle = Bundle(number=_FIRST_NUMBER + number, shape=_TYPES[number % 3], write=write)
        row = Row(
            stream="manual_journals", xero_id=chance.uuid(), dated=dated,
            status=_STATUSES[number % len(_STATUSES)],
            updated_ms=int(moment.timestamp() * 1000) + chance.between(0, 999), bundle=bundle,
        )  # fmt: skip
        bundle.rows.append(row)
        rows.append(row)
    return rows


class JournalWriter:
    """Writes the journals of one organisation on demand."""

    def __init__(self, *, books: Books, key: str) -> None:
        self._books = books
        self._key = key

    def write(self, bundle: Bundle) -> dict[str, Doc]:
        """The bundle's one journal, balanced for its LineAmountTypes."""
        chance = Chance(f"{self._key}/{bundle.number}")
        row = bundle.rows[0]
        given = {
            "ManualJournalID": row.id, "Date": row.dated, "Status": row.status, "LineAmountTypes": bundle.shape,
            "Narration": chance.pick(NARRATIONS), "ShowOnCashBasisReports": chance.happens(0.9),
            "JournalLines": self._lines(chance, bundle.shape),
        }  # fmt: skip
        return {row.id: compose_journal(self._books, given, today=date(1970, 1, 1), new_id=chance.uuid)}

    def _lines(self, chance: Chance, types: str) -> list[Doc]:
        """Debits with tax, and one credit that balances them: of the tax as well where it comes on top."""
        tax_type = self._books.country.purchase_tax_type
        percent = self._books.tax_percent(tax_type)
        debits: list[Doc] = []
        credit = Decimal(0)
        for code in ("6200", "6400", "6480")[: chance.between(1, 3)]:
            amount = Decimal(chance.between(100, 900_000)) / 100
            debits.append(
                {"Description": "Rent ~ share", "LineAmount": amount, "AccountCode": code, "TaxType": tax_type}
            )
            tax = line_tax(amount=amount, rate=percent, line_amount_types=types)
            credit -= amount + (tax if types == "Exclusive" else 0)
        return [*debits, {"LineAmount": credit, "AccountCode": "2300", "TaxType": "NONE"}]
