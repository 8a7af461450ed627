"""What a simulator can be told: apps, organisations, sizes, limits and every fault knob.

Fields named in `LIVE` may be changed while it runs (`POST /_sim/config`), the others only at the start.
Where the real Xero is not documented, the knob's comment names both readings.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class AppConfig:
    """One registered app. With `organisation` (its index) it is a custom connection, else a web app."""

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uris: tuple[str, ...] = ()
    organisation: int | None = None
    day_limit: int | None = None
    """Calls a day and tenant: 5000 when not set; 1000 for Xero's free Starter tier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationConfig:
    """One organisation and how much it holds; sizes not given come from the simulator's own."""

    name: str = "Harbor Supply Co"
    country: str = "US"
    base_currency: str = ""
    time_zone: str = ""
    """Xero's own spelling, such as NEWZEALANDSTANDARDTIME; by country when empty."""
    invoices: int | None = None
    contacts: int | None = None
    manual_journals: int | None = None


WEB_APP = AppConfig(
    client_id="SIMWEBAPP",
    client_secret="sim-web-secret",  # noqa: S106 - the simulator's own, opens nothing
    redirect_uris=("http://localhost:8000/xero/callback",),
)
CUSTOM_CONNECTION = AppConfig(
    client_id="SIMCUSTOM",
    client_secret="sim-custom-secret",  # noqa: S106 - the simulator's own, opens nothing
    organisation=0,
)


@dataclass(slots=True, kw_only=True)
class SimulatorConfig:
    """All settings with the defaults of an ordinary organisation; latency is 0 so that tests are quick."""

    seed: int = 1
    invoices: int = 250
    contacts: int | None = None
    manual_journals: int | None = None
    history_years: float = 1.0
    nasty: bool = True
    """Hostile text, rounding overrides and odd dates in the seed data."""
    seeded_until: datetime = datetime(2026, 10, 20, 21, 0, tzinfo=UTC)
    clock_frozen: bool = False
    """True: time stands at `seeded_until` and only moves by `/_sim/clock`; answers are then repeatable."""
    apps: tuple[AppConfig, ...] = (WEB_APP, CUSTOM_CONNECTION)
    organisations: tuple[OrganisationConfig, ...] = (OrganisationConfig(),)

    # sign-in
    access_ttl: float = 1800
    code_ttl: float = 300
    refresh_grace: float = 1800
    refresh_idle: float = 60 * 86_400
    granular_only: bool = True
    deny_consent: bool = False
    reports_permission: bool = True
    """False: the user behind every grant lacks it, and ManualJournals fail with 403."""

    # limits
    limits: bool = True
    concurrent_limit: int = 5
    minute_limit: int = 60
    day_limit: int = 5000
    app_minute_limit: int = 10_000
    minute_seconds: float = 60.0
    day_seconds: float = 86_400.0

    # answering
    latency: tuple[float, float] = (0.0, 0.0)
    latency_per_row: float = 0.0
    compact_json: bool = False
    accept_mode: str = "xml"
    """What a call without `Accept: application/json` gets: `xml` as the real API, or `406`."""
    visibility_lag_s: float = 0.0
    """Seconds until a change is seen by readers: a replica that lags."""
    mj_order_bug: bool = False
    """ManualJournals with `order` return everything on every page, as in 2022 (tap-xero#104)."""
    max_rows: int | None = 100_000
    """A query that reads more rows than this is refused with 400; None never refuses."""

    # webhooks
    webhook_auto: bool = False
    """True: a thread sends events by itself; False: only `send_webhooks` and `/_sim/webhooks/send`."""
    webhook_batch: int = 50
    webhook_timeout: float = 5.0
    webhook_duplicate: bool = False
    webhook_reorder: bool = False
    webhook_delay: float = 0.0
    webhook_drop: float = 0.0
    """Share (0..1) of events that are lost; each leaves a gap in the sequence."""
    webhook_foreign_tenant: bool = False

    # not verified on a live organisation: the default is the likelier or the harsher reading
    ims_mode: str = "gt"
    """If-Modified-Since compares seconds with `gt` (harsh) or `ge`; `ms` compares milliseconds."""
    ims_forms: str = "iso"
    """`iso` also understands a fraction, Z and an offset; `plain` ignores all but `YYYY-MM-DDTHH:MM:SS`; `none`
    ignores the header whatever it says (xero-node#198)."""
    page_ignored: bool = False
    """Every page is the first one, as for a client that names the parameter wrongly (airbyte#66667)."""
    item_count: str = "query"
    """`pagination.itemCount` counts the whole `query` or this `page` only."""
    past_end: str = "empty"
    """A page past the last one is an `empty` list or `404`."""
    order_by_ids: bool = True
    """False: ordering Payments and Contacts by their id is refused with 400."""
    encoded_commas: bool = True
    """False: a comma sent as %2C does not separate the items of IDs, Statuses and the like."""
    invalid_client_status: int = 400
    pkce: str = "check"
    """What becomes of PKCE that is sent beside the secret of a client, one of check, ignore and refuse (to sign in)."""
    app_minute_label: str = "appminute"
    """X-Rate-Limit-Problem of the app-wide limit."""
    count_refused: bool = False
    """Whether a call that is refused with 429 uses up the windows all the same."""
    payment_fires_invoice_event: bool = True
    """Whether a payment sends INVOICE/UPDATE."""
    webhook_retry_seconds: float = 900.0
    webhook_kept_days: float = 31.0


REALISTIC_LATENCY: dict[str, Any] = {"latency": (0.15, 0.6), "latency_per_row": 0.0003}
"""Invented figures in the range that people report; `SimulatorConfig(**REALISTIC_LATENCY)`."""

FIXED = {
    "seed", "invoices", "contacts", "manual_journals", "history_years", "nasty", "seeded_until", "clock_frozen",
    "apps", "organisations",
}  # fmt: skip
