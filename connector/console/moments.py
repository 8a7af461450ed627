"""Times as people read them: in the tenant's zone, with the zone named, UTC in the tooltip."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.html import format_html
from django.utils.safestring import SafeString

DASH = "\N{EN DASH}"


def zone(name: str) -> ZoneInfo:
    """Give a zone by its IANA name; UTC when there is none of that name."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def moment(at: datetime | None, zone_name: str, *, seconds: bool = False) -> SafeString:
    """Show a moment in a zone: `25 Nov 2026, 14:03 CST`."""
    if at is None:
        return format_html('<span class="mlc-idle">{}</span>', DASH)
    local = at.astimezone(zone(zone_name))
    clock = "%H:%M:%S" if seconds else "%H:%M"
    return format_html(
        '<time class="mlc-time" datetime="{}" title="{} UTC">{} <span class="mlc-zone">{}</span></time>',
        at.isoformat(),
        at.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%d %H:%M:%S"),
        f"{local.day} {local.strftime('%b %Y, ' + clock)}",
        local.tzname(),
    )


def span(length: timedelta) -> str:
    """Say a length of time with one unit, two below an hour when it matters: `45 s`, `12 min`, `3 h`, `2 days`."""
    seconds = int(abs(length.total_seconds()))
    for limit, unit, size in ((120, "s", 1), (7200, "min", 60), (172_800, "h", 3600)):
        if seconds < limit:
            return f"{seconds // size} {unit}"
    return f"{seconds // 86_400} days"


def relative(at: datetime | None, now: datetime, zone_name: str) -> SafeString:
    """Show how long ago or how far ahead a moment is; the exact time stands in the tooltip."""
    if at is None:
        return format_html('<span class="mlc-idle">{}</span>', "never")
    words = f"{span(now - at)} ago" if at <= now else f"in {span(at - now)}"
    local = at.astimezone(zone(zone_name))
    return format_html(
        '<time class="mlc-time" datetime="{}" title="{}">{}</time>',
        at.isoformat(),
        f"{local.day} {local.strftime('%b %Y, %H:%M:%S %Z')}",
        words,
    )
