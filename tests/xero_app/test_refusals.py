"""Every way in which Xero fails, told apart."""

import pytest

from core.errors import PermanentError, TemporaryError
from tests.xero_app.conftest import consent
from xero_app import errors, wire
from xero_app.client import XeroClient
from xero_app.refusals import reason, refusal
from xero_app.simulator import SimulatorConfig

API = "/api.xro/"


def failing(client, stream="invoices"):
    with pytest.raises((TemporaryError, PermanentError)) as caught:
        client.page(stream)
    return caught.value


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"kind": "status", "status": 400}, errors.XeroQueryRefused),
        ({"kind": "status", "status": 404}, errors.XeroNotFound),
        ({"kind": "status", "status": 412}, errors.XeroQueryRefused),
        ({"kind": "status", "status": 500}, errors.XeroDown),
        ({"kind": "status", "status": 503}, errors.XeroDown),
        ({"kind": "drop"}, errors.XeroDown),
        ({"kind": "lost"}, errors.XeroDown),
        ({"kind": "reset"}, errors.XeroDown),
        ({"kind": "truncate"}, errors.XeroBadAnswer),
        ({"kind": "status", "status": 200}, errors.XeroBadAnswer),
        ({"kind": "status", "status": 302}, errors.XeroBadAnswer),
    ],
)
def test_each_failure_is_an_error_of_its_own(client, xero, fault, expected):
    xero.add_fault(path=API, **fault)

    error = failing(client)

    assert type(error) is expected
    assert error.sentence
    assert error.next_step


def test_the_next_call_after_a_failure_works(client, xero):
    for kind in ("reset", "truncate", "drop"):
        xero.add_fault(path=API, kind=kind)
        failing(client)
    assert client.page("invoices").items


def test_an_answer_that_never_comes_is_given_up(books, limits, xero):
    xero.add_fault(path=API, kind="hang", seconds=5)

    with XeroClient(books, limits=limits, read_seconds=0.2) as client:
        error = failing(client)

    assert type(error) is errors.XeroTimeout
    assert error.code == "XERO_DOWN"


def test_xeros_own_reference_is_part_of_the_sentence(client, xero):
    xero.add_fault(path=API, kind="status", status=500)

    sentence = failing(client).sentence

    assert "An error occurred in Xero" in sentence
    assert "Xero's reference: " in sentence


def test_an_expired_token_is_renewed_once_within_the_call(client, xero):
    client.page("invoices")
    xero.advance(seconds=3600)

    assert client.page("invoices").items
    assert xero.stats["token_calls"]["client_credentials"] == 2


def test_a_token_that_stays_expired_ends_after_two_calls(client, xero):
    xero.add_fault(path=API, kind="status", status=401, times=5)

    assert type(failing(client)) is errors.XeroTokenExpired
    assert xero.stats["calls"]["GET /api.xro/2.0/Invoices"] == 2


def test_a_missing_scope_stops_its_stream_only(db, xero, limits):
    organisation = consent(xero, scopes="offline_access accounting.contacts.read accounting.settings.read")

    with XeroClient(organisation, limits=limits) as client:
        error = failing(client)
        assert client.page("contacts").items

    assert type(error) is errors.XeroScopeMissing
    assert error.holds
    assert "invoices" in error.sentence
    assert xero.stats["refreshes"] == 1


def test_a_missing_right_of_the_person_is_told_apart_from_a_missing_scope(client, xero):
    xero.configure(reports_permission=False)

    error = failing(client, "manual_journals")

    assert type(error) is errors.XeroPermissionMissing
    assert "manual journals" in error.sentence
    assert "reporting role" in error.sentence
    assert client.page("invoices").items


def test_a_disconnected_organisation_is_found_out_at_once(consented, xero, limits):
    xero.disconnect()

    with XeroClient(consented, limits=limits) as client:
        error = failing(client)

    assert type(error) is errors.XeroDisconnected
    assert error.holds


def test_a_403_of_a_connected_organisation_is_about_permissions(client, xero):
    xero.add_fault(path=API, kind="status", status=403)

    assert type(failing(client)) is errors.XeroPermissionMissing


@pytest.mark.parametrize("config", [SimulatorConfig(invoices=30, max_rows=10)])
def test_a_question_too_large_for_xero_is_refused_with_its_reason(client):
    error = failing(client)

    assert type(error) is errors.XeroQueryRefused
    assert "efficiently" in error.sentence


def test_a_closed_port_is_told_as_no_connection(client, settings):
    client.page("invoices")
    settings.XERO_API_BASE = "http://127.0.0.1:1"

    assert "no connection" in failing(client).sentence


def test_an_endless_answer_is_cut_off(books, xero, settings):
    url = wire.address(settings.XERO_API_BASE, "/_sim/holdings")
    with wire.open_client() as client, pytest.raises(errors.XeroBadAnswer, match="more than"):
        wire.send(client, client.build_request("GET", url), max_body=1024)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"Detail":"TokenExpired: x"}', "TokenExpired: x"),
        (b'{"detail":"lower  case\r\n"}', "lower case"),
        (b'{"Type":"QueryParseException","Message":"No such field"}', "No such field"),
        (b'{"Message":"Validation","Elements":[{"ValidationErrors":[{"Message":"Wrong"}]}]}', "Wrong"),
        (b"<html><body>down</body></html>", ""),
        (b"", ""),
        (b"[1]", ""),
        (b"\xff\xfe", ""),
        (b"[" * 60_000, ""),
        (b'{"Detail":"' + b"x" * 1000 + b'"}', "x" * 200),
    ],
)
def test_the_reason_is_found_in_any_body(body, expected):
    assert reason(wire.Answer(500, {}, body)) == expected


def test_no_status_is_without_an_error():
    for status in range(201, 600):
        error = refusal(wire.Answer(status, {}, b""), what="invoices")
        assert error.code.startswith("XERO_")
        assert error.next_step
