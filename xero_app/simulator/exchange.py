"""One HTTP request and its answer as plain values, so that nothing above the server knows sockets."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
_EXACT = msgspec.json.Decoder(float_hook=Decimal)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What came in. Query parameters keep their last value; header names do not mind their case."""

    method: str
    path: str
    query: Mapping[str, str]
    raw_query: str
    headers: Message
    body: bytes

    def header(self, name: str) -> str:
        """A header's text, empty when it was not sent."""
        return str(self.headers.get(name) or "")

    def form(self) -> dict[str, str]:
        """The body as a form; text that is no form gives no fields."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def fields(self) -> dict[str, Any]:
        """The body as JSON object or form, for the control pages; ValueError says what is wrong with it."""
        if not self.body.strip():
            return {}
        if "json" not in self.header("Content-Type"):
            return dict(self.form())
        try:
            value = _EXACT.decode(self.body)
        except msgspec.DecodeError as error:
            msg = f"The body is not JSON: {error}"
            raise ValueError(msg) from error
        if not isinstance(value, dict):
            msg = "The body must be a JSON object."
            raise ValueError(msg)  # noqa: TRY004 - one error for everything wrong with a body
        return value


@dataclass(slots=True, kw_only=True)
class Response:
    """What goes out. `mishap` is how the server spoils it: see `faults`."""

    status: int = 200
    body: bytes = b""
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    mishap: str = ""


def request_of(*, method: str, target: str, headers: Message, body: bytes) -> Request:
    """A request from its request line, headers and body."""
    parts = urlsplit(target)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Request(
        method=method, path=unquote(parts.path), query=query, raw_query=parts.query, headers=headers, body=body
    )


def json_answer(value: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A small JSON answer that is no Xero collection."""
    encoder = msgspec.json.Encoder(decimal_format="string")
    return Response(status=status, body=encoder.encode(value), headers=dict(headers or {}))


def problem(*, status: int, title: str, detail: str) -> Response:
    """The error object of 401, 403 and 500 as the live API writes it."""
    body: dict[str, Any] = {
        "Type": None, "Title": title, "Status": status, "Detail": detail, "Instance": str(uuid.uuid4()),
        "Extensions": {},
    }  # fmt: skip
    return json_answer(body, status=status)


def not_found() -> Response:
    """404 is text that calls itself HTML."""
    return Response(status=404, body=b"The resource you're looking for cannot be found", content_type=HTML)


def query_problem(message: str) -> Response:
    """400 for a `where` or `order` that cannot be understood, or for a query that reads too much."""
    return json_answer({"ErrorNumber": 16, "Type": "QueryParseException", "Message": message}, status=400)
