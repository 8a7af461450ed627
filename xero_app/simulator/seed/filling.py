"""Fills the books of one organisation from its plan."""

from xero_app.simulator.books import Books
from xero_app.simulator.chance import Chance
from xero_app.simulator.config import OrganisationConfig, SimulatorConfig
from xero_app.simulator.documents import Row
from xero_app.simulator.seed.bundles import BundleWriter
from xero_app.simulator.seed.contacts import contact_rows
from xero_app.simulator.seed.journals import JournalWriter, journal_rows
from xero_app.simulator.seed.plan import Plan


def fill_books(*, books: Books, config: SimulatorConfig, organisation: OrganisationConfig, key: str) -> None:
    """Plans contacts, invoices with all that belongs to them, and manual journals; contents come later."""
    invoices = config.invoices if organisation.invoices is None else organisation.invoices
    contacts = _size(organisation.contacts, config.contacts, max(12, min(invoices // 8, 2000)))
    journals = _size(organisation.manual_journals, config.manual_journals, max(6, invoices // 20))
    people = contact_rows(
        chance=Chance(f"{key}/contacts"), count=contacts, country=books.country, base=books.base_currency,
        nasty=config.nasty, until=config.seeded_until,
    )  # fmt: skip
    books.streams["contacts"].fill(people)
    plan = Plan(
        chance=Chance(f"{key}/plan"), contacts=people, count=invoices, until=config.seeded_until,
        years=config.history_years, nasty=config.nasty,
        write=BundleWriter(books=books, key=f"{key}/bundle", nasty=config.nasty).write,
    )  # fmt: skip
    rows = plan.rows()
    rows += journal_rows(
        chance=Chance(f"{key}/journals"), count=journals, until=config.seeded_until, years=config.history_years,
        nasty=config.nasty, write=JournalWriter(books=books, key=f"{key}/journal").write,
    )  # fmt: skip
    by_stream: dict[str, list[Row]] = {}
    for row in rows:
        by_stream.setdefault(row.stream, []).append(row)
    for stream, group in by_stream.items():
        books.streams[stream].fill(group)
    books.next_number = 1 + sum(row.kind == "ACCREC" for row in by_stream.get("invoices", ()))


def _size(own: int | None, common: int | None, usual: int) -> int:
    return next(size for size in (own, common, usual) if size is not None)
