"""The books of one organisation: its settings, its chart and one collection for each stream."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from xero_app.simulator.amounts import ONE, RATE_PLACES, places
from xero_app.simulator.chance import Chance
from xero_app.simulator.collection import Collection
from xero_app.simulator.config import OrganisationConfig
from xero_app.simulator.documents import Doc, Row, Written
from xero_app.simulator.seed.chart import accounts, items, tax_rates, tracking
from xero_app.simulator.seed.countries import COUNTRIES, RATES_PER_USD, Country

STREAMS = (
    "invoices", "credit_notes", "payments", "prepayments", "overpayments", "batch_payments", "manual_journals",
    "contacts", "accounts", "tax_rates",
)  # fmt: skip


@dataclass(slots=True)
class Books:
    """One organisation. `tenant_id` is its OrganisationID and the id of the connection's tenant alike."""

    tenant_id: str
    name: str
    country: Country
    base_currency: str
    time_zone: str
    short_code: str
    branding_theme_id: str
    chance: Chance
    rates: list[Doc]
    accounts: list[Doc]
    items: list[Doc]
    tracking: list[Doc]
    today: date
    """The day that decides what is overdue."""
    lock_date: date
    version: int = 0
    """Counts changes, so that derived figures (contact balances) know when to be added up again."""
    balances: dict[str, Doc] = field(default_factory=dict)
    balances_of: tuple[int, date] | None = None
    offline: bool = False
    next_number: int = 1
    streams: dict[str, Collection] = field(default_factory=lambda: {name: Collection(name) for name in STREAMS})
    written: Written = field(default_factory=Written)

    def doc(self, row: Row) -> Doc:
        """The row's document."""
        return self.written.document(row)

    def find(self, stream: str, xero_id: str) -> Row:
        """The row with this id; LookupError names what is missing."""
        row = self.streams[stream].get(xero_id)
        if row is None:
            msg = f"{self.name} has no {stream} with the id {xero_id}."
            raise LookupError(msg)
        return row

    def contact(self, contact_id: str) -> Doc:
        """The contact's document, following merges to the contact that is left."""
        doc = self.doc(self.find("contacts", contact_id))
        for _ in range(10):
            if not doc.get("MergedToContactID"):
                break
            doc = self.doc(self.find("contacts", doc["MergedToContactID"]))
        return doc

    def tax_percent(self, tax_type: str) -> Decimal:
        """EffectiveRate of a tax type, 0 for one that is not known."""
        return next((rate["EffectiveRate"] for rate in self.rates if rate["TaxType"] == tax_type), Decimal(0))

    def account(self, *, code: str = "", account_id: str = "") -> Doc | None:
        """The account with this code or id, None when there is none."""
        for doc in self.accounts:
            if (code and doc.get("Code") == code) or (account_id and doc["AccountID"] == account_id):
                return doc
        return None

    def bank(self, currency: str) -> Doc:
        """The bank account that payments in this currency go through, else the first bank account."""
        banks = [doc for doc in self.accounts if doc["Type"] == "BANK"]
        return next((doc for doc in banks if doc["CurrencyCode"] == currency), banks[0])

    def rate(self, currency: str, *, wobble: Decimal = Decimal(1)) -> Decimal:
        """CurrencyRate: units of `currency` for one unit of the base currency, six decimals; 1 for the base."""
        if currency == self.base_currency:
            return ONE
        return places(RATES_PER_USD[currency] / RATES_PER_USD[self.base_currency] * wobble, RATE_PLACES)


def open_books(*, config: OrganisationConfig, chance: Chance, until: datetime) -> Books:
    """Empty books of one organisation: settings, accounts, tax rates, items; no documents yet."""
    country = COUNTRIES[config.country]
    updated_ms = int(until.timestamp() * 1000) - 365 * 86_400_000
    base = config.base_currency or country.currency
    books = Books(
        tenant_id=chance.uuid(), name=config.name, country=country, base_currency=base,
        time_zone=config.time_zone or country.time_zone, short_code=f"!{chance.uuid()[:5]}",
        branding_theme_id=chance.uuid(), chance=chance, rates=tax_rates(country),
        accounts=accounts(
            chance=chance, country=country, base=base, foreign="EUR" if base != "EUR" else "USD",
            updated_ms=updated_ms
        ),
        items=items(chance), tracking=tracking(chance),
        today=until.date(), lock_date=closed_up_to(until.date()),
    )  # fmt: skip
    books.streams["accounts"].fill(
        Row(stream="accounts", xero_id=doc["AccountID"], updated_ms=doc.pop("UpdatedMs"), kind=doc["Type"],
            status=doc["Status"], number=doc.get("Code", ""), doc=doc)
        for doc in books.accounts
    )  # fmt: skip
    books.streams["tax_rates"].fill(
        Row(stream="tax_rates", xero_id=doc["TaxType"], updated_ms=updated_ms, status=doc["Status"], doc=doc)
        for doc in books.rates
    )
    return books


def closed_up_to(today: date) -> date:
    """PeriodLockDate: the last day of the month before last."""
    last_month = date.fromordinal(today.replace(day=1).toordinal() - 1)
    return date.fromordinal(last_month.replace(day=1).toordinal() - 1)
