"""Which servers may be connected to: a pasted address in its one form, under the rules of `core.addresses`."""

import contextlib
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core import addresses
from core.addresses import FOREIGN_PORTS, Address, AddressClosed, Lookup, NamesSilent, NameUnknown, Network
from sftp_app.errors import AddressRefused, SftpTimedOut, SftpUnreachable

__all__ = ["FOREIGN_PORTS", "Address", "Endpoint", "check_address", "read_endpoint", "resolve"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server's address in one normal form; `username` when it was pasted along."""

    host: str
    port: int
    username: str = ""


def read_endpoint(text: str, *, port: int | None = None) -> Endpoint:
    """Read a host as a person pastes it (`sftp://user@host:2222/in`, `Host.`, IDN) into its normal form.

    Raises AddressRefused for what is no plain host name or address, and for ports that are not SFTP's.
    """
    rest = text.strip()
    if "://" in rest:
        scheme, _, rest = rest.partition("://")
        if scheme.lower() not in ("sftp", "ssh"):
            raise AddressRefused(f"{scheme}:// is not SFTP.", next_step="Enter the host name alone.")
    rest = rest.partition("/")[0]
    user, _, place = rest.rpartition("@")
    if ":" in user:
        raise AddressRefused(
            "The address contains a password.",
            next_step="Enter the host name alone and the password in its own field.",
        )
    host, written_port = _split_port(place)
    return Endpoint(host=_normal_host(host), port=_check_port(written_port or port or 22), username=user)


def _split_port(place: str) -> tuple[str, int | None]:
    if place.startswith("["):
        host, _, tail = place[1:].partition("]")
        port = tail.removeprefix(":")
    elif place.count(":") == 1:
        host, _, port = place.partition(":")
    else:
        return place, None
    if not port:
        return host, None
    if not (port.isascii() and port.isdigit()):
        raise AddressRefused(f"{port[:20]!r} is no port number.", next_step="Use a number, usually 22.")
    # 0 must not fall through to the default port
    return host, int(port[:6]) or -1


def _check_port(port: int) -> int:
    allowed = port == 22 or 1024 <= port <= 65535
    if not allowed or port in FOREIGN_PORTS:
        shown = max(port, 0)
        raise AddressRefused(
            f"Port {shown} is not a port for SFTP.",
            next_step="Use 22, or the port from 1024 to 65535 that the partner named.",
        )
    return port


def _normal_host(host: str) -> str:
    with _as_ours():
        return addresses.normal_host(host)


def check_address(address: Address, *, allowed_nets: Sequence[Network] = ()) -> Address:
    """Give the address to connect to (IPv4 taken out of IPv6), or raise AddressRefused."""
    with _as_ours():
        return addresses.check_address(address, allowed_nets=allowed_nets)


def resolve(
    endpoint: Endpoint,
    *,
    allowed_nets: Sequence[Network] = (),
    timeout_seconds: float = 10,
    lookup: Lookup = socket.getaddrinfo,
) -> list[Address]:
    """Look the name up once and give its addresses, every one of them checked.

    Raises AddressRefused when any answer is not allowed, SftpUnreachable when there is none, and
    SftpTimedOut when the name service is silent.
    """
    with _as_ours():
        return addresses.resolve(
            endpoint.host,
            endpoint.port,
            allowed_nets=allowed_nets,
            timeout_seconds=timeout_seconds,
            lookup=lookup,
        )


@contextlib.contextmanager
def _as_ours() -> Iterator[None]:
    """Give what the shared rules refuse the codes that people know from servers."""
    try:
        yield
    except AddressClosed as closed:
        raise AddressRefused(closed.sentence, next_step=closed.next_step) from None
    except NameUnknown as unknown:
        raise SftpUnreachable(unknown.sentence, next_step=unknown.next_step or None) from unknown
    except NamesSilent as silent:
        raise SftpTimedOut(silent.sentence) from silent
