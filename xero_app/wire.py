"""HTTP as all calls to Xero do it: own timeouts, no redirects, answers bounded in size and time."""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import quote, urlencode

import httpx

from xero_app.errors import XeroBadAnswer, XeroDown, XeroTimeout

MAX_BODY = 50 * 1024 * 1024
"""Bytes of one decoded answer; a page of 1000 ordinary invoices has about two million."""
MAX_SECONDS = 120.0
"""How long one answer may take altogether, however slowly it drips."""

USER_AGENT = "ml-connector/0.1"


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer. Header names are compared without case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def correlation_id(self) -> str:
        """Xero's own reference of the call, cut to what can be shown."""
        return self.headers.get("Xero-Correlation-Id", "")[:64]


def open_client(*, read_seconds: float = 60.0, user_agent: str = USER_AGENT) -> httpx.Client:
    """Open a connection pool. It follows no redirects, since credentials must not travel to another host."""
    return httpx.Client(
        timeout=httpx.Timeout(connect=5, read=read_seconds, write=10, pool=30),
        follow_redirects=False,
        verify=_authorities(),
        headers={"User-Agent": user_agent, "Accept": "application/json"},
    )


@cache
def _authorities() -> ssl.SSLContext:
    """Load the certificate authorities once for each process; that takes longer than most calls."""
    return httpx.create_ssl_context()


def address(base: str, path: str, params: Mapping[str, str] | None = None) -> str:
    """Join host, path and parameters; commas in lists of ids stay as they are."""
    query = f"?{urlencode(params, safe=',', quote_via=quote)}" if params else ""
    return f"{base.rstrip('/')}{path}{query}"


def send(client: httpx.Client, request: httpx.Request, *, max_body: int = MAX_BODY) -> Answer:
    """Send one request and read the answer whole, whatever its status.

    Raises `XeroTimeout`, `XeroDown` (no connection, or broken off) or `XeroBadAnswer` (too large, not decodable).
    """
    deadline = time.monotonic() + MAX_SECONDS
    host = request.url.host
    try:
        response = client.send(request, stream=True)
        try:
            body = _read(response, max_body, deadline)
        finally:
            response.close()
    except httpx.TimeoutException as error:
        raise XeroTimeout(f"Xero ({host}) did not answer in time.") from error
    except httpx.DecodingError as error:
        raise XeroBadAnswer(f"Xero ({host}) sent an answer that cannot be unpacked.") from error
    except httpx.TransportError as error:
        raise XeroDown(f"Xero ({host}) did not answer: {_reason(error)}.") from error
    return Answer(response.status_code, response.headers, body)


def _read(response: httpx.Response, max_body: int, deadline: float) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > max_body:
            raise XeroBadAnswer(f"Xero sent more than {max_body // 1024 // 1024} MiB in one answer.")
        if time.monotonic() > deadline:
            raise XeroTimeout(f"Xero's answer was not complete after {MAX_SECONDS:.0f} seconds.")
    return bytes(body)


def _reason(error: httpx.TransportError) -> str:
    if isinstance(error, httpx.ConnectError):
        return "no connection"
    return "the connection broke off in the middle"
