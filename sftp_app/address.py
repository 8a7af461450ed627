"""Which addresses may be connected to: names are looked up once, checked, and that very address is used.

A server's address is typed by a person of one tenant, so it must not reach this machine's neighbours.
"""

import ipaddress
import queue
import re
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import ConnectorError
from sftp_app.errors import AddressRefused, SftpTimedOut, SftpUnreachable
from sftp_app.target import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Lookup = Callable[..., Sequence[Any]]

# Never, even when listed: "this host", link-local (cloud metadata lives there) and multicast.
NEVER = tuple(
    ipaddress.ip_network(net)
    for net in ("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::/128", "fe80::/10", "fd00:ec2::/32", "ff00::/8")
)
# `is_global` of Python 3.11 says yes to these, yet they lead to IPv4 addresses or old site-local ones.
TRANSLATED = tuple(
    ipaddress.ip_network(net)
    for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "fec0::/10", "::/96")
)
# Ports in the open range where another well-known service listens.
FOREIGN_PORTS = {2375, 2376, 3306, 5432, 5672, 6379, 9200, 11211, 27017}
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")


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
    plain = host.strip().rstrip(".").lower()
    if not plain:
        raise AddressRefused("The host name is empty.", next_step="Enter the server's host name.")
    try:
        return str(_unmapped(ipaddress.ip_address(plain)))
    except ValueError:
        pass
    try:
        name = plain.encode("idna").decode("ascii")
    except UnicodeError:
        name = ""
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise AddressRefused(f"{host.strip()[:80]!r} is no host name.", next_step="Enter the server's host name alone.")
    if _NUMBER.fullmatch(labels[-1]):
        # 2130706433, 0x7f000001, 0177.0.0.1 and 127.1 are all read as 127.0.0.1 by the system
        raise AddressRefused(
            f"{host.strip()[:80]} is not written as an address.", next_step="Write four numbers, as 192.0.2.10."
        )
    return name


def _unmapped(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id:
            raise AddressRefused("An address with a zone (%) is not used.", next_step="Enter the server's public name.")
        return address.ipv4_mapped or address
    return address


def check_address(address: Address, *, allowed_nets: Sequence[Network] = ()) -> Address:
    """Give the address to connect to (IPv4 taken out of IPv6), or raise AddressRefused."""
    plain = _unmapped(address)
    listed = any(plain in net for net in allowed_nets)
    is_open = plain.is_global and not any(plain in net for net in TRANSLATED)
    if any(plain in net for net in NEVER) or not (listed or is_open):
        raise AddressRefused(f"{plain} is not a public address.")
    return plain


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
    found = _look_up(endpoint, timeout_seconds, lookup)
    addresses = [ipaddress.ip_address(entry[4][0]) for entry in found]
    if not addresses:
        raise SftpUnreachable(f"The name {endpoint.host} has no address.")
    return list(dict.fromkeys(check_address(item, allowed_nets=allowed_nets) for item in addresses))


def _look_up(endpoint: Endpoint, timeout_seconds: float, lookup: Lookup) -> Sequence[Any]:
    # getaddrinfo knows no timeout, so it runs aside; a late answer falls into the queue and is dropped
    answers: queue.SimpleQueue[Sequence[Any] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(lookup(endpoint.host, endpoint.port, type=socket.SOCK_STREAM))
        except OSError as error:
            answers.put(error)

    threading.Thread(target=ask, name="sftp-lookup", daemon=True).start()
    try:
        answer = answers.get(timeout=timeout_seconds)
    except queue.Empty:
        raise _silent_names(endpoint.host) from None
    if isinstance(answer, OSError):
        raise SftpUnreachable(f"The name {endpoint.host} is not known.", next_step="Check the host name.") from answer
    return answer


def _silent_names(host: str) -> ConnectorError:
    return SftpTimedOut(f"The name service did not answer for {host}.")
