"""The overview: how everything is doing, and what needs attention."""

from typing import Any

from django.http import HttpRequest


def overview(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the overview's figures to the index page."""
    return context
