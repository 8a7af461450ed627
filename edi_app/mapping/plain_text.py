"""One text for each plain value, the same in every process: numbers, dates, moments, flags, JSON."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

from edi_app.mapping.findings import ValueRefused

EXACT = Context(prec=120, rounding=ROUND_HALF_UP, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[InvalidOperation])
"""All arithmetic on money runs in this context, whatever the thread's own context says."""

_WIDEST = 60
_PLAIN_DIGITS = "0123456789.-"


def number_text(value: Decimal) -> str:
    """Write a number in plain digits, scale kept as Xero wrote it, never an exponent or a negative zero."""
    text = str(value)
    if text.strip(_PLAIN_DIGITS):
        if not value.is_finite() or abs(value.adjusted()) > _WIDEST:
            raise ValueRefused(f"{text} cannot be written in plain digits.")
        text = f"{value:f}"
    return text if value else text.removeprefix("-")


def moment_text(value: datetime) -> str:
    """Write a moment in UTC, ISO 8601 with `Z`; milliseconds only where there are any."""
    utc = value.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds" if utc.microsecond else "seconds").replace("+00:00", "Z")


def plain_text(value: Any) -> str:
    """Write any value of a document as text; missing is empty, lists and objects are JSON.

    Raises ValueRefused for a number that cannot be written in plain digits.
    """
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return json_text(value) if isinstance(value, (dict, list, Mapping)) else str(value)


def json_text(value: Any) -> str:
    """Write a value as compact JSON with sorted keys; numbers keep every digit that Xero wrote."""
    if isinstance(value, Mapping):
        inner = ",".join(f"{json_text(key)}:{json_text(value[key])}" for key in sorted(value))
        return f"{{{inner}}}"
    if isinstance(value, list):
        return f"[{','.join(json_text(item) for item in value)}]"
    if value is None:
        return "null"
    if isinstance(value, (bool, Decimal, int)):
        return plain_text(value)
    return json.dumps(plain_text(value), ensure_ascii=False)
