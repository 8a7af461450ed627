"""What a reconciliation found: sums side by side, what is missing by id, and late changes of a closed period."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

MOST_SHOWN = 1000
"""Missing objects that a line lists; all of them are counted."""
NOTHING = Decimal("0.00")


class Became(StrEnum):
    """What became of an object of Xero's, in words of our side."""

    DELIVERED = "delivered"
    UNCHANGED = "unchanged"
    WAITING = "waiting"
    HELD = "held"
    FAILED = "failed"
    REJECTED = "rejected"
    TESTED = "tested"
    ALREADY_THERE = "already_there"
    BEFORE_START = "before_start"
    FILTERED = "filtered"
    IGNORED = "ignored"
    CANCELLED = "cancelled"


@dataclass(slots=True)
class Sum:
    """A count and its money: `amount` in the documents' currency, `base` in the organisation's."""

    count: int = 0
    amount: Decimal = NOTHING
    base: Decimal = NOTHING

    def add(self, amount: Decimal, base: Decimal) -> None:
        """Count one object."""
        self.count += 1
        self.amount += amount
        self.base += base

    def as_object(self) -> dict[str, Any]:
        """Give the sum with exact amounts as text."""
        return {"count": self.count, "amount": str(self.amount), "base": str(self.base)}


@dataclass(frozen=True, slots=True)
class Missing:
    """An object that does not agree: not read, not taken up, or with other values than Xero has now."""

    xero_id: str
    number: str
    reason: str
    amount: Decimal


@dataclass(slots=True)
class Line:
    """One stream of one integration in one currency. `error` says why Xero could not be read."""

    organisation: str
    integration: str
    stream: str
    currency: str
    base_currency: str
    xero: Sum = field(default_factory=Sum)
    ours: dict[str, Sum] = field(default_factory=dict)
    missing: list[Missing] = field(default_factory=list)
    missing_count: int = 0
    unlisted: int = 0
    """Objects that Xero counts and did not list: they moved between its pages."""
    error: str = ""

    @property
    def total(self) -> Sum:
        """Our side, all outcomes together."""
        parts = self.ours.values()
        amounts = sum((part.amount for part in parts), NOTHING), sum((part.base for part in parts), NOTHING)
        return Sum(sum(part.count for part in parts), *amounts)

    @property
    def is_ok(self) -> bool:
        """Say whether both sides agree to the cent and nothing is missing."""
        return self.xero == self.total and not (self.missing_count or self.unlisted or self.error)

    def took(self, outcome: str, amount: Decimal, base: Decimal) -> None:
        """Count one object on our side."""
        self.ours.setdefault(outcome, Sum()).add(amount, base)

    def lacks(self, missing: Missing) -> None:
        """Note one object that does not agree."""
        self.missing_count += 1
        if len(self.missing) < MOST_SHOWN:
            self.missing.append(missing)

    def as_object(self) -> dict[str, Any]:
        """Give the line as `reconcile --json` prints it."""
        outcomes = {outcome.value: self.ours.get(outcome, Sum()).as_object() for outcome in Became}
        return {
            "organisation": self.organisation,
            "integration": self.integration,
            "stream": self.stream,
            "currency": self.currency,
            "base_currency": self.base_currency,
            "ok": self.is_ok,
            "xero": self.xero.as_object(),
            **outcomes,
            "missing_count": self.missing_count,
            "missing": [
                {"xero_id": item.xero_id, "number": item.number, "reason": item.reason, "amount": str(item.amount)}
                for item in self.missing
            ],
            "unlisted": self.unlisted,
            "error": self.error,
        }


@dataclass(frozen=True, slots=True)
class LateChange:
    """A change in Xero after its period was locked there."""

    organisation: str
    stream: str
    xero_id: str
    number: str
    dated_on: date | None
    changed_at: datetime
    what: str

    def as_object(self) -> dict[str, Any]:
        """Give the change as `reconcile --json` prints it."""
        return {
            "organisation": self.organisation,
            "stream": self.stream,
            "xero_id": self.xero_id,
            "number": self.number,
            "dated_on": str(self.dated_on or ""),
            "changed_at": self.changed_at.isoformat(),
            "what": self.what,
        }


@dataclass(slots=True)
class Report:
    """The whole reconciliation of a tenant over a range of days, both included."""

    tenant: str
    day_from: date
    day_to: date
    lines: list[Line] = field(default_factory=list)
    late: list[LateChange] = field(default_factory=list)

    @property
    def is_ok(self) -> bool:
        """Say whether every line agrees."""
        return all(line.is_ok for line in self.lines)

    def red(self) -> Iterator[Line]:
        """Give the lines that do not agree."""
        return (line for line in self.lines if not line.is_ok)

    def as_object(self) -> dict[str, Any]:
        """Give the report as `reconcile --json` prints it."""
        return {
            "tenant": self.tenant,
            "from": str(self.day_from),
            "to": str(self.day_to),
            "ok": self.is_ok,
            "lines": [line.as_object() for line in self.lines],
            "late": [change.as_object() for change in self.late],
        }
