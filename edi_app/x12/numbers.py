"""Writes numbers and dates as X12 wants them: R with an explicit point, Nn with implied decimals, CCYYMMDD."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal

from edi_app.mapping.findings import ValueRefused, shortened
from edi_app.mapping.plain_text import number_text

MONEY = Context(prec=50, rounding=ROUND_HALF_UP)
"""A document is worked out within this context, so that no thread's own settings change a figure."""
CENT = Decimal("0.01")
ZERO = Decimal(0)
ONE = Decimal(1)


def as_decimal(value: object) -> Decimal:
    """Take a number, or text that is one. Raises ValueRefused."""
    if isinstance(value, Decimal):
        if value.is_finite():
            return value
    elif isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    elif isinstance(value, str) and value.strip().lstrip("-").replace(".", "", 1).isdecimal() and value.isascii():
        return Decimal(value.strip())
    raise ValueRefused(f"{shortened(str(value))!r} is not a number.")


def real_text(value: Decimal) -> str:
    """Write type R: no sign but a minus, no exponent, no zeros that say nothing (X12.6 §3.5.1.2)."""
    text = number_text(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def quick_real(longest: int) -> Callable[[Decimal], str]:
    """Make a short way to write ordinary numbers as type R; it gives nothing where a closer look is needed."""

    def write(value: Decimal) -> str:
        text = str(value)
        if len(text) > longest or "E" in text or not value.is_finite():
            return ""
        if text[-1] != "0":
            return text
        stripped = text.rstrip("0").rstrip(".") if "." in text else text
        return stripped if value else ""

    return write


def implied_text(value: Decimal, decimals: int) -> str:
    """Write type Nn: 576.04 with two decimals is `57604`. Raises ValueRefused when digits would be lost."""
    scaled = MONEY.scaleb(value, decimals)
    whole = scaled.to_integral_value()
    if whole != scaled:
        raise ValueRefused(f"{number_text(value)} has more than {decimals} decimals.")
    return str(int(whole))


def quick_implied(decimals: int, longest: int) -> Callable[[Decimal], str]:
    """Make a short way to write ordinary amounts as type Nn; it gives nothing where a closer look is needed."""

    def write(value: Decimal) -> str:
        text = str(value)
        if len(text) > longest:
            return ""
        if not decimals:
            return text if text.isdigit() and text[0] != "0" else ""
        whole, _, cents = text.partition(".")
        return str(int(whole + cents)) if len(cents) == decimals and cents.isdigit() else ""

    return write


def digits(text: str) -> int:
    """Count a number's length as X12 does: without sign and point."""
    return len(text) - text.count("-") - text.count(".")


def date_text(value: object, length: int) -> str:
    """Write a date as CCYYMMDD, or YYMMDD when `length` is 6. Raises ValueRefused."""
    if isinstance(value, (date, datetime)):
        # strftime does not pad the year on every platform.
        text = f"{value.year:04d}{value.month:02d}{value.day:02d}"
        return text[8 - length :]
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) == length:
        return value
    raise ValueRefused(f"{shortened(str(value))!r} is not a date.")


def time_text(value: object) -> str:
    """Write a moment as HHMM; text of digits stays. Raises ValueRefused."""
    if isinstance(value, datetime):
        return f"{value.hour:02d}{value.minute:02d}"
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return value
    raise ValueRefused(f"{shortened(str(value))!r} is not a time.")
