"""The second wall, where it is switched on: a reader's request sees only rows of the reader's tenants."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

from connector.console.access import access_of
from core import row_security


class RowWall:
    """Limits the database connection for the time of a request, and of the download that follows it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let a request through, limited to its reader's tenants; superusers see everything."""
        if not settings.ROW_LEVEL_SECURITY or not request.user.is_authenticated:
            return self.get_response(request)
        access = access_of(request)
        if access.everything:
            return self.get_response(request)
        mine = access.tenants()
        with row_security.only(mine):
            response = self.get_response(request)
        if isinstance(response, StreamingHttpResponse):
            response.streaming_content = _limited(cast(Iterable[Any], response.streaming_content), mine)
        return response


def _limited(content: Iterable[Any], tenant_ids: list[UUID]) -> Iterator[Any]:
    with row_security.only(tenant_ids):
        yield from content
