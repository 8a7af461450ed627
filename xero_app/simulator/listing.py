"""Which rows a list call gets: modified since, quick filters, where, order, the page."""

from collections.abc import Callable, Iterable, Sized
from dataclasses import dataclass
from datetime import date
from typing import Any

from xero_app.simulator.books import Books
from xero_app.simulator.config import SimulatorConfig
from xero_app.simulator.documents import Row
from xero_app.simulator.endpoints import Endpoint
from xero_app.simulator.query import Query
from xero_app.simulator.shapes.view import SINGLE
from xero_app.simulator.where import QueryParse, parse_order, parse_where
from xero_app.simulator.wire import Stamp, plain

TOO_MUCH = (
    "Your request is not filtering {name} efficiently, given the extremely high volume for this organisation. "
    "Please use the If-Modified-Since header, IDs or a range of dates."
)


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows of one page and how many the whole query has."""

    rows: list[Row]
    count: int
    pages: int


class Lister:
    """Answers list queries over one endpoint of one organisation. `now_ms` decides what is visible yet."""

    def __init__(self, *, books: Books, endpoint: Endpoint, config: SimulatorConfig, now_ms: int) -> None:
        self._books = books
        self._endpoint = endpoint
        self._config = config
        self._now_ms = now_ms
        self._rows = books.streams[endpoint.stream]
        self._quick_names = {"UpdatedDateUTC", "Date", "Type", "Status", endpoint.id_field}

    def page(self, query: Query) -> Listing:
        """The page asked for; QueryParse for a bad filter or a query that reads too many rows."""
        rows = self._selected(query)
        self._check_volume(rows)
        rows = self._ordered(rows, query)
        if query.page is None or not self._endpoint.paged:
            return Listing(list(rows), len(rows), 1)
        pages = max(1, -(-len(rows) // query.page_size))
        if self._config.mj_order_bug and query.order and self._endpoint.path == "ManualJournals":
            return Listing(list(rows), len(rows), pages)
        start = (query.page - 1) * query.page_size
        return Listing(rows[start : start + query.page_size], len(rows), pages)

    def _check_volume(self, rows: Sized) -> None:
        """400 when the query has to read more rows than the real API is willing to (pyxero#373)."""
        limit = self._config.max_rows
        if limit is not None and len(rows) > limit:
            raise QueryParse(TOO_MUCH.format(name=self._endpoint.path))

    def _selected(self, query: Query) -> list[Row]:
        rows = self._since(query)
        tests = [*self._quick(query), *self._plain(query)]
        if query.where:
            where = parse_where(query.where, get=self.field)
            if not where.names <= self._quick_names:
                self._check_volume(rows)
            tests.append(where.test)
        if self._config.visibility_lag_s:
            rows = self._visible(rows, query)
        if tests:
            return [row for row in rows if all(test(row) for test in tests)]
        return rows

    def _since(self, query: Query) -> list[Row]:
        since = query.since_ms
        if since is None or not self._endpoint.modified_since:
            if query.order.upper() in (f"{self._endpoint.id_field} ASC".upper(), self._endpoint.id_field.upper()):
                return self._rows.in_id_order()
            return self._rows.in_update_order()
        return self._rows.updated_from(since + {"gt": 1000, "ms": 1}.get(self._config.ims_mode, 0))

    def _visible(self, rows: Iterable[Row], query: Query) -> list[Row]:
        """Changes younger than the lag are not seen: the state before them is, where it fits the query."""
        found = []
        for row in rows:
            seen: Row | None = row
            while seen is not None and seen.visible_ms > self._now_ms:
                seen = seen.before
            if seen is row or (seen is not None and self._is_since(seen, query)):
                found.append(seen)
        return found

    def _is_since(self, row: Row, query: Query) -> bool:
        if query.since_ms is None:
            return True
        return row.updated_ms >= query.since_ms + {"gt": 1000, "ms": 1}.get(self._config.ims_mode, 0)

    def _quick(self, query: Query) -> list[Callable[[Row], bool]]:
        lists = {name: values for name, values in query.lists.items() if name in self._endpoint.quick_filters}
        keys: dict[str, Callable[[Row], str]] = {
            "IDs": lambda row: row.id,
            "InvoiceNumbers": lambda row: row.number.lower(),
            "ContactIDs": lambda row: str(self._books.contact(row.contact_id)["ContactID"]),
            "Statuses": lambda row: row.status.lower(),
        }
        return [_among(keys[name], values) for name, values in lists.items()]

    def _plain(self, query: Query) -> list[Callable[[Row], bool]]:
        tests: list[Callable[[Row], bool]] = []
        if self._endpoint.path == "Contacts" and not query.archived and "IDs" not in query.lists:
            tests.append(lambda row: row.status != "ARCHIVED")
        if self._endpoint.path == "TaxRates" and query.tax_type:
            tests.append(lambda row: row.id == query.tax_type)
        if query.search and self._endpoint.summary:
            tests.append(lambda row: query.search in self._search_text(row))
        return tests

    def _search_text(self, row: Row) -> str:
        doc = self._books.doc(row)
        names = ("InvoiceNumber", "Reference", "Name", "FirstName", "LastName", "ContactNumber", "EmailAddress")
        return "\n".join(str(doc.get(name, "")) for name in names).lower()

    def _ordered(self, rows: list[Row], query: Query) -> list[Row]:
        if not query.order:
            return rows
        wanted = parse_order(query.order)
        if not self._config.order_by_ids and self._endpoint.path in ("Payments", "Contacts"):
            self._refuse_ids(wanted)
        if any(name not in self._quick_names for name, _ in wanted):
            self._check_volume(self._rows)
        if wanted == [(self._endpoint.id_field, False)] and rows is self._rows.in_id_order():
            return rows
        for name, descending in reversed(wanted):
            rows = sorted(rows, key=lambda row: _sortable(self.field(row, name)), reverse=descending)
        return rows

    def _refuse_ids(self, wanted: list[tuple[str, bool]]) -> None:
        for name, _ in wanted:
            if name == self._endpoint.id_field:
                msg = f"{self._endpoint.path} cannot be ordered by {name}"
                raise QueryParse(msg)

    def field(self, row: Row, name: str) -> Any:
        """A field by Xero's name: from the row or else the document. QueryParse when unknown."""
        endpoint = self._endpoint
        if name == endpoint.id_field:
            return row.id
        if name in _ROW_FIELDS:
            return _ROW_FIELDS[name](row)
        if name == endpoint.number_field and row.number:
            return row.number
        if name in ("Contact.ContactID", "ContactID"):
            return self._books.contact(row.contact_id)["ContactID"]
        value: Any = plain(endpoint.show(self._books, row, SINGLE))
        for part in name.split("."):
            if not isinstance(value, dict):
                return None
            if part not in value and part not in _OPTIONAL:
                msg = f"No property or field '{name}' exists in type '{endpoint.path.removesuffix('s')}'"
                raise QueryParse(msg)
            value = value.get(part)
        return value


_ROW_FIELDS: dict[str, Callable[[Row], Any]] = {
    "Status": lambda row: row.status,
    "ContactStatus": lambda row: row.status,
    "Type": lambda row: row.kind,
    "PaymentType": lambda row: row.kind,
    "Date": lambda row: row.dated,
    "UpdatedDateUTC": lambda row: Stamp(row.updated_ms).moment(),
}
_OPTIONAL = frozenset(
    [
        "InvoiceNumber",
        "DueDate",
        "FullyPaidOnDate",
        "Reference",
        "SentToContact",
        "BrandingThemeID",
        "ContactNumber",
        "AccountNumber",
        "Code",
        "FirstName",
        "LastName",
        "TaxNumber",
        "CompanyNumber",
        "TotalDiscount",
        "ExpectedPaymentDate",
        "PlannedPaymentDate",
        "BatchPaymentID",
        "BatchPayment",
        "DefaultCurrency",
        "MergedToContactID",
        "RepeatingInvoiceID",
        "Description",
        "SystemAccount",
    ]
)


def _among(key: Callable[[Row], str], values: frozenset[str]) -> Callable[[Row], bool]:
    return lambda row: key(row) in values


def _sortable(value: Any) -> tuple[bool, Any]:
    """Missing values first; text without regard to case, as a database would."""
    if value is None:
        return False, ""
    if isinstance(value, date):
        return True, value.isoformat()
    return True, value.lower() if isinstance(value, str) else value
