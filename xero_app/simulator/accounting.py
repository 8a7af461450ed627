"""The accounting paths: from an admitted request to Xero's envelope."""

from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape  # writes XML, reads none  # nosec B406

from xero_app.simulator.books import Books
from xero_app.simulator.config import SimulatorConfig
from xero_app.simulator.documents import Doc
from xero_app.simulator.endpoints import ENDPOINTS, Endpoint
from xero_app.simulator.exchange import TEXT, Request, Response, not_found, query_problem
from xero_app.simulator.listing import Lister
from xero_app.simulator.query import Query, query_of
from xero_app.simulator.shapes.settings import organisation
from xero_app.simulator.shapes.view import View
from xero_app.simulator.where import QueryParse
from xero_app.simulator.wire import BareStamp, json_bytes

BASE = "/api.xro/2.0"
MOST_IDS = 52
"""More ids in one call are answered with 404 although they exist (Xero-Java#328)."""


class Accounting:
    """Reads of one organisation's books. Holds no state; called under the simulator's lock."""

    def __init__(self, *, config: SimulatorConfig) -> None:
        self._config = config

    def answer(self, *, books: Books, request: Request, now: datetime, correlation_id: str) -> tuple[Response, int]:
        """The answer and how many objects it shows (latency depends on it)."""
        books.today = now.date()
        path, _, key = request.path.removeprefix(f"{BASE}/").partition("/")
        query = query_of(request, config=self._config)
        envelope = _envelope(request, now, correlation_id)
        try:
            found = self._found(books, path, key, query, now)
        except QueryParse as error:
            return query_problem(str(error)), 0
        if found is None:
            return not_found(), 0
        name, rows, pagination = found
        body = envelope | pagination | {name: rows}
        return self._written(request, body), len(rows)

    def _found(
        self, books: Books, path: str, key: str, query: Query, now: datetime
    ) -> tuple[str, list[Doc], dict[str, Any]] | None:
        if path == "Organisation":
            return "Organisations", [organisation(books)], {}
        endpoint = ENDPOINTS.get(path)
        if endpoint is None or len(query.lists.get("IDs", ())) > MOST_IDS:
            return None
        if key:
            return self._single(books, endpoint, key, query)
        return self._list(books, endpoint, query, int(now.timestamp() * 1000))

    def _single(
        self, books: Books, endpoint: Endpoint, key: str, query: Query
    ) -> tuple[str, list[Doc], dict[str, Any]] | None:
        rows = books.streams[endpoint.stream]
        row = rows.get(key) or (rows.numbered(key) if endpoint.number_field else None)
        if row is None:
            return None
        view = View(single=True, unit_places=query.unit_places)
        return endpoint.path, [endpoint.show(books, row, view)], {}

    def _list(
        self, books: Books, endpoint: Endpoint, query: Query, now_ms: int
    ) -> tuple[str, list[Doc], dict[str, Any]] | None:
        listing = Lister(books=books, endpoint=endpoint, config=self._config, now_ms=now_ms).page(query)
        if query.page is not None and query.page > listing.pages and self._config.past_end == "404":
            return None
        paged = query.page is not None and endpoint.paged
        view = View(paged=paged, summary=query.summary and endpoint.summary, unit_places=query.unit_places)
        shown = [endpoint.show(books, row, view) for row in listing.rows]
        count = listing.count if self._config.item_count == "query" else len(shown)
        pagination = {
            "page": query.page, "pageSize": query.page_size, "pageCount": listing.pages,
            "itemCount": count,
        }  # fmt: skip
        return endpoint.path, shown, {"pagination": pagination} if paged else {}

    def _written(self, request: Request, body: dict[str, Any]) -> Response:
        if wants_json(request):
            return Response(body=json_bytes(body, compact=self._config.compact_json))
        if self._config.accept_mode == "406":
            return Response(
                status=406, body=b"Not acceptable: client forgot Accept: application/json", content_type=TEXT
            )
        inner = "".join(
            f"<{name}>{escape(str(value))}</{name}>" for name, value in body.items() if name in ("Id", "Status")
        )
        xml = f'<?xml version="1.0" encoding="utf-8"?>\r\n<Response>{inner}</Response>'
        return Response(body=xml.encode(), content_type="text/xml; charset=utf-8")


def wants_json(request: Request) -> bool:
    """Whether the caller asked for JSON; the API's own default is XML."""
    return "application/json" in request.header("Accept").lower()


def _envelope(request: Request, now: datetime, correlation_id: str) -> dict[str, Any]:
    return {
        "Id": correlation_id, "Status": "OK",
        "ProviderName": request.header("User-Agent").partition("/")[0] or "Unknown",
        "DateTimeUTC": BareStamp(int(now.timestamp() * 1000)),
    }  # fmt: skip
