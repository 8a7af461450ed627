"""§10 row 15: errors with their live bodies, broken connections, for the next calls of a path."""

import json

import httpx
import pytest

from tests.xero_app.simulator.caller import Caller


@pytest.mark.parametrize(
    ("status", "content_type", "says"),
    [
        (400, "application/json", "QueryParseException"),
        (401, "application/json", "TokenExpired"),
        (403, "application/json", "AuthenticationUnsuccessful"),
        (404, "text/html", "cannot be found"),
        (412, "text/plain", "Precondition"),
        (500, "application/json", "An error occurred in Xero"),
        (501, "text/html", ""),
        (503, "text/html", "offline"),
    ],
)
def test_the_next_call_fails_with_the_body_of_that_status(
    caller: Caller, status: int, content_type: str, says: str
) -> None:
    caller.control("faults", kind="status", status=status, path="Invoices")
    answer = caller.get("Invoices", page=1)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith(content_type)
    assert says in answer.text
    assert caller.get("Invoices", page=1).status_code == 200


@pytest.mark.parametrize(("problem", "retry_after"), [("minute", "7"), ("day", "67000"), ("concurrent", None)])
def test_a_429_can_be_ordered(caller: Caller, problem: str, retry_after: str | None) -> None:
    wait = int(retry_after) if retry_after else 5
    caller.simulator.add_fault(kind="status", status=429, problem=problem, retry_after=wait)
    answer = caller.get("Invoices")
    assert (answer.status_code, answer.content) == (429, b"")
    assert (answer.headers["X-Rate-Limit-Problem"], answer.headers.get("Retry-After")) == (problem, retry_after)


def test_a_fault_hits_only_its_path_for_so_many_calls_after_so_many_others(caller: Caller) -> None:
    caller.control("faults", kind="status", status=503, path="Invoices", times=2, after=1)
    assert caller.get("Contacts", page=1).status_code == 200
    assert [caller.get("Invoices", page=1).status_code for _ in range(4)] == [200, 503, 503, 200]
    assert caller.http.get("/_sim/faults").json() == []


def test_waiting_faults_are_listed_and_can_be_forgotten(caller: Caller) -> None:
    caller.control("faults", kind="status", status=503)
    assert caller.http.get("/_sim/faults").json()[0]["status"] == 503
    assert caller.http.delete("/_sim/faults").json() == []
    assert caller.get("Organisation").status_code == 200


def test_a_body_can_break_off_in_the_middle(caller: Caller) -> None:
    caller.simulator.add_fault(kind="reset", path="Invoices")
    with pytest.raises(httpx.TransportError):
        caller.get("Invoices", page=1)
    assert caller.get("Invoices", page=1).status_code == 200


def test_a_body_can_be_cut_short_and_call_itself_whole(caller: Caller) -> None:
    caller.simulator.add_fault(kind="truncate", path="Invoices")
    answer = caller.get("Invoices", page=1)
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_an_answer_can_hang(caller: Caller) -> None:
    caller.simulator.add_fault(kind="hang", path="Invoices", seconds=30)
    caller.http.timeout = httpx.Timeout(10, read=0.1)
    with pytest.raises(httpx.ReadTimeout):
        caller.get("Invoices", page=1)


def test_a_connection_can_be_dropped_before_anything_is_done(caller: Caller) -> None:
    caller.simulator.add_fault(kind="drop", path="/connect/token")
    with pytest.raises(httpx.TransportError):
        caller.token(grant_type="refresh_token", refresh_token=caller.tokens["refresh_token"])
    assert caller.simulator.stats["refreshes"] == 0


def test_an_organisation_can_be_offline(caller: Caller) -> None:
    caller.control("offline", offline=True)
    answer = caller.get("Invoices", page=1)
    assert (answer.status_code, answer.text) == (503, "Organisation offline")
    caller.control("offline", offline=False)
    assert caller.get("Invoices", page=1).status_code == 200


def test_an_unknown_kind_of_fault_is_refused_with_the_known_ones(caller: Caller) -> None:
    answer = caller.http.post("/_sim/faults", json={"kind": "earthquake"})
    assert (answer.status_code, "truncate" in answer.json()["error"]) == (400, True)
