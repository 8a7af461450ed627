"""The text of answers: Xero's dates, numbers with their exact scale, CRLF, and the envelope around a collection.

Nothing here passes through a float: decimals are written as they are (`89.00`, `1.000000`).
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec

_EPOCH = date(1970, 1, 1).toordinal()
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class Stamp(int):
    """A moment in milliseconds since 1970 that is written `\\/Date(ms+0000)\\/`."""

    def moment(self) -> datetime:
        """The same as an aware datetime."""
        return datetime.fromtimestamp(self // 1000, UTC).replace(microsecond=self % 1000 * 1000)


class BareStamp(Stamp):
    """A moment without an offset, `\\/Date(ms)\\/`, as DateTimeUTC and CreatedDateUTC are."""


def json_bytes(value: Any, *, compact: bool) -> bytes:
    """The value as JSON; unless compact, indented with CRLF as the live API answers."""
    raw = _ENCODER.encode(_wire(value))
    return raw if compact else msgspec.json.format(raw, indent=2).replace(b"\n", b"\r\n")


def plain(value: Any) -> Any:
    """The same value for Python callers: stamps as aware datetimes, everything else as it is."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value.moment() if isinstance(value, Stamp) else value


def date_ms(day: date) -> int:
    """A calendar day as milliseconds of its midnight in UTC; negative before 1970."""
    return (day.toordinal() - _EPOCH) * 86_400_000


def iso_day(day: date) -> str:
    """`DateString`: the day at midnight without a zone."""
    return f"{day.isoformat()}T00:00:00"


def iso_second(ms: int) -> str:
    """`UpdatedDateUTCString`: seconds only, with Z."""
    return datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def text(value: Any) -> str:
    """A value as people and self-checks read it: exact decimals, ISO days."""
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else str(value)


def _wire(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _wire(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_wire(part) for part in value]
    if isinstance(value, BareStamp):
        return msgspec.Raw(b'"\\/Date(%d)\\/"' % value)
    if isinstance(value, Stamp):
        return msgspec.Raw(b'"\\/Date(%d+0000)\\/"' % value)
    if isinstance(value, date):
        return msgspec.Raw(b'"\\/Date(%d+0000)\\/"' % date_ms(value))
    return value
