"""Sends one webhook body and judges the answer by Xero's rules: in time, 2xx or 401, no body, no cookies."""

import http.client
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Posted:
    """What came back. `status` is 0 when nothing did; `fault` says which rule the answer broke."""

    status: int
    fault: str = ""

    @property
    def is_accepted(self) -> bool:
        """2xx within the rules."""
        return 200 <= self.status < 300 and not self.fault

    @property
    def is_refused(self) -> bool:
        """401 within the rules: the right answer to a wrong signature."""
        return self.status == 401 and not self.fault


def post(*, url: str, body: bytes, signature: str, timeout: float) -> Posted:
    """Posts the body once; redirects are not followed. `timeout` in seconds for each step of the exchange."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout)
    headers = {
        "Content-Type": "application/json; charset=utf-8", "x-xero-signature": signature,
        "User-Agent": "Xero/Webhooks",
    }  # fmt: skip
    try:
        connection.request("POST", parts.path or "/", body=body, headers=headers)
        answer = connection.getresponse()
        content = answer.read()
    except (OSError, http.client.HTTPException) as error:
        return Posted(0, f"no answer: {type(error).__name__}")
    finally:
        connection.close()
    if content:
        return Posted(answer.status, "the answer has a body")
    if answer.getheader("Set-Cookie"):
        return Posted(answer.status, "the answer sets a cookie")
    return Posted(answer.status)
