"""Posting to webhooks, the only HTTP outside of `xero_app`: one look-up, that very address, no redirects, five seconds
and 64 KiB at most, no proxy of the environment in between."""

import contextlib
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx

from connector.alerts.destination import Destination, read_destination, resolve
from connector.alerts.errors import AlertNotTaken, AlertRefused
from core.addresses import Network
from core.secret import Secret

SECONDS = 5.0
"""For the look-up, and again for everything after it."""
MOST_ANSWER = 64 * 1024
LONGEST_ASKED = 3600.0
AGAIN = {408, 425, 429}


def post(
    url: Secret,
    body: bytes,
    headers: Mapping[str, str],
    *,
    allowed_nets: Sequence[Network],
    seconds: float = SECONDS,
) -> None:
    """Post JSON to a webhook; returning means that it was taken (2xx).

    Raises `AlertAddress`, `AlertRefused`, `AlertNotTaken`, `NameUnknown` or `NamesSilent`; none repeats the address.
    """
    destination = read_destination(url.reveal(), allowed_nets=allowed_nets)
    address = resolve(destination, allowed_nets=allowed_nets, timeout_seconds=seconds)
    status, retry_after = _exchange(destination, str(address), body, headers, seconds)
    if not 200 <= status < 300:
        raise _refusal(destination.host, status, retry_after)


def _exchange(
    destination: Destination, address: str, body: bytes, headers: Mapping[str, str], seconds: float
) -> tuple[int, float | None]:
    """Send one request to that address under the host's name, also for TLS; give status and Retry-After."""
    url = httpx.URL(
        scheme=destination.scheme, host=address, port=destination.port, raw_path=destination.path.encode("ascii")
    )
    sent = {**headers, "Host": destination.authority, "Content-Type": "application/json", "Accept-Encoding": "identity"}
    with _deadline(seconds) as watch, _client(seconds) as client:
        extensions = {"sni_hostname": destination.host, "trace": watch}
        request = client.build_request("POST", url, content=body, headers=sent, extensions=extensions)
        try:
            return _answer(client, request)
        except httpx.TimeoutException:
            raise AlertNotTaken(f"{destination.host} did not answer in time.") from None
        except (httpx.HTTPError, OSError) as error:
            raise AlertNotTaken(f"{destination.host} did not answer: {_reason(error)}.") from None


def _client(seconds: float) -> httpx.Client:
    return httpx.Client(
        timeout=httpx.Timeout(seconds),
        follow_redirects=False,
        trust_env=False,
        verify=httpx.create_ssl_context(),
        headers={"User-Agent": "ml-connector/0.1"},
    )


def _answer(client: httpx.Client, request: httpx.Request) -> tuple[int, float | None]:
    response = client.send(request, stream=True)
    try:
        size = 0
        for chunk in response.iter_raw():
            size += len(chunk)
            if size > MOST_ANSWER:
                break  # what it says does not matter, only that it was taken
        return response.status_code, _seconds(response.headers.get("Retry-After", ""))
    finally:
        response.close()


def _seconds(text: str) -> float | None:
    """Read Retry-After in seconds; a date, or nonsense, counts as nothing."""
    return min(float(text), LONGEST_ASKED) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _refusal(host: str, status: int, retry_after: float | None) -> AlertNotTaken | AlertRefused:
    if status >= 500 or status in AGAIN:
        return AlertNotTaken(f"{host} answered {status}.", retry_after=retry_after)
    if 300 <= status < 400:
        return AlertRefused(f"{host} leads to another address ({status}); redirects are not followed.")
    return AlertRefused(f"{host} refused the message ({status}).")


def _reason(error: Exception) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "its certificate is not valid for this name"
    return "no connection" if isinstance(error, httpx.ConnectError) else "the connection broke off"


@contextlib.contextmanager
def _deadline(seconds: float) -> Iterator[Any]:
    """Cut the connection when its time is up, however slowly the other side drips; gives the hook that watches it."""
    watched: list[socket.socket] = []
    timer = threading.Timer(seconds, _cut, [watched])
    timer.daemon = True
    timer.start()

    def watch(name: str, info: dict[str, Any]) -> None:
        stream = info.get("return_value") if name.endswith(("connect_tcp.complete", "start_tls.complete")) else None
        if stream is not None and (sock := stream.get_extra_info("socket")) is not None:
            watched.append(sock)

    try:
        yield watch
    finally:
        timer.cancel()


def _cut(watched: list[socket.socket]) -> None:
    for sock in watched:
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
