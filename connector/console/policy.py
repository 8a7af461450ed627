"""What a browser may load: the theme's needs under /admin, nothing at all anywhere else.

The theme's scripts need `unsafe-eval` (Alpine expressions) and its colours `unsafe-inline` for styles; no inline
script is ever allowed. Because expressions are evaluated, no text from Xero may stand in an `x-` or `hx-`
attribute.
"""

from typing import Any

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse


class ContentPolicy(CSPMiddleware):
    """Chooses the policy by address."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        """Give the console's policy under its address, the strict one elsewhere."""
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and request.path_info.startswith(reverse("admin:index")):
            console: dict[str, Any] = settings.CONSOLE_CONTENT_POLICY
            parts.config = parts.config or console
        return parts
