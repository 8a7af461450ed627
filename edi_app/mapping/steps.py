"""What `as` can do to one value: dates, amounts, text forms. Plain functions, the same in every locale."""

import base64
import hashlib
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from anyascii import anyascii

from edi_app.mapping.findings import BAD_TRANSFORM, ValueRefused, shortened
from edi_app.mapping.plain_text import EXACT, number_text, plain_text

MOST_PLACES = 10

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DATE_PARTS: dict[str, Callable[[datetime], str]] = {
    "Y": lambda at: f"{at.year:04}",
    "y": lambda at: f"{at.year % 100:02}",
    "m": lambda at: f"{at.month:02}",
    "d": lambda at: f"{at.day:02}",
    "j": lambda at: f"{at.timetuple().tm_yday:03}",
    "H": lambda at: f"{at.hour:02}",
    "M": lambda at: f"{at.minute:02}",
    "S": lambda at: f"{at.second:02}",
    "f": lambda at: f"{at.microsecond:06}",
    "b": lambda at: _MONTHS[at.month - 1][:3],
    "B": lambda at: _MONTHS[at.month - 1],
    "a": lambda at: _DAYS[at.weekday()][:3],
    "A": lambda at: _DAYS[at.weekday()],
    "G": lambda at: f"{at.isocalendar().year:04}",
    "V": lambda at: f"{at.isocalendar().week:02}",
    "%": lambda _: "%",
}


@lru_cache(maxsize=512)
def check_date_pattern(pattern: str) -> tuple[str, ...]:
    """Split a pattern such as `%Y-%m-%d` into its parts. Raises ValueRefused naming what is unknown.

    Month and day names are English in every locale; the codes are those of C's strftime.
    """
    parts = tuple(re.findall(r"%.|[^%]+|%", pattern, flags=re.DOTALL))
    for part in parts:
        if part[0] == "%" and part[1:] not in _DATE_PARTS:
            known = ", ".join(f"%{code}" for code in _DATE_PARTS)
            reason = f"{part} in the date format {pattern!r} is unknown."
            raise ValueRefused(reason, hint=f"Known are {known}.", code=BAD_TRANSFORM)
    if not any(part[0] == "%" for part in parts):
        reason = f"The date format {pattern!r} has no part of a date."
        raise ValueRefused(reason, hint="An example is %Y-%m-%d.", code=BAD_TRANSFORM)
    return parts


def as_date(value: object, pattern: str) -> str:
    """Write a date or moment by `pattern`; text must be ISO 8601. Nothing is shifted through a zone."""
    if not isinstance(value, (date, str)):
        raise ValueRefused(f'"{shortened(plain_text(value))}" is not a date.')
    return date_text(value, pattern)


@lru_cache(maxsize=8192)
def date_text(value: date | datetime | str, pattern: str) -> str:
    """Do the same for a value that is known to be a date, a moment or a text; the same days come again."""
    moment = _moment(value)
    return "".join(_DATE_PARTS[part[1:]](moment) if part[0] == "%" else part for part in check_date_pattern(pattern))


def _moment(value: date | datetime | str) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a calendar date has no zone
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueRefused(f'"{shortened(plain_text(value))}" is not a date.') from None


@lru_cache(maxsize=32)
def _quantum(places: int) -> Decimal:
    if not 0 <= places <= MOST_PLACES:
        raise ValueRefused(f"{places} decimals are not possible; 0 to {MOST_PLACES} are.", code=BAD_TRANSFORM)
    return Decimal(1).scaleb(-places)


def as_amount(value: Decimal | str, places: int) -> Decimal:
    """Round half up (away from zero) to exactly `places` decimals; text must be a plain number."""
    try:
        rounded = EXACT.quantize(as_number(value), _quantum(places))
    except InvalidOperation:
        raise ValueRefused(f"The number {value} is too large.") from None
    return rounded if rounded else rounded.copy_abs()


_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")


def as_number(value: Decimal | str) -> Decimal:
    """Read a number from text such as `-12.50`; a number stays as it is."""
    if isinstance(value, Decimal):
        if value.is_finite():
            return value
    elif isinstance(value, str) and _PLAIN_NUMBER.fullmatch(value.strip()):
        return Decimal(value.strip())
    raise ValueRefused(f'"{shortened(plain_text(value))}" is not a number.')


def as_scaled(value: Decimal | str, places: int) -> Decimal:
    """Write with implied decimals: 12.34 with 2 places becomes 1234, rounded half up."""
    return as_amount(EXACT.scaleb(as_amount(value, places), places), 0)


def without_trailing_zeros(value: Decimal | str) -> str:
    """Write a number with no more decimals than it needs: 25.50 becomes 25.5, 100.00 becomes 100."""
    text = number_text(as_number(value))
    return text.rstrip("0").rstrip(".") if "." in text else text


def grouped(value: Decimal | str) -> str:
    """Write a number with a comma between thousands."""
    return f"{as_number(value):,f}"


def negated(value: Decimal | str) -> Decimal:
    """Turn the sign around; zero stays zero."""
    number = as_number(value)
    return number.copy_negate() if number else number.copy_abs()


def zero_left_out(value: Decimal | str) -> Decimal | None:
    """Give nothing for zero, the number itself otherwise."""
    return as_number(value) or None


def digits_only(value: object) -> str:
    """Keep the digits 0 to 9."""
    return re.sub(r"[^0-9]", "", plain_text(value))


def alphanumeric_only(value: object) -> str:
    """Keep ASCII letters and digits."""
    return re.sub(r"[^0-9A-Za-z]", "", plain_text(value))


def one_line(value: object) -> str:
    """Turn every run of blanks, tabs and line breaks into one blank."""
    return " ".join(plain_text(value).split())


def ascii_only(value: object) -> str:
    """Write other scripts in ASCII letters, as good as it can be done (`Müller` becomes `Muller`)."""
    return str(anyascii(plain_text(value)))


def short_key(value: object, length: int) -> str:
    """Make a short key from a long id: base32 of its SHA-256, cut to `length` characters of A-Z and 2-7.

    The same id gives the same key for ever; with 12 characters two of a million ids collide with a chance
    of about one in two million.
    """
    digest = hashlib.sha256(plain_text(value).encode()).digest()
    return base64.b32encode(digest).decode()[:length]
