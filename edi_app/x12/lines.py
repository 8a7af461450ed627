"""Invoice lines as IT1 values: net amounts, a unit price that multiplies out to the cent, discounts, texts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeGuard

from core.errors import Finding
from edi_app.mapping.findings import BAD_VALUE, REQUIRED_EMPTY, TOTAL_MISMATCH, ValueRefused
from edi_app.mapping.plain_text import number_text
from edi_app.x12.numbers import CENT, ONE, ZERO, digits, real_text
from edi_app.x12.settings import Settings
from edi_app.x12.taxes import TaxGroup
from edi_app.x12.text import Cleaner, split_text

DISCOUNT = "C310"
_STEPS = tuple(Decimal(1).scaleb(-places) for places in range(2, 11))
_PRICE_DIGITS = 17
_TEXT_LENGTH = 80
_WIDEST = 15
_NO_RATE: Mapping[str, Any] = {}


@dataclass(slots=True)
class Lines:
    """A document's lines, sorted out. `net` is the sum of everything before tax."""

    items: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    charges: list[dict[str, Any]] = field(default_factory=list)
    taxed: dict[str, TaxGroup] = field(default_factory=dict)
    net: Decimal = ZERO
    tax: Decimal = ZERO


class LineReader:
    """Reads lines under one partner's settings."""

    def __init__(self, settings: Settings, cleaner: Cleaner) -> None:
        self._settings = settings
        self._clean = cleaner.clean
        self._gross = settings.discount == "gross"
        self._by_line = settings.tax == "line"

    def read(self, document: Mapping[str, Any], *, sign: int, notes: list[Finding]) -> Lines:
        """Sort out all lines. Raises ValueRefused when a line cannot be expressed to the cent."""
        lines = Lines()
        inclusive = document.get("LineAmountTypes") == "Inclusive"
        for position, line in enumerate(document.get("LineItems") or (), start=1):
            amount, tax = _amounts(line, position)
            net = amount - tax if inclusive else amount
            if sign < 0:
                net, tax = -net, -tax
            lines.net += net
            if tax or line.get("TaxType"):
                _add_tax(lines.taxed, line, tax, net)
            if not amount and not (line.get("Quantity") and line.get("UnitAmount")):
                lines.notes += self._texts(line, "NTE02", notes)
            elif code := self._settings.charges.get(line.get("AccountCode") or ""):
                lines.charges.append(charge(code, net, line.get("Description") or ""))
            else:
                item = self._item(line, net, position, sign, notes, is_net=not inclusive)
                lines.items.append(item)
                item["Number"] = str(len(lines.items))
                if self._by_line:
                    _add_tax(item["Tax"], line, tax, net)
        lines.tax = sum((group.amount for group in lines.taxed.values()), ZERO)
        return lines

    def _item(
        self, line: Mapping[str, Any], net: Decimal, position: int, sign: int, notes: list[Finding], *, is_net: bool
    ) -> dict[str, Any]:
        quantity = _number(line, "Quantity", position, ONE)
        stated = _number(line, "UnitAmount", position, ZERO)
        is_discounted = bool(line.get("DiscountRate") or line.get("DiscountAmount"))
        allowance = self._allowance(line, net, quantity, stated) if is_discounted and self._gross else ZERO
        target = net + allowance if allowance else net
        says_price = is_net and "UnitAmount" in line and (allowance or not is_discounted)
        signed = quantity if sign > 0 else -quantity
        price = _price(target, signed, stated if says_price else None)
        if price is None:
            signed, price = self._collapsed(quantity, target, position, notes)
        code = line.get("ItemCode") or None
        return {
            "Quantity": signed,
            "Price": price,
            "Net": net,
            "Code": code,
            "CodeQualifier": "VP" if code else None,
            "Unit": self._settings.units.get(code or "", self._settings.unit),
            "Texts": self._texts(line, "PID05", notes),
            "Charges": [charge(DISCOUNT, -allowance, "Discount")] if allowance else [],
            "Line": line,
            "Tax": {},
        }

    def _allowance(self, line: Mapping[str, Any], net: Decimal, quantity: Decimal, price: Decimal) -> Decimal:
        """Give the discount in money, without tax; Xero has it as a rate or as an amount."""
        amount = line.get("LineAmount")
        if not amount:
            return ZERO
        off: Decimal = (quantity * price - amount) * net / amount
        return off.quantize(CENT)

    def _collapsed(
        self, quantity: Decimal, target: Decimal, position: int, notes: list[Finding]
    ) -> tuple[Decimal, Decimal]:
        shown = f"{number_text(quantity)} of line {position} at {number_text(target)}"
        if not self._settings.collapse_quantity:
            raise ValueRefused(
                f"No unit price makes {shown} come out to the cent.",
                hint="Allow collapse_quantity, which sends one unit at the line's amount.",
                code=TOTAL_MISMATCH,
            )
        notes.append(Finding("IT102", f"{shown} is sent as one unit.", code=BAD_VALUE))
        return ONE, target

    def _texts(self, line: Mapping[str, Any], place: str, notes: list[Finding]) -> list[dict[str, str]]:
        text = line.get("Description")
        if not text:
            return []
        if len(text) <= _TEXT_LENGTH and text.isascii():
            return [{"Text": text}]
        return [{"Text": part} for part in split_text(self._clean(text, place, notes), longest=_TEXT_LENGTH)]


