"""Money as Xero adds it up: tax rounded per line and then summed, totals copied from the lines."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

CENT = Decimal("0.01")
FOUR_PLACES = Decimal("0.0001")
RATE_PLACES = Decimal("0.000001")
ZERO = Decimal("0.00")
ONE = Decimal("1.000000")


def cents(value: Any) -> Decimal:
    """Any exact number as money with two decimals, half up; floats are refused with TypeError."""
    return places(value, CENT)


def places(value: Any, step: Decimal) -> Decimal:
    """An exact number (Decimal, int or text) rounded half up to the scale of `step`."""
    if isinstance(value, float):
        msg = f"{value!r} is a binary float; give money as text or Decimal."
        raise TypeError(msg)
    return Decimal(value).quantize(step, rounding=ROUND_HALF_UP)


def line_amount(
    *, quantity: Decimal, unit: Decimal, discount_rate: Decimal | None, discount_amount: Decimal | None
) -> Decimal:
    """Quantity times price after the discount, to the cent (Xero page Invoices, element LineAmount)."""
    gross = quantity * unit
    if discount_rate is not None:
        gross = gross * (100 - discount_rate) / 100
    if discount_amount is not None:
        gross -= discount_amount
    return cents(gross)


def line_tax(*, amount: Decimal, rate: Decimal, line_amount_types: str) -> Decimal:
    """The tax of one line; `rate` in percent. Inclusive amounts contain it, NoTax has none."""
    if line_amount_types == "NoTax" or not rate:
        return ZERO
    if line_amount_types == "Inclusive":
        return cents(amount - amount * 100 / (100 + rate))
    return cents(amount * rate / 100)


def totals(*, lines: Iterable[dict[str, Any]], line_amount_types: str) -> tuple[Decimal, Decimal, Decimal]:
    """SubTotal without tax, TotalTax and Total of these lines."""
    amount = tax = ZERO
    for line in lines:
        amount += line.get("LineAmount", ZERO)
        tax += line.get("TaxAmount", ZERO)
    if line_amount_types == "Inclusive":
        return amount - tax, tax, amount
    return amount, tax, amount + tax


def in_bank_currency(*, amount: Decimal, rate: Decimal, same_currency: bool) -> Decimal:
    """A payment's BankAmount: document currency divided by the rate unless the bank holds that currency."""
    return amount if same_currency else cents(amount / rate)


def compound_rate(components: Sequence[tuple[Decimal, bool]]) -> Decimal:
    """EffectiveRate in percent: compound components are charged on top of the others."""
    plain = sum((rate for rate, compound in components if not compound), Decimal(0))
    stacked = sum((rate for rate, compound in components if compound), Decimal(0))
    return places(plain + stacked * (100 + plain) / 100, FOUR_PLACES)
