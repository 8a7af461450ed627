"""Xero's limits, shared through a real Redis."""

import threading
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

import pytest
import redis
from django.conf import settings

from core.clock import database_now
from core.models import CallCount
from tests.factories import OrganisationFactory
from tests.xero_app.conftest import custom_connection, in_threads, wait_until
from xero_app import errors
from xero_app.client import XeroClient
from xero_app.ratelimit import Limiter
from xero_app.simulator import SimulatorConfig

NOW = 0.01
"""Seconds to wait when a test does not want to wait."""


@pytest.fixture
def organisation(db):
    return OrganisationFactory()


def call(limiter, *, headers=None, **options):
    with limiter.slot(**options) as slot:
        slot.answered(headers or {})


def refused(limiter, **options):
    with pytest.raises(errors.XeroRateLimited) as caught:
        call(limiter, max_wait=NOW, **options)
    return caught.value


def flush(limits):
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        server.delete(*server.keys(f"{limits.prefix}:*"))


@pytest.mark.parametrize(
    "config",
    [SimulatorConfig(invoices=5, minute_limit=12, minute_seconds=0.6, latency=(0.005, 0.02))],
)
def test_many_threads_stay_within_xeros_limits(transactional_db, xero, limits):
    organisation = custom_connection(xero)
    scaled = replace(limits, window=12, window_ms=600)

    def read(number):
        with XeroClient(organisation, limits=scaled, interactive=number % 4 == 0) as client:
            return [len(client.page("invoices").items) for _ in range(4)]

    read_by_all = in_threads(12, read)

    assert read_by_all == [[5] * 4] * 12
    assert xero.stats["rate_limited"] == 0
    assert 1 < xero.stats["peak_concurrency"] <= 5
    assert CallCount.objects.get().calls == xero.stats["accounting_calls"] == 48


def test_workers_leave_a_call_in_flight_to_people(organisation, limits):
    limiter = Limiter(organisation, limits=limits)
    with ExitStack() as calls:
        for _ in range(4):
            calls.enter_context(limiter.slot())
        assert refused(limiter).code == "XERO_RATE_CONCURRENT"
        calls.enter_context(limiter.slot(interactive=True))
        assert refused(limiter, interactive=True).code == "XERO_RATE_CONCURRENT"
    call(limiter)


def test_a_person_who_waits_goes_before_the_workers_who_came_earlier(transactional_db, limits):
    organisation = OrganisationFactory()
    limiter = Limiter(organisation, limits=replace(limits, in_flight=1, workers=1))
    served, is_held = [], threading.Event()

    def wait_for_callers(count):
        wait_until(lambda: limiter.run("return redis.call('ZCARD', KEYS[7])") == count)

    def act(role):
        if role == 0:
            with limiter.slot():
                is_held.set()
                wait_for_callers(3)
            return
        is_held.wait(10)
        wait_for_callers(role - 1)
        with limiter.slot(interactive=role == 3):
            served.append(role)

    in_threads(4, act)

    assert served == [3, 1, 2]


def test_the_minute_is_used_up_and_says_when_it_goes_on(organisation, limits):
    limiter = Limiter(organisation, limits=replace(limits, window=3))
    for _ in range(3):
        call(limiter)

    error = refused(limiter)

    assert error.code == "XERO_RATE_MINUTE"
    assert 1 <= error.retry_after <= 60
    assert "go on in" in error.sentence


def test_a_short_wait_is_waited_for(organisation, limits):
    limiter = Limiter(organisation, limits=replace(limits, window=2, window_ms=200))
    for _ in range(5):
        call(limiter)
    assert CallCount.objects.get().calls == 5


def test_a_killed_workers_slots_come_back_with_their_lease(organisation, limits):
    limiter = Limiter(organisation, limits=replace(limits, lease_ms=300, window_ms=100))
    never_left = [limiter.slot() for _ in range(4)]
    for slot in never_left:
        slot.__enter__()
    assert refused(limiter).code == "XERO_RATE_CONCURRENT"

    call(limiter, max_wait=5)


def test_a_call_that_breaks_off_gives_its_slot_back(organisation, limits):
    limiter = Limiter(organisation, limits=limits)
    for _ in range(6):
        with pytest.raises(errors.XeroDown), limiter.slot(max_wait=NOW):
            raise errors.XeroDown("broken off")
    assert len(limiter.run("return redis.call('ZRANGE', KEYS[4], 0, -1)")) == 6


def test_redis_flushed_counts_as_a_used_up_minute(organisation, limits):
    limiter = Limiter(organisation, limits=limits)
    call(limiter)
    flush(limits)

    error = refused(limiter)

    assert error.code == "XERO_RATE_MINUTE"
    assert 50 < error.retry_after <= 60


def test_redis_flushed_does_not_hold_up_an_organisation_that_made_no_call(organisation, limits):
    call(Limiter(organisation, limits=limits))
    flush(limits)
    call(Limiter(OrganisationFactory(), limits=limits), max_wait=NOW)


def test_after_a_flush_the_daily_figure_comes_from_the_database(organisation, limits):
    day = database_now().date()
    CallCount.objects.create(organisation=organisation, day=day, calls=96)
    limiter = Limiter(organisation, limits=replace(limits, day=100))
    assert refused(limiter).code == "XERO_RATE_MINUTE"
    limiter.run("redis.call('DEL', KEYS[2])")

    error = refused(limiter)

    assert error.code == "XERO_RATE_DAY"
    assert error.retry_after <= 3600


