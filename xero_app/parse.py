"""From one object's bytes to a document; whatever cannot be read is refused with its place."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from core.documents import Document, Mirror
from xero_app.errors import XeroBadRecord
from xero_app.facts import facts, id_field
from xero_app.values import Unreadable, read_values

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""The update time of what has none: Xero stamps neither organisations nor tax rates."""

_WITHOUT_UPDATE_TIME = (Mirror.ORGANISATION, Mirror.TAX_RATES)


def parse_document(stream: str, payload: bytes) -> Document:
    """Read one object of a stream or mirror.

    Fields that are unknown or missing do no harm; `XeroBadRecord` names the place of what is of the wrong kind.
    """
    try:
        values = read_values(stream, payload)
        updated_at = _update_time(stream, values)
        return Document(stream=stream, values=values, updated_at=updated_at, **facts(stream, values))
    except Unreadable as error:
        xero_id = _id_of(stream, payload)
        raise XeroBadRecord(stream, place=error.place, reason=str(error), xero_id=xero_id) from error


def _update_time(stream: str, values: dict[str, Any]) -> datetime:
    moment: datetime | None = values.get("UpdatedDateUTC")
    if moment is not None:
        return moment
    if stream in _WITHOUT_UPDATE_TIME:
        return NEVER
    raise Unreadable("UpdatedDateUTC", "the object does not say when it was changed")


def _id_of(stream: str, payload: bytes) -> str:
    try:
        outer = msgspec.json.decode(payload, type=dict[str, msgspec.Raw])
        return msgspec.json.decode(outer[id_field(stream)], type=str)[:36]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, KeyError):
        return ""
