"""Addresses that people type: which hosts may be connected to. A name is looked up once, every answer is checked, and
the connection goes to the very address that was checked.

An address is typed by a person of one tenant, so it must not reach this machine's neighbours.
"""

import ipaddress
import queue
import re
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any

from core.errors import PermanentError, TemporaryError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
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


class AddressClosed(PermanentError):
    """The address is not one that we connect to."""

    code = "ADDRESS_CLOSED"
    next_step = "Use the server's public name, or list its network in ALLOWED_PRIVATE_NETS."


class NameUnknown(TemporaryError):
    """The name service knows no address of this name."""

    code = "NAME_UNKNOWN"
    next_step = "Check the host name."


class NamesSilent(TemporaryError):
    """The name service did not answer in time."""

    code = "NAMES_SILENT"


def normal_host(text: str) -> str:
    """Bring a host name (IDN too) or an address into its one form. Raises `AddressClosed` for what is neither."""
    plain = text.strip().rstrip(".").lower()
    if not plain:
        raise AddressClosed("The host name is empty.", next_step="Enter the server's host name.")
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
        shown = repr(text.strip()[:80])
        raise AddressClosed(f"{shown} is no host name.", next_step="Enter the server's host name alone.")
    if _NUMBER.fullmatch(labels[-1]):
        # 2130706433, 0x7f000001, 0177.0.0.1 and 127.1 are all read as 127.0.0.1 by the system
        shown = text.strip()[:80]
        raise AddressClosed(f"{shown} is not written as an address.", next_step="Write four numbers, as 192.0.2.10.")
    return name


def _unmapped(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id:
            raise AddressClosed("An address with a zone (%) is not used.", next_step="Enter the server's public name.")
        return address.ipv4_mapped or address
    return address


def check_address(address: Address, *, allowed_nets: Sequence[Network] = ()) -> Address:
    """Give the address to connect to (IPv4 taken out of IPv6). Raises `AddressClosed`."""
    plain = _unmapped(address)
    listed = any(plain in net for net in allowed_nets)
    is_open = plain.is_global and not any(plain in net for net in TRANSLATED)
    if any(plain in net for net in NEVER) or not (listed or is_open):
        raise AddressClosed(f"{plain} is not a public address.")
    return plain


def resolve(
    host: str,
    port: int,
    *,
    allowed_nets: Sequence[Network] = (),
    timeout_seconds: float = 10,
    lookup: Lookup = socket.getaddrinfo,
) -> list[Address]:
    """Look a name up once and give its addresses, every one of them checked.

    Raises `AddressClosed` when any answer is not allowed, `NameUnknown` when there is none, and `NamesSilent`.
    """
    found = _look_up(host, port, timeout_seconds, lookup)
    addresses = [ipaddress.ip_address(entry[4][0]) for entry in found]
    if not addresses:
        raise NameUnknown(f"The name {host} has no address.", next_step="")
    return list(dict.fromkeys(check_address(item, allowed_nets=allowed_nets) for item in addresses))


def _look_up(host: str, port: int, timeout_seconds: float, lookup: Lookup) -> Sequence[Any]:
    # getaddrinfo knows no timeout, so it runs aside; a late answer falls into the queue and is dropped
    answers: queue.SimpleQueue[Sequence[Any] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(lookup(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            answers.put(error)

    threading.Thread(target=ask, name="name-lookup", daemon=True).start()
    try:
        answer = answers.get(timeout=timeout_seconds)
    except queue.Empty:
        raise NamesSilent(f"The name service did not answer for {host}.") from None
    if isinstance(answer, OSError):
        raise NameUnknown(f"The name {host} is not known.") from answer
    return answer