def test_a_reserve_of_the_day_is_kept_for_people_and_urgent_work(organisation, limits):
    limiter = Limiter(organisation, limits=replace(limits, day=40))
    for _ in range(38):
        call(limiter)

    assert refused(limiter).code == "XERO_RATE_DAY"
    call(limiter, interactive=True)
    call(limiter, urgent=True)
    assert refused(limiter, interactive=True).code == "XERO_RATE_DAY"


def test_calls_of_yesterday_do_not_count_today(organisation, limits):
    yesterday = database_now().date() - timedelta(days=1)
    CallCount.objects.create(organisation=organisation, day=yesterday, calls=5000)
    limiter = Limiter(organisation, limits=replace(limits, window_ms=1))

    call(limiter, max_wait=1)


def test_redis_away_stops_all_calls(organisation, limits, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    with pytest.raises(errors.XeroLimiterDown) as caught:
        call(Limiter(organisation, limits=limits))
    assert caught.value.retry_after


def test_redis_going_away_during_a_call_does_not_break_it(organisation, limits, settings):
    limiter = Limiter(organisation, limits=limits)
    with limiter.slot() as slot:
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
        slot.answered({"X-MinLimit-Remaining": "3"})
        limiter.refused({})


def test_what_xero_says_is_left_corrects_our_count(organisation, limits):
    limiter = Limiter(organisation, limits=limits)
    call(limiter, headers={"X-MinLimit-Remaining": "1"})
    call(limiter, max_wait=NOW)

    assert refused(limiter).code == "XERO_RATE_MINUTE"


def test_the_day_that_xero_counts_is_believed(organisation, limits):
    limiter = Limiter(organisation, limits=limits)
    call(limiter, headers={"X-DayLimit-Remaining": "200"})

    assert refused(limiter).code == "XERO_RATE_DAY"
    call(limiter, interactive=True, headers={"X-DayLimit-Remaining": "5000"})
    call(limiter)


@pytest.mark.parametrize("text", ["", "-1", "many", "²", "1.5", "9" * 30])
def test_figures_that_are_none_change_nothing(organisation, limits, text):
    limiter = Limiter(organisation, limits=limits)
    call(limiter, headers={"X-MinLimit-Remaining": text, "X-DayLimit-Remaining": text})
    call(limiter, max_wait=NOW)


def test_retry_after_blocks_the_organisation_and_no_other(organisation, limits):
    Limiter(organisation, limits=limits).refused({"X-Rate-Limit-Problem": "Minute", "Retry-After": "30"})

    error = refused(Limiter(organisation, limits=limits), interactive=True)
    assert 29 < error.retry_after < 32
    call(Limiter(OrganisationFactory(), limits=limits), max_wait=NOW)


def test_a_shorter_block_does_not_end_a_longer_one(organisation, limits):
    limiter = Limiter(organisation, limits=limits)
    limiter.refused({"X-Rate-Limit-Problem": "day", "Retry-After": "67000"})
    limiter.refused({"X-Rate-Limit-Problem": "minute", "Retry-After": "1"})

    error = refused(limiter)
    assert error.code == "XERO_RATE_DAY"
    assert error.retry_after > 60_000


@pytest.mark.parametrize(("text", "at_most"), [("99999999", 86_401), ("9" * 40, 61), ("soon", 61), ("0", 1)])
def test_no_retry_after_blocks_for_longer_than_a_day(organisation, limits, text, at_most):
    limiter = Limiter(organisation, limits=limits)
    limiter.refused({"X-Rate-Limit-Problem": "minute", "Retry-After": text})

    assert 0 < limiter.run("return redis.call('PTTL', KEYS[2])") <= at_most * 1000


def test_too_many_in_flight_backs_off_longer_each_time(organisation, limits):
    limiter = Limiter(organisation, limits=limits)
    blocks = []
    for _ in range(9):
        limiter.refused({"X-Rate-Limit-Problem": "concurrent"})
        blocks.append(limiter.run("return redis.call('PTTL', KEYS[2])"))
        limiter.run("redis.call('DEL', KEYS[2])")

    assert 200 < blocks[0] <= 500
    assert 900 < blocks[2] <= 2000
    assert 14_000 < blocks[8] <= 30_000


def test_the_apps_own_limit_is_shared_by_its_organisations(organisation, limits):
    shared = replace(limits, app_window=2)
    other = OrganisationFactory(grant__client_id=organisation.grant.client_id)
    call(Limiter(organisation, limits=shared))
    call(Limiter(other, limits=shared))

    assert refused(Limiter(organisation, limits=shared)).code == "XERO_RATE_MINUTE"


def test_a_429_of_the_app_blocks_all_its_organisations(organisation, limits):
    other = OrganisationFactory(grant__client_id=organisation.grant.client_id)
    Limiter(organisation, limits=limits).refused({"X-Rate-Limit-Problem": "appminute", "Retry-After": "9"})

    refused(Limiter(other, limits=limits))


def test_a_call_refused_as_one_too_many_is_made_again(client, xero):
    xero.add_fault(kind="status", status=429, problem="concurrent", path="/api.xro/")

    assert client.page("invoices").items
    assert xero.stats["calls"]["GET /api.xro/2.0/Invoices"] == 2


def test_a_used_up_day_is_not_waited_for(client, xero):
    xero.add_fault(kind="status", status=429, problem="day", retry_after=67_000, path="/api.xro/")

    with pytest.raises(errors.XeroRateLimited) as caught:
        client.page("invoices")

    assert caught.value.code == "XERO_RATE_DAY"
    assert caught.value.retry_after > 66_000
    assert xero.stats["calls"]["GET /api.xro/2.0/Invoices"] == 1
