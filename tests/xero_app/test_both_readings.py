"""What nobody verified on a live organisation: the product works with both readings of the simulator's knobs.

Same-second semantics, forms of a time, what is past the last page, PKCE and payments' events: in tests/connector/xero.
"""

import pytest

from core.models import Record
from tests.connector.xero.reading import opened, read_to_end
from tests.xero_app.conftest import custom_connection
from tests.xero_app.test_ratelimit import refused
from xero_app import errors
from xero_app.ratelimit import Limiter
from xero_app.simulator import SimulatorConfig
from xero_app.tokens import access_token


@pytest.mark.parametrize("understood", [True, False])
def test_lists_of_ids_arrive_whatever_becomes_of_encoded_commas(client, xero, understood):
    xero.configure(encoded_commas=understood)
    wanted = sorted(row.id for row in xero.store.streams["invoices"])[:20]
    assert len(client.page("invoices", xero_ids=wanted).items) == 20


@pytest.mark.parametrize("status", [400, 401])
def test_a_wrong_client_secret_is_no_expired_sign_in(db, xero, status):
    xero.configure(invalid_client_status=status)
    organisation = custom_connection(xero)
    organisation.grant.seal("client_secret", "wrong")
    organisation.grant.save()
    with pytest.raises(errors.XeroAppRefused):
        access_token(organisation.grant_id)


@pytest.mark.parametrize("label", ["appminute", "app-minute", "AppMinute", "app"])
def test_the_apps_own_limit_is_known_by_any_name(books, limits, label):
    other = custom_connection_of_the_same_app(books)
    Limiter(books, limits=limits).refused({"X-Rate-Limit-Problem": label, "Retry-After": "9"})
    assert refused(Limiter(other, limits=limits)).code == "XERO_RATE_MINUTE"


def custom_connection_of_the_same_app(books):
    return type(books)(grant=books.grant, tenant=books.tenant, name="another", xero_tenant_id="f" * 36)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("config", [SimulatorConfig(invoices=60, contacts=30, manual_journals=0)])
@pytest.mark.parametrize("allowed", [True, False])
@pytest.mark.parametrize("stream", ["contacts", "payments"])
def test_streams_without_an_order_of_ours_are_read_whole(books, xero, stream, allowed):
    xero.configure(order_by_ids=allowed, limits=False)
    fetch = read_to_end(opened(books, stream, page_size=10))
    assert fetch.state == "done"
    stored = set(Record.objects.filter(stream=stream).values_list("xero_id", flat=True))
    assert stored == {row.id for row in xero.store.streams[stream]}


@pytest.mark.parametrize("counted", [True, False])
@pytest.mark.parametrize(
    "config", [SimulatorConfig(invoices=0, contacts=3, manual_journals=0, minute_limit=3, clock_frozen=True)]
)
def test_a_minute_that_xero_counts_otherwise_is_waited_out(client, xero, counted):
    """Xero's minute holds fewer calls than we know of; whether refused ones count, it is asked again only later."""
    xero.configure(count_refused=counted)
    for _ in range(3):
        client.page("contacts")
    with pytest.raises(errors.XeroRateLimited) as caught:
        client.page("contacts")
    assert caught.value.code == "XERO_RATE_MINUTE"
    assert xero.stats["rate_limited"] <= 1
