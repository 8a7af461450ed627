"""Access tokens: one refresh for all, nothing lost on the way, no loop when Xero says no."""

import threading
from datetime import timedelta

import pytest

from core.models import Event, Grant, GrantAuth, GrantState
from tests.factories import GrantFactory
from tests.xero_app.conftest import consent, custom_connection, in_threads, wait_until
from xero_app import errors
from xero_app.tokens import access_token, idle_grants

TOKEN = "/connect/token"


def age(grant_id, **columns):
    """Make a grant's times older, as if they had passed."""
    grant = Grant.objects.get(pk=grant_id)
    Grant.objects.filter(pk=grant_id).update(**{name: getattr(grant, name) - by for name, by in columns.items()})


def expire(grant_id):
    age(grant_id, access_expires_at=timedelta(hours=1), refreshed_at=timedelta(hours=1))


def grant_of(organisation):
    return Grant.objects.get(pk=organisation.grant_id)


def events(organisation):
    return list(Event.objects.filter(tenant_id=organisation.tenant_id).values_list("event", flat=True))


def test_a_custom_connection_signs_in_with_its_own_secret(books, xero):
    token = access_token(books.grant_id)

    assert access_token(books.grant_id) == token
    assert xero.stats["token_calls"]["client_credentials"] == 1
    assert grant_of(books).state == GrantState.CONNECTED
    assert events(books) == ["grant.connected"]


def test_an_expired_token_is_renewed_and_the_new_refresh_token_kept(consented, xero):
    before = grant_of(consented).unseal("refresh_token")

    token = access_token(consented.grant_id)

    grant = grant_of(consented)
    assert grant.unseal("access_token") == token
    assert grant.unseal("previous_refresh_token") == before
    assert grant.unseal("refresh_token") not in (before, None)
    assert grant.lease_until is None
    assert "accounting.invoices.read" in grant.scopes


def test_a_token_is_renewed_two_minutes_before_its_end(consented, xero):
    access_token(consented.grant_id)
    age(consented.grant_id, access_expires_at=timedelta(seconds=1600), refreshed_at=timedelta(seconds=1600))
    access_token(consented.grant_id)
    assert xero.stats["refreshes"] == 1
    age(consented.grant_id, access_expires_at=timedelta(seconds=100), refreshed_at=timedelta(seconds=100))
    access_token(consented.grant_id)
    assert xero.stats["refreshes"] == 2


def test_a_short_lived_token_is_used_while_it_lives(consented, xero):
    xero.configure(access_ttl=60)

    assert access_token(consented.grant_id) == access_token(consented.grant_id)


def test_a_rejected_token_is_renewed_once_for_all_who_held_it(consented, xero):
    old = access_token(consented.grant_id)

    new = access_token(consented.grant_id, rejected=old)

    assert new != old
    assert access_token(consented.grant_id, rejected=old) == new
    assert xero.stats["refreshes"] == 2


def test_twenty_threads_with_an_expired_token_make_one_refresh(transactional_db, xero):
    organisation = consent(xero)
    xero.add_fault(kind="slow", seconds=0.3, path=TOKEN)

    tokens = in_threads(20, lambda _: access_token(organisation.grant_id).reveal())

    assert len(set(tokens)) == 1
    assert xero.stats["refreshes"] == 1


def test_an_answer_lost_after_the_rotation_costs_one_more_call(consented, xero):
    xero.add_fault(kind="lost", path=TOKEN)

    with pytest.raises(errors.XeroDown):
        access_token(consented.grant_id)

    assert grant_of(consented).lease_until is None
    assert access_token(consented.grant_id)
    assert xero.stats["token_calls"]["refresh_in_grace"] == 1
    assert grant_of(consented).state == GrantState.CONNECTED


def test_after_the_grace_period_a_lost_rotation_needs_a_person(consented, xero):
    xero.add_fault(kind="lost", path=TOKEN)
    with pytest.raises(errors.XeroDown):
        access_token(consented.grant_id)
    xero.advance(seconds=1801)

    with pytest.raises(errors.XeroReconnectNeeded):
        access_token(consented.grant_id)


