"""The network address of who asks, as far as it can be trusted."""

from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104 (stands for no address at all)


def client_address(request: HttpRequest) -> str:
    """Give the caller's address: the connection's own, or what the `PROXY_COUNT`th trusted proxy has seen.

    Of X-Forwarded-For only what our own proxies appended counts, from the right: the rest is written by the caller.
    """
    seen = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    trusted = settings.PROXY_COUNT
    claimed = seen[-trusted] if 0 < trusted <= len(seen) else request.META.get("REMOTE_ADDR", "")
    try:
        address = ip_address(claimed)
    except ValueError:
        return UNKNOWN
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
