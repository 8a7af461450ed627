"""What every request goes through first: its size, its name in the log, and from where it comes."""

import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from connector import logs
from connector.client_address import client_address
from core.audit import acting_from

Next = Callable[[HttpRequest], HttpResponseBase]
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


class RequestGuard:
    """Refuses bodies that are too large or of no known length, and binds request id and address for the log and
    the audit trail."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let a request through, or answer 400 or 413."""
        address = client_address(request)
        logs.bind(request_id=uuid.uuid4().hex, address=address)
        refused = _refusal(request)
        if refused is not None:
            return HttpResponse(status=refused, content_type="text/plain; charset=utf-8")
        try:
            with acting_from(address):
                response = self.get_response(request)
        finally:
            structlog.contextvars.clear_contextvars()
        response.setdefault("Permissions-Policy", PERMISSIONS)
        return response


def _refusal(request: HttpRequest) -> int | None:
    # No address of ours has a NUL, and PostgreSQL takes none in a text.
    if (
        "%00" in request.META.get("QUERY_STRING", "")
        or "\0" in request.META.get("QUERY_STRING", "") + request.path_info
    ):
        return 400
    written = request.META.get("CONTENT_LENGTH") or "0"
    if not (written.isascii() and written.isdigit()):
        return 400
    return 413 if int(written[:20]) > settings.LARGEST_REQUEST else None
