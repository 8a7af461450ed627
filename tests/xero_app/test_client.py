"""Reading pages: everything that is asked and answered on Xero's Accounting API."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.models import Grant
from tests.factories import GrantFactory, OrganisationFactory
from tests.xero_app.conftest import in_threads
from xero_app.client import XeroClient
from xero_app.errors import XeroDisconnected
from xero_app.parse import parse_document
from xero_app.simulator import CUSTOM_CONNECTION, AppConfig, OrganisationConfig, SimulatorConfig

STREAMS = (
    "invoices", "payments", "manual_journals", "contacts", "credit_notes", "prepayments", "overpayments",
    "accounts", "tax_rates", "organisation",
)  # fmt: skip


def everything(client, stream, **asked):
    first = client.page(stream, **asked)
    pages = [client.page(stream, page=number, **asked) for number in range(2, (first.page_count or 1) + 1)]
    return [item for page in (first, *pages) for item in page.items]


@pytest.mark.parametrize("stream", STREAMS)
def test_every_stream_is_read_and_parsed_whole(client, xero, stream):
    page = client.page(stream)

    documents = [parse_document(stream, item) for item in page.items]
    assert len(documents) == page.item_count == len({document.xero_id for document in documents})
    assert documents
    assert page.server_time.tzinfo is not None
    assert xero.stats["statuses"] == {"200": 2}


def test_amounts_are_the_ones_that_xero_holds_to_the_last_digit(client, xero):
    held = xero.holdings(streams=["invoices"])["invoices"]
    totals = {item["id"]: Decimal(item["Total"]) for item in held}

    read = {document.xero_id: document for document in documents_of(client, "invoices")}

    assert {xero_id: document.total for xero_id, document in read.items()} == totals
    prices = [
        line["UnitAmount"]
        for document in read.values()
        for line in document.values["LineItems"]
        if "UnitAmount" in line
    ]
    assert {price.as_tuple().exponent for price in prices} == {-4}


def documents_of(client, stream, **asked):
    return [parse_document(stream, item) for item in everything(client, stream, **asked)]


def test_small_pages_bring_everything_once(client, xero):
    documents = documents_of(client, "invoices", page_size=7, ordered=True)

    assert len(documents) == len({document.xero_id for document in documents}) == len(xero.store.streams["invoices"])


def test_past_the_last_page_there_is_nothing(client):
    assert client.page("payments", page=99).items == ()


def test_only_what_changed_since_a_moment_is_read(client, xero):
    since = xero.clock.now() + timedelta(seconds=5)
    xero.advance(seconds=10)
    changed = xero.touch("invoices", count=3)

    documents = documents_of(client, "invoices", modified_since=since)

    assert sorted(document.xero_id for document in documents) == sorted(changed)


def test_a_moment_in_another_zone_asks_for_the_same_instant(client, xero):
    xero.advance(seconds=100)
    xero.touch("contacts", count=2)
    since = (xero.clock.now() - timedelta(seconds=50)).astimezone(UTC)

    assert len(client.page("contacts", modified_since=since).items) == 2


@pytest.mark.parametrize("stream", ["invoices", "contacts", "payments", "manual_journals", "credit_notes"])
def test_objects_are_read_by_their_ids(client, xero, stream):
    wanted = sorted(row.id for row in xero.store.streams[stream])[:40]

    documents = documents_of(client, stream, xero_ids=wanted)

    assert sorted(document.xero_id for document in documents) == wanted


def test_more_ids_than_an_address_can_carry_are_refused_before_the_call(client, xero):
    with pytest.raises(ValueError, match="at most 40 ids"):
        client.page("invoices", xero_ids=["x"] * 41)
    assert xero.stats["accounting_calls"] == 0


def test_both_days_of_a_window_are_part_of_it(client, xero):
    days = sorted(row.dated for row in xero.store.streams["invoices"])
    first, last = days[5], days[-5]

    documents = documents_of(client, "invoices", dated_from=first, dated_to=last)

    assert sorted(document.dated_on for document in documents) == [day for day in days if first <= day <= last]


def test_archived_contacts_are_part_of_the_list(client, xero):
    contact_id = xero.store.streams["contacts"].in_id_order()[0].id
    xero.archive_contact(contact_id)

    statuses = {document.xero_id: document.status for document in documents_of(client, "contacts")}

    assert statuses[contact_id] == "ARCHIVED"


def test_manual_journals_are_never_asked_for_in_an_order_of_ours(client, xero):
    xero.configure(mj_order_bug=True)

    journals = everything(client, "manual_journals", page_size=3, ordered=True)

    assert len(journals) == len(xero.store.streams["manual_journals"])


def test_the_organisation_tells_what_it_is(books, limits, xero):
    books.xero_tenant_id = ""

    with XeroClient(books, interactive=True, limits=limits) as client:
        facts = client.describe()

    assert facts.xero_tenant_id == xero.tenant_id
    assert facts.base_currency == "USD"
    assert facts.connection_id
    assert facts.legal_name


SECOND = AppConfig(client_id="SECOND", client_secret="the-second-secret", organisation=1)
TWO = SimulatorConfig(
    apps=(CUSTOM_CONNECTION, SECOND),
    organisations=(OrganisationConfig(name="Harbor Supply Co"), OrganisationConfig(name="Second Ltd")),
    invoices=5,
    contacts=3,
    manual_journals=0,
)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("config", [TWO])
def test_connections_that_are_used_at_once_never_borrow_each_others_tokens(books, limits, xero):
    grant = GrantFactory.build(client_id=SECOND.client_id, name="second")
    grant.tenant.save()
    grant.seal("client_secret", SECOND.client_secret)
    grant.save()
    second = OrganisationFactory(grant=grant, tenant=grant.tenant, xero_tenant_id=xero.books(1).tenant_id)

    def names(number):
        with XeroClient((books, second)[number % 2], limits=limits) as client:
            return [client.describe().legal_name for _ in range(3)]

    assert in_threads(4, names) == [["Harbor Supply Co"] * 3, ["Second Ltd"] * 3] * 2


def test_a_consent_without_a_chosen_organisation_says_so(consented, limits, xero):
    consented.xero_tenant_id = ""

    with XeroClient(consented, limits=limits) as client, pytest.raises(XeroDisconnected) as caught:
        client.page("invoices")
    assert "chosen" in caught.value.sentence
    assert xero.stats["accounting_calls"] == 0


@pytest.mark.parametrize("config", [SimulatorConfig(invoices=10, clock_frozen=True)])
def test_xeros_own_clock_is_told_with_each_page(client, xero):
    assert client.page("invoices").server_time == datetime(2026, 10, 20, 21, 0, tzinfo=UTC)


def test_no_secret_is_written_to_any_log(consented, limits, caplog):
    for talkative in ("httpx", "httpcore"):  # quiet by our own settings, but somebody may turn them up
        caplog.set_level("DEBUG", logger=talkative)
    with XeroClient(consented, limits=limits) as client:
        client.page("invoices")
    grant = Grant.objects.get(pk=consented.grant_id)

    secrets = [grant.unseal(name) for name in ("access_token", "refresh_token", "previous_refresh_token")]
    assert caplog.text
    assert not any(secret.reveal() in caplog.text for secret in secrets)


def test_the_accounting_api_is_only_ever_asked(client, xero):
    for stream in STREAMS:
        client.page(stream)
    client.describe()

    asked = [name for name in xero.stats["calls"] if "/api.xro/" in name]
    assert asked
    assert all(name.startswith("GET ") for name in asked)