def test_a_dead_grant_is_asked_for_once_and_then_waits_for_a_person(consented, xero):
    xero.advance(seconds=61 * 86_400)

    for _ in range(3):
        with pytest.raises(errors.XeroReconnectNeeded) as caught:
            access_token(consented.grant_id)
        assert caught.value.code == "XERO_AUTH_EXPIRED"
        assert caught.value.holds

    assert xero.stats["refreshes"] == 1
    assert grant_of(consented).state == GrantState.NEEDS_RECONNECT
    assert events(consented) == ["grant.needs_reconnect"]


def test_the_previous_token_helps_when_the_current_one_was_never_xeros(consented, xero):
    access_token(consented.grant_id)
    grant = grant_of(consented)
    grant.seal("refresh_token", "never-given-out")
    grant.save(update_fields=["refresh_token"])
    age(consented.grant_id, access_expires_at=timedelta(minutes=29))
    expire_soon(consented)

    assert access_token(consented.grant_id)
    assert grant_of(consented).unseal("refresh_token").reveal() != "never-given-out"


def expire_soon(organisation):
    age(organisation.grant_id, refreshed_at=timedelta(minutes=20))


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"kind": "status", "status": 500}, errors.XeroDown),
        ({"kind": "status", "status": 503}, errors.XeroDown),
        ({"kind": "status", "status": 429}, errors.XeroRateLimited),
        ({"kind": "truncate"}, errors.XeroBadAnswer),
        ({"kind": "drop"}, errors.XeroDown),
    ],
)
def test_trouble_at_the_sign_in_changes_nothing(consented, xero, fault, expected):
    xero.add_fault(path=TOKEN, **fault)

    with pytest.raises(expected):
        access_token(consented.grant_id)

    assert grant_of(consented).state == GrantState.CONNECTED
    assert access_token(consented.grant_id)


def test_a_wrong_client_secret_is_told_as_such(db, xero):
    organisation = custom_connection(xero)
    organisation.grant.seal("client_secret", "wrong")
    organisation.grant.save()

    with pytest.raises(errors.XeroAppRefused) as caught:
        access_token(organisation.grant_id)
    assert caught.value.holds
    assert "wrong" not in str(caught.value)


def test_a_connection_without_an_app_says_what_is_missing(consented, settings):
    settings.XERO_CLIENT_ID = ""

    with pytest.raises(errors.XeroAppRefused, match="no client id"):
        access_token(consented.grant_id)


def test_a_grant_that_nobody_connected_yet_says_so(consented):
    Grant.objects.filter(pk=consented.grant_id).update(refresh_token=None, state=GrantState.NEW)

    with pytest.raises(errors.XeroReconnectNeeded, match="not connected"):
        access_token(consented.grant_id)
    assert grant_of(consented).state == GrantState.NEW


def test_broad_scopes_are_refused_to_new_apps_in_plain_words(books, settings):
    settings.XERO_SCOPES = "accounting.transactions.read"

    with pytest.raises(errors.XeroScopeMissing):
        access_token(books.grant_id)


def test_only_long_unused_consents_are_named_as_idle(consented):
    access_token(consented.grant_id)
    long_ago = grant_of(consented).refreshed_at - timedelta(days=31)
    GrantFactory(state="connected", refreshed_at=long_ago, auth=GrantAuth.CUSTOM_CONNECTION)
    assert idle_grants() == []

    age(consented.grant_id, refreshed_at=timedelta(days=31))

    assert idle_grants() == [consented.grant_id]


def test_no_secret_is_readable_in_the_database(consented):
    token = access_token(consented.grant_id)

    row = Grant.objects.filter(pk=consented.grant_id).values().get()

    assert token.reveal().encode() not in b"".join(bytes(value) for value in row.values() if isinstance(value, bytes))
    assert token.reveal() not in str(row)


def test_a_worker_that_lost_its_lease_does_not_store_over_the_one_that_has_it(transactional_db, xero):
    organisation = consent(xero)
    is_held = threading.Event()

    def act(number):
        if number < 2:
            is_held.wait(10)
            wait_until(lambda: grant_of(organisation).fence >= number)
            return access_token(organisation.grant_id)
        with xero.lock:  # Xero answers nobody meanwhile
            is_held.set()
            wait_until(lambda: grant_of(organisation).fence == 1)
            Grant.objects.filter(pk=organisation.grant_id).update(lease_until=None)
            return wait_until(lambda: grant_of(organisation).fence == 2)

    first, second, _ = in_threads(3, act)

    assert first == second == grant_of(organisation).unseal("access_token")
    assert xero.stats["refreshes"] == 2
