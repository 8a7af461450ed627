"""What can be read from the Accounting API: path, collection and which parameters each endpoint understands.

Source: Xero's accounting specification; page sizes and the traps behind each choice: Xero's pages "Invoices",
"Contacts", "Manual Journals" and "Requests and responses".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

from core.documents import Mirror, Stream

PAGE_SIZE = 1000
"""Xero's maximum; larger values are cut down to it silently."""
IDS_PER_CALL = 40
"""With about 53 ids Xero answers 404: the address gets too long."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One list endpoint. `id_field` without `takes_ids` means that ids go into `where`."""

    path: str
    id_field: str
    paged: bool = True
    takes_since: bool = True
    takes_ids: bool = False
    takes_statuses: bool = False
    dated: bool = True
    order: str = ""
    always: Mapping[str, str] = field(default_factory=dict)

    @property
    def ids_per_call(self) -> int:
        """How many ids fit into one call; in `where` each takes more than twice the room."""
        return IDS_PER_CALL if self.takes_ids else 10


ENDPOINTS: Mapping[str, Endpoint] = MappingProxyType(
    {
        # Unit prices are rounded to cents without `unitdp`. An order by an id that never changes keeps pages
        # stable while records change; it is known to work for invoices only, and `order` breaks the paging of
        # manual journals.
        Stream.INVOICES: Endpoint(
            "Invoices",
            "InvoiceID",
            takes_ids=True,
            takes_statuses=True,
            order="InvoiceID ASC",
            always={"unitdp": "4"},
        ),
        Stream.CREDIT_NOTES: Endpoint("CreditNotes", "CreditNoteID", always={"unitdp": "4"}),
        Stream.PAYMENTS: Endpoint("Payments", "PaymentID"),
        Stream.MANUAL_JOURNALS: Endpoint("ManualJournals", "ManualJournalID"),
        # Archived contacts vanish from lists unless asked for.
        Stream.CONTACTS: Endpoint(
            "Contacts", "ContactID", takes_ids=True, dated=False, always={"includeArchived": "true"}
        ),
        Mirror.PREPAYMENTS: Endpoint("Prepayments", "PrepaymentID"),
        Mirror.OVERPAYMENTS: Endpoint("Overpayments", "OverpaymentID"),
        Mirror.ACCOUNTS: Endpoint("Accounts", "AccountID", paged=False, dated=False),
        Mirror.TAX_RATES: Endpoint("TaxRates", "TaxType", paged=False, takes_since=False, dated=False),
        Mirror.ORGANISATION: Endpoint("Organisation", "OrganisationID", paged=False, takes_since=False, dated=False),
    }
)
COLLECTIONS: Mapping[str, str] = MappingProxyType({Mirror.ORGANISATION: "Organisations"})
"""Where the envelope's list is not named like the path."""


def endpoint(stream: str) -> Endpoint:
    """Give the endpoint of a stream. Raises `ValueError` for what is not read from Xero (allocations)."""
    if stream not in ENDPOINTS:
        raise ValueError(f"{stream} is not read from Xero")
    return ENDPOINTS[stream]


def collection(stream: str) -> str:
    """Name the list in the envelope of a stream's answer."""
    return COLLECTIONS.get(stream, endpoint(stream).path)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of one endpoint. Dates are calendar dates, both ends included."""

    page: int = 1
    page_size: int = PAGE_SIZE
    modified_since: datetime | None = None
    xero_ids: Sequence[str] = ()
    dated_from: date | None = None
    dated_to: date | None = None
    ordered: bool = False
    statuses: Sequence[str] = ()


def parameters(stream: str, query: Query) -> dict[str, str]:
    """Build the query's parameters. Raises `ValueError` for what the endpoint does not understand."""
    spec = endpoint(stream)
    if len(query.xero_ids) > spec.ids_per_call:
        raise ValueError(f"{stream}: at most {spec.ids_per_call} ids in a call")
    where = _dates(spec, query)
    params = dict(spec.always) | _statuses(spec, query)
    if spec.paged:
        params |= {"page": str(query.page), "pageSize": str(query.page_size)}
    if query.xero_ids and spec.takes_ids:
        params["IDs"] = ",".join(query.xero_ids)
    elif query.xero_ids:
        where.append(" OR ".join(f'{spec.id_field}==Guid("{xero_id}")' for xero_id in query.xero_ids))
    if where:
        params["where"] = "&&".join(where)
    if query.ordered and spec.order:
        params["order"] = spec.order
    return params


def _statuses(spec: Endpoint, query: Query) -> dict[str, str]:
    if query.statuses and not spec.takes_statuses:
        raise ValueError(f"{spec.path} are not filtered by status")
    return {"Statuses": ",".join(query.statuses)} if query.statuses else {}


def _dates(spec: Endpoint, query: Query) -> list[str]:
    if not spec.dated and (query.dated_from or query.dated_to):
        raise ValueError(f"{spec.path} have no document date")
    if query.xero_ids and (query.dated_from or query.dated_to):
        raise ValueError("ask for ids or for dates, not for both")
    bounds = []
    if query.dated_from:
        bounds.append(f"Date>={_moment(query.dated_from)}")
    if query.dated_to:
        bounds.append(f"Date<{_moment(query.dated_to + timedelta(days=1))}")
    return bounds


def _moment(day: date) -> str:
    return f"DateTime({day.year:04},{day.month:02},{day.day:02})"


def since_header(moment: datetime) -> str:
    """Write a moment as Xero's If-Modified-Since takes it: UTC, whole seconds, no zone.

    Any other form, the usual HTTP date too, is ignored silently and everything is sent (Xero's page "Requests
    and responses")."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
