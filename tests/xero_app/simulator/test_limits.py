"""§10 rows 12 and 13: the four limits, their headers, and latency that makes calls overlap."""

import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

import httpx
import pytest

from tests.xero_app.simulator.caller import Caller, calling
from xero_app.simulator import REALISTIC_LATENCY, WEB_APP, AppConfig, OrganisationConfig


def calls(caller: Caller, count: int, path: str = "Organisation") -> list[httpx.Response]:
    return [caller.get(path) for _ in range(count)]


def refused(answer: httpx.Response) -> tuple[int, str, bytes]:
    return answer.status_code, answer.headers["X-Rate-Limit-Problem"], answer.content


def test_the_sixth_call_in_flight_is_refused_at_once() -> None:
    with calling(limits=True) as caller:
        place = {"app": WEB_APP, "tenant_id": caller.tenant_id}
        for _ in range(5):
            assert not caller.simulator.limits.enter(**place).problem
        turned_away = calls(caller, 3)
        assert {refused(answer) for answer in turned_away} == {(429, "concurrent", b"")}
        assert not any("Retry-After" in answer.headers for answer in turned_away)
        caller.simulator.limits.leave(**place)
        assert caller.get("Organisation").status_code == 200
        stats = caller.http.get("/_sim/stats").json()
        assert (stats["peak_concurrency"], stats["rate_limited_by"]) == (5, {"concurrent": 3})


def test_calls_are_in_flight_while_they_wait() -> None:
    with calling(limits=True, latency=(30.0, 30.0)) as caller, ThreadPoolExecutor(6) as pool:
        waiting = [pool.submit(caller.get, "Organisation") for _ in range(6)]
        first = next(as_completed(waiting))
        assert refused(first.result()) == (429, "concurrent", b"")
        assert caller.simulator.stats["peak_concurrency"] == 5
        caller.simulator._stopping.set()
        assert sorted(one.result().status_code for one in waiting) == [200] * 5 + [429]


def test_calls_that_follow_each_other_are_never_concurrent() -> None:
    with calling(limits=True, concurrent_limit=1) as caller:
        assert {answer.status_code for answer in calls(caller, 30)} == {200}


def test_the_sixty_first_call_of_a_minute_is_refused_until_the_window_ends() -> None:
    with calling(limits=True, clock_frozen=True) as caller:
        answers = calls(caller, 61)
        assert [answer.status_code for answer in answers] == [200] * 60 + [429]
        assert refused(answers[60]) == (429, "minute", b"")
        wait = int(answers[60].headers["Retry-After"])
        assert 1 <= wait <= 60
        caller.simulator.advance(seconds=wait)
        assert caller.get("Organisation").status_code == 200


def test_the_minute_begins_at_a_different_second_for_each_tenant() -> None:
    many = tuple(OrganisationConfig(name=f"Org {number}", invoices=1) for number in range(4))
    with calling(limits=True, clock_frozen=True, minute_limit=0, organisations=many) as caller:
        waits = set()
        for books in caller.simulator.organisations:
            caller.tenant_id = books.tenant_id
            waits.add(caller.get("Organisation").headers["Retry-After"])
        assert len(waits) > 1


def test_limits_are_counted_for_each_tenant_alone() -> None:
    two = (OrganisationConfig(), OrganisationConfig(name="Kauri Ltd", country="NZ"))
    with calling(limits=True, clock_frozen=True, minute_limit=2, organisations=two) as caller:
        assert [answer.status_code for answer in calls(caller, 3)] == [200, 200, 429]
        caller.tenant_id = caller.simulator.organisations[1].tenant_id
        assert caller.get("Organisation").status_code == 200


def test_a_used_up_day_names_the_day_and_waits_until_its_end() -> None:
    with calling(limits=True, clock_frozen=True) as caller:
        caller.control("use-up", limit="day", client_id="SIMWEBAPP")
        answer = caller.get("Organisation")
        assert refused(answer) == (429, "day", b"")
        assert int(answer.headers["Retry-After"]) > 60
        caller.simulator.advance(seconds=int(answer.headers["Retry-After"]))
        caller.tokens = caller.simulator.grant()
        assert caller.get("Organisation").status_code == 200


def test_an_app_of_the_free_tier_has_a_day_of_a_thousand_calls() -> None:
    starter = AppConfig(client_id="SIMWEBAPP", client_secret="sim-web-secret", day_limit=1000)
    with calling(limits=True, apps=(starter,)) as caller:
        assert caller.get("Organisation").headers["X-DayLimit-Remaining"] == "999"


def test_the_minute_of_an_app_spans_its_tenants() -> None:
    two = (OrganisationConfig(), OrganisationConfig(name="Kauri Ltd", country="NZ"))
    with calling(limits=True, clock_frozen=True, app_minute_limit=3, organisations=two) as caller:
        assert {answer.status_code for answer in calls(caller, 3)} == {200}
        caller.tenant_id = caller.simulator.organisations[1].tenant_id
        assert refused(caller.get("Organisation")) == (429, "appminute", b"")
        caller.control("config", app_minute_label="app")
        assert refused(caller.get("Organisation"))[1] == "app"


def test_every_answer_of_a_tenant_says_what_is_left() -> None:
    with calling(limits=True, clock_frozen=True) as caller:
        for left, path in ((59, "Organisation"), (58, "Invoices/unknown"), (57, "Invoices?where=x")):
            headers = caller.get(path).headers
            assert headers["X-MinLimit-Remaining"] == str(left)
            assert headers["X-DayLimit-Remaining"] == str(4940 + left)
            assert headers["X-AppMinLimit-Remaining"] == str(9940 + left)
            assert headers["Xero-Correlation-Id"]


def test_time_can_be_scaled_so_that_a_minute_is_short() -> None:
    with calling(limits=True, minute_seconds=0.2, minute_limit=1) as caller:
        caller.get("Organisation")
        deadline = time.monotonic() + 5
        while caller.get("Organisation").status_code == 429:
            assert time.monotonic() < deadline


def test_latency_grows_with_the_rows_of_an_answer(caller: Caller) -> None:
    application: Any = caller.simulator._application
    caller.simulator.configure(**REALISTIC_LATENCY)
    waits = [application._latency(1000) for _ in range(50)]
    assert all(0.45 <= wait <= 0.9 for wait in waits)
    assert len(set(waits)) > 40
    caller.simulator.configure(latency=(0.0, 0.0), latency_per_row=0.0)
    assert application._latency(1000) == 0


def test_a_slow_list_times_an_impatient_client_out() -> None:
    with calling(latency_per_row=0.1) as caller:
        assert caller.get("Invoices", page=1, pageSize=1).status_code == 200
        caller.http.timeout = httpx.Timeout(10, read=0.1)
        with pytest.raises(httpx.ReadTimeout):
            caller.get("Invoices", page=1, pageSize=1000)


def test_no_limits_apply_when_they_are_switched_off(caller: Caller) -> None:
    assert WEB_APP.day_limit is None
    answers = calls(caller, 70)
    assert {answer.status_code for answer in answers} == {200}
    assert answers[-1].headers["X-MinLimit-Remaining"] == "60"
