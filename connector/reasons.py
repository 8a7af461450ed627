"""Reasons: what a person must say before something is decided, for whoever reads the trail later."""

from core.errors import Finding, Invalid

LONGEST_REASON = 500


def needed_reason(text: str, *, what: str) -> str:
    """Give a reason without the space around it. Raises `Invalid` for none, and for one that is too long."""
    reason = text.strip()
    if not reason:
        raise Invalid([Finding("reason", f"{what} needs a reason.", "Say why, for whoever reads the trail.")])
    if len(reason) > LONGEST_REASON:
        raise Invalid([Finding("reason", f"It is longer than {LONGEST_REASON} characters.", "Shorten it.")])
    return reason
