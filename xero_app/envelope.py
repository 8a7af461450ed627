"""One page of a list: the envelope around the objects, and each object's bytes exactly as Xero wrote them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec

from xero_app.errors import XeroBadAnswer
from xero_app.moments import parse_moment
from xero_app.streams import collection, endpoint
from xero_app.wire import Answer


@dataclass(frozen=True, slots=True)
class Page:
    """One page. The counts are those of the whole question; `server_time` is Xero's clock, aware and in UTC."""

    items: tuple[bytes, ...] = field(repr=False)
    page: int
    page_count: int | None
    item_count: int | None
    server_time: datetime
    correlation_id: str = ""


class _Pagination(msgspec.Struct):
    pageCount: int | None = None  # noqa: N815 (Xero's names)
    itemCount: int | None = None  # noqa: N815


def read_page(stream: str, answer: Answer, *, page: int) -> Page:
    """Take an answer apart. Raises `XeroBadAnswer` when it is not JSON, cut off, or without the list asked for."""
    try:
        envelope = msgspec.json.decode(answer.body, type=dict[str, msgspec.Raw])
        items = msgspec.json.decode(envelope[collection(stream)], type=list[msgspec.Raw])
        counts = msgspec.json.decode(envelope.get("pagination", b"{}"), type=_Pagination)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, KeyError) as error:
        raise XeroBadAnswer(_complaint(stream, answer, error)) from error
    return Page(
        items=tuple(bytes(item) for item in items),
        page=page,
        page_count=counts.pageCount if endpoint(stream).paged else 1,
        item_count=counts.itemCount if endpoint(stream).paged else len(items),
        server_time=_server_time(envelope, answer),
        correlation_id=answer.correlation_id,
    )


def _complaint(stream: str, answer: Answer, error: Exception) -> str:
    kind = answer.headers.get("Content-Type", "no content type")[:60]
    reason = f"it has no {collection(stream)}" if isinstance(error, KeyError) else str(error)[:200]
    reference = f" Xero's reference: {answer.correlation_id}." if answer.correlation_id else ""
    size = len(answer.body)
    return f"Xero's answer ({kind}, {size} bytes) is not the list of {stream} asked for: {reason}.{reference}"


def _server_time(envelope: dict[str, msgspec.Raw], answer: Answer) -> datetime:
    try:
        stamp = msgspec.json.decode(envelope.get("DateTimeUTC", b'""'), type=str)
        moment = parse_moment(stamp) if stamp else parsedate_to_datetime(answer.headers.get("Date", ""))
    except (msgspec.MsgspecError, ValueError) as error:
        raise XeroBadAnswer("Xero's answer does not say when it was made.") from error
    if moment is None:
        raise XeroBadAnswer("Xero's answer does not say when it was made.")
    return moment.astimezone(UTC)
