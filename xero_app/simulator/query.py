"""What a list call asks for: paging, If-Modified-Since, quick filters, unitdp. The unknown is ignored."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote_plus

from xero_app.simulator.config import SimulatorConfig
from xero_app.simulator.exchange import Request

_SINCE = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?$")
_LIST_PARAMS = ("IDs", "InvoiceNumbers", "ContactIDs", "Statuses")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One list call. `page` is None when neither page nor pageSize was sent (then nothing is paged)."""

    page: int | None
    page_size: int
    since_ms: int | None
    lists: dict[str, frozenset[str]]
    where: str
    order: str
    unit_places: int
    summary: bool
    archived: bool
    search: str
    tax_type: str


def query_of(request: Request, *, config: SimulatorConfig) -> Query:
    """Reads the parameters; what cannot be understood counts as not sent, as with the live API."""
    params = request.query
    summary = _true(params.get("summaryOnly"))
    paged = summary or "page" in params or "pageSize" in params
    return Query(
        page=(1 if config.page_ignored else max(1, _whole(params.get("page"), 1))) if paged else None,
        page_size=min(1000, max(1, _whole(params.get("pageSize"), 100))),
        since_ms=since_ms(request.header("If-Modified-Since"), forms=config.ims_forms),
        lists=_lists(request, encoded_commas=config.encoded_commas),
        where=params.get("where", "").strip(),
        order=params.get("order", "").strip(),
        unit_places=4 if params.get("unitdp") == "4" else 2,
        summary=summary,
        archived=_true(params.get("includeArchived")),
        search=params.get("searchTerm", "").strip().lower(),
        tax_type=params.get("TaxType", ""),
    )


def since_ms(header: str, *, forms: str) -> int | None:
    """If-Modified-Since in whole seconds as milliseconds; None for anything that is not an ISO time.

    `YYYY-MM-DDTHH:MM:SS` is UTC; a fraction is cut off, an offset is applied (with `forms` `plain` neither is
    understood, with `none` nothing is). The RFC 7231 form is ignored like every other text: the full list comes back
    (tap-xero#24).
    """
    match = _SINCE.match(header.strip())
    if match is None or forms == "none" or (forms == "plain" and len(header.strip()) != len("2026-10-05T00:00:00")):
        return None
    try:
        moment = datetime.fromisoformat(match[1] + (match[2] or "+00:00"))
    except ValueError:
        return None
    return int(moment.astimezone(UTC).timestamp()) * 1000


def _whole(text: str | None, default: int) -> int:
    try:
        return int(text or default)
    except ValueError:
        return default


def _true(text: str | None) -> bool:
    return (text or "").lower() == "true"


def _lists(request: Request, *, encoded_commas: bool) -> dict[str, frozenset[str]]:
    """The comma lists; without `encoded_commas` only commas that were sent as such separate items."""
    found = {}
    for part in request.raw_query.split("&"):
        name, _, value = part.partition("=")
        if name in _LIST_PARAMS and value:
            items = unquote_plus(value).split(",") if encoded_commas else map(unquote_plus, value.split(","))
            found[name] = frozenset(item.strip().strip('"').lower() for item in items if item.strip())
    return found
