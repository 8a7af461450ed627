"""What nobody verified on a live organisation is a knob: both readings work (see also ims_mode in test_changes)."""

import pytest

from tests.xero_app.simulator.caller import Caller, calling
from tests.xero_app.simulator.test_sign_in import answered, authorize, trade


@pytest.mark.parametrize(("reading", "count"), [("query", 250), ("page", 10)])
def test_item_count_of_the_query_or_of_the_page(caller: Caller, reading: str, count: int) -> None:
    caller.control("config", item_count=reading)
    assert caller.body("Invoices", page=1, pageSize=10)["pagination"]["itemCount"] == count


@pytest.mark.parametrize(("reading", "status"), [("empty", 200), ("404", 404)])
def test_past_the_end_is_empty_or_not_found(caller: Caller, reading: str, status: int) -> None:
    caller.control("config", past_end=reading)
    assert caller.get("Invoices", page=4, pageSize=100).status_code == status
    assert caller.get("Invoices", page=3, pageSize=100).status_code == 200


@pytest.mark.parametrize(("allowed", "status"), [(True, 200), (False, 400)])
def test_payments_and_contacts_may_or_may_not_be_ordered_by_id(caller: Caller, allowed: bool, status: int) -> None:
    caller.control("config", order_by_ids=allowed)
    assert caller.get("Payments", page=1, order="PaymentID ASC").status_code == status
    assert caller.get("Contacts", page=1, order="ContactID").status_code == status
    assert caller.get("Invoices", page=1, order="InvoiceID").status_code == 200


@pytest.mark.parametrize(("understood", "found"), [(True, 2), (False, 0)])
def test_encoded_commas_may_or_may_not_separate(caller: Caller, understood: bool, found: int) -> None:
    caller.control("config", encoded_commas=understood)
    first, second = (row["InvoiceID"] for row in caller.rows("Invoices")[:2])
    assert len(caller.rows("Invoices", IDs=f"{first},{second}")) == found
    assert len(caller.body(f"Invoices?page=1&IDs={first},{second}")["Invoices"]) == 2


@pytest.mark.parametrize("status", [400, 401])
def test_a_bad_secret_is_400_or_401(caller: Caller, status: int) -> None:
    caller.control("config", invalid_client_status=status)
    answer = caller.http.post("/connect/token", data={"grant_type": "refresh_token"}, auth=("SIMWEBAPP", "wrong"))
    assert (answer.status_code, answer.json()["error"]) == (status, "invalid_client")


@pytest.mark.parametrize(
    ("reading", "consented", "status"), [("check", True, 400), ("ignore", True, 200), ("refuse", False, 0)]
)
def test_pkce_beside_a_secret_is_checked_ignored_or_refused(
    caller: Caller, reading: str, consented: bool, status: int
) -> None:
    caller.control("config", pkce=reading)
    answer = answered(authorize(caller, code_challenge="a" * 43, code_challenge_method="S256"))
    assert ("code" in answer) is consented
    if consented:
        assert trade(caller, answer["code"]).status_code == status


@pytest.mark.parametrize(("counted", "left"), [(True, "4997"), (False, "4999")])
def test_refused_calls_may_or_may_not_be_counted(counted: bool, left: str) -> None:
    with calling(limits=True, clock_frozen=True, minute_limit=1, count_refused=counted) as caller:
        answers = [caller.get("Organisation") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 429, 429]
        assert answers[2].headers["X-DayLimit-Remaining"] == left


@pytest.mark.parametrize(("forms", "found"), [("iso", 0), ("plain", 250)])
@pytest.mark.parametrize("header", ["2030-01-01T00:00:00Z", "2030-01-01T00:00:00.5", "2030-01-01T00:00:00+02:00"])
def test_other_iso_forms_are_understood_or_ignored(caller: Caller, forms: str, found: int, header: str) -> None:
    caller.control("config", ims_forms=forms)
    assert len(caller.changed("Invoices", header)) == found
    assert caller.changed("Invoices", "2030-01-01T00:00:00") == []