def charge(code: str, amount: Decimal, text: str) -> dict[str, Any]:
    """Describe a charge, or an allowance when the amount is negative (SAC01 `C` or `A`)."""
    return {"Kind": "A" if amount < 0 else "C", "Code": code, "Amount": abs(amount), "Text": text[:_TEXT_LENGTH]}


def _price(target: Decimal, quantity: Decimal, stated: Decimal | None) -> Decimal | None:
    """Find the unit price whose product rounds to the amount: as stated in Xero, else with the fewest decimals."""
    if stated is not None and (quantity * stated).quantize(CENT) == target and _fits(stated):
        return stated
    if not quantity:
        return None
    exact = target / quantity
    for step in _STEPS:
        price = exact.quantize(step)
        if (quantity * price).quantize(CENT) == target and _fits(price):
            return price
    return None


def _fits(price: Decimal) -> bool:
    return len(str(price)) <= _PRICE_DIGITS or digits(real_text(price)) <= _PRICE_DIGITS


def _add_tax(groups: dict[str, TaxGroup], line: Mapping[str, Any], tax: Decimal, net: Decimal) -> None:
    kind = line.get("TaxType") or ""
    group = groups.get(kind)
    if group is None:
        groups[kind] = TaxGroup(tax, net, line.get("TaxRate") or _NO_RATE)
    else:
        group.amount += tax
        group.base += net


def _number(line: Mapping[str, Any], name: str, position: int, default: Decimal) -> Decimal:
    value = line.get(name)
    if value is None:
        return default
    if value.__class__ is Decimal and value.is_finite() and -_WIDEST <= value.adjusted() <= _WIDEST:
        return value
    raise ValueRefused(f"{name} of line {position} is {value}, which X12 cannot carry.", code=BAD_VALUE)


def _amounts(line: Mapping[str, Any], position: int) -> tuple[Decimal, Decimal]:
    amount, tax = line.get("LineAmount"), line.get("TaxAmount")
    if not _in_cents(amount):
        amount = _unusual_amount(line, "LineAmount", position)
    if not _in_cents(tax):
        tax = _unusual_amount(line, "TaxAmount", position)
    return amount, tax


def _unusual_amount(line: Mapping[str, Any], name: str, position: int) -> Decimal:
    value = _number(line, name, position, ZERO)
    if value != value.quantize(CENT):
        reason = f"{name} of line {position} is {number_text(value)}, which has more than two decimals."
        raise ValueRefused(reason, code=TOTAL_MISMATCH)
    return value


def _in_cents(value: Any) -> TypeGuard[Decimal]:
    """Say quickly that a value is an ordinary amount with two decimals, as Xero writes them."""
    return value.__class__ is Decimal and 3 < len(text := str(value)) <= _WIDEST and text[-3] == "."


def required_money(document: Mapping[str, Any], name: str) -> Decimal:
    """Give one of a document's totals. Raises ValueRefused when it is missing or not an amount in cents."""
    value = document.get(name)
    if value is None:
        raise ValueRefused(f"{name} is empty.", code=REQUIRED_EMPTY)
    if _in_cents(value):
        return value
    fits = isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) <= _WIDEST
    if not fits or value != value.quantize(CENT):
        raise ValueRefused(f"{name} is {value}, which is not an amount in cents.", code=BAD_VALUE)
    amount: Decimal = value
    return amount
