"""Webhook addresses: https only, a host and port that may be reached, no credentials in front of the host.

Plain http is taken for addresses of this very machine that ALLOWED_PRIVATE_NETS lists: for trying things out.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from connector.alerts.errors import AlertAddress
from core import addresses
from core.addresses import FOREIGN_PORTS, Address, AddressClosed, Network

LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a webhook leads. `path` may hold a credential, so it is not shown."""

    scheme: str
    host: str
    port: int
    path: str = field(repr=False)

    @property
    def authority(self) -> str:
        """Give host and port as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"https": 443, "http": 80}[self.scheme]
        return host if self.port == usual else f"{host}:{self.port}"


def read_destination(url: str, *, allowed_nets: Sequence[Network]) -> Destination:
    """Read a webhook's address. Raises `AlertAddress`; no sentence repeats the address."""
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url:
        raise AlertAddress("The webhook's address is too long, or has characters in it that no address has.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AlertAddress("The webhook's address cannot be read.") from None
    if parts.scheme not in ("https", "http"):
        raise AlertAddress("The webhook's address does not begin with https://.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise AlertAddress("The webhook's address has a user, a password or a # in it.")
    host = _host(parts, allowed_nets)
    number = _port(port, parts.scheme)
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    return Destination(parts.scheme, host, number, path)


def _host(parts: SplitResult, allowed_nets: Sequence[Network]) -> str:
    try:
        host = addresses.normal_host(parts.hostname or "")
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            is_here = False  # a name is looked up, and its addresses are checked, at every sending
        else:
            is_here = addresses.check_address(address, allowed_nets=allowed_nets).is_loopback
    except AddressClosed as closed:
        raise AlertAddress(f"The webhook's host: {closed.sentence}") from None
    if parts.scheme == "http" and not is_here:
        raise AlertAddress("The webhook's address does not begin with https://.")
    return host


def _port(written: int | None, scheme: str) -> int:
    port = (443 if scheme == "https" else 80) if written is None else written
    if (port != 443 and not 1024 <= port <= 65535) or port in FOREIGN_PORTS:
        raise AlertAddress(f"Port {port} is not a port for webhooks.", next_step="Use 443, or one from 1024 to 65535.")
    return port


def resolve(destination: Destination, *, allowed_nets: Sequence[Network], timeout_seconds: float) -> Address:
    """Look the host up once and give the address to connect to, every answer checked.

    Raises `AlertAddress`, and `core.addresses.NameUnknown` or `NamesSilent`."""
    try:
        found = addresses.resolve(
            destination.host, destination.port, allowed_nets=allowed_nets, timeout_seconds=timeout_seconds
        )
    except AddressClosed as closed:
        raise AlertAddress(f"The webhook's host leads to an address that is closed: {closed.sentence}") from None
    return found[0]
