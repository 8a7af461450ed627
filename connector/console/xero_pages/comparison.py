"""A reconciliation as a page shows it: one table an integration, one row a stream and currency, sums side by side."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from connector.console.xero_pages.reading import stream_name
from connector.reconcile import Became, Line, Report, Sum
from core.documents import Stream

OUTCOMES: dict[Became, str] = {
    Became.DELIVERED: "Delivered",
    Became.UNCHANGED: "Unchanged",
    Became.HELD: "On hold",
    Became.FAILED: "Failed",
    Became.FILTERED: "Left out by the filter",
    Became.BEFORE_START: "Before the start",
    Became.WAITING: "Waiting",
    Became.REJECTED: "Rejected by the partner",
    Became.TESTED: "Sent as a test",
    Became.ALREADY_THERE: "Already there",
    Became.IGNORED: "Ignored",
    Became.CANCELLED: "Cancelled",
}
ALWAYS = frozenset(list(OUTCOMES)[:6])
"""Columns that every table has; the others only where something became of it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A sum, and what of it is worth showing: contacts have no money, and the base currency may be the same."""

    found: Sum
    currency: str
    base_currency: str
    has_money: bool

    @property
    def has_base(self) -> bool:
        """Say whether the base currency says more."""
        return self.has_money and bool(self.base_currency) and self.currency != self.base_currency


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report with its cells, in the order of the table's columns."""

    line: Line
    name: str
    cells: tuple[Cell, ...]

    @property
    def more(self) -> int:
        """Count the objects that do not agree and are not listed."""
        return self.line.missing_count - len(self.line.missing)


@dataclass(frozen=True, slots=True)
class Table:
    """What one integration made of one organisation."""

    organisation: str
    integration: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def tables(report: Report) -> list[Table]:
    """Cut a report into tables, in its own order."""
    return [_table(name, list(lines)) for name, lines in groupby(_sorted(report.lines), key=_names)]


def _names(line: Line) -> tuple[str, str]:
    return line.organisation, line.integration


def _sorted(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=_names)


def _table(names: tuple[str, str], lines: list[Line]) -> Table:
    shown = [outcome for outcome in OUTCOMES if outcome in ALWAYS or any(outcome in line.ours for line in lines)]
    columns = ("In Xero", *(OUTCOMES[outcome] for outcome in shown), "Difference")
    return Table(*names, columns, tuple(_row(line, shown) for line in lines))


def _row(line: Line, shown: list[Became]) -> Row:
    sums = (line.xero, *(line.ours.get(outcome, Sum()) for outcome in shown), difference(line))
    has_money = line.stream != Stream.CONTACTS
    cells = tuple(Cell(found, line.currency, line.base_currency, has_money) for found in sums)
    return Row(line, stream_name(line.stream), cells)


def difference(line: Line) -> Sum:
    """Give what Xero has more than we; negative where it has less."""
    ours = line.total
    return Sum(line.xero.count - ours.count, line.xero.amount - ours.amount, line.xero.base - ours.base)
