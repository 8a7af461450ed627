"""§10 rows 5, 6 and 18: who may read what, the XML default, and that nobody writes."""

import pytest

from tests.xero_app.simulator.caller import API, Caller, calling
from xero_app.simulator import OrganisationConfig


def test_an_expired_token_is_401_token_expired(caller: Caller) -> None:
    caller.simulator.advance(seconds=1801)
    answer = caller.get("Invoices", page=1)
    assert answer.status_code == 401
    assert answer.json()["Detail"].startswith("TokenExpired: token expired at ")
    assert list(answer.json()) == ["Type", "Title", "Status", "Detail", "Instance", "Extensions"]


def test_an_access_token_lives_as_long_as_configured() -> None:
    with calling(access_ttl=60) as caller:
        assert caller.tokens["expires_in"] == 60
        caller.simulator.advance(seconds=61)
        assert caller.get("Organisation").status_code == 401


def test_an_unknown_token_is_401(caller: Caller) -> None:
    assert caller.get("Invoices", headers={"Authorization": "Bearer nonsense"}).status_code == 401


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("Invoices", "accounting.invoices.read"),
        ("CreditNotes", "accounting.invoices.read"),
        ("Payments", "accounting.payments.read"),
        ("Prepayments", "accounting.payments.read"),
        ("Overpayments", "accounting.payments.read"),
        ("BatchPayments", "accounting.payments.read"),
        ("ManualJournals", "accounting.manualjournals.read"),
        ("Contacts", "accounting.contacts.read"),
        ("Organisation", "accounting.settings.read"),
        ("Accounts", "accounting.settings.read"),
        ("TaxRates", "accounting.settings.read"),
    ],
)
def test_a_missing_scope_is_401_authorization_unsuccessful(caller: Caller, path: str, scope: str) -> None:
    caller.tokens = caller.simulator.grant(scopes="offline_access")
    answer = caller.get(path)
    assert (answer.status_code, answer.json()["Detail"]) == (401, "AuthorizationUnsuccessful")
    caller.tokens = caller.simulator.grant(scopes=scope)
    assert caller.get(path).status_code == 200


def test_the_broad_scope_of_an_old_app_opens_invoices_payments_and_journals(caller: Caller) -> None:
    caller.tokens = caller.simulator.grant(scopes="accounting.transactions.read")
    assert [caller.get(path).status_code for path in ("Invoices", "Payments", "ManualJournals")] == [200] * 3
    assert caller.get("Contacts").status_code == 401


@pytest.mark.parametrize("tenant_id", ["", "00000000-0000-0000-0000-000000000000"])
def test_a_missing_or_foreign_tenant_is_403(caller: Caller, tenant_id: str) -> None:
    caller.tenant_id = tenant_id
    answer = caller.get("Invoices", page=1)
    assert (answer.status_code, answer.json()["Detail"]) == (403, "AuthenticationUnsuccessful")


def test_organisations_do_not_see_each_other() -> None:
    two = (OrganisationConfig(), OrganisationConfig(name="Kauri Ltd", country="NZ"))
    with calling(organisations=two) as caller:
        mine = {row["InvoiceID"] for row in caller.rows("Invoices")}
        caller.tenant_id = caller.simulator.organisations[1].tenant_id
        theirs = {row["InvoiceID"] for row in caller.rows("Invoices")}
        assert not mine & theirs
        (organisation,) = caller.body("Organisation")["Organisations"]
        assert (organisation["BaseCurrency"], organisation["OrganisationID"]) == ("NZD", caller.tenant_id)


def test_without_the_reports_permission_only_manual_journals_fail(caller: Caller) -> None:
    caller.control("config", reports_permission=False)
    answer = caller.get("ManualJournals", page=1)
    assert (answer.status_code, "reporting role" in answer.json()["Detail"]) == (403, True)
    assert caller.get("Invoices", page=1).status_code == 200


def test_without_accept_json_the_answer_is_xml_and_noted(caller: Caller) -> None:
    answer = caller.get("Invoices", headers={"Accept": "*/*"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/xml")
    assert [one["kind"] for one in caller.simulator.violations] == ["accept"]


def test_without_accept_json_the_answer_can_be_406(caller: Caller) -> None:
    caller.control("config", accept_mode="406")
    assert caller.get("Invoices", headers={"Accept": "*/*"}).status_code == 406


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_writing_is_refused_and_noted_as_a_violation(caller: Caller, method: str) -> None:
    answer = caller.http.request(method, f"{API}/Invoices", headers={"xero-tenant-id": caller.tenant_id})
    assert answer.status_code == 405
    noted = {"kind": "write", "method": method, "path": f"{API}/Invoices"}
    assert caller.http.get("/_sim/violations").json() == [noted]


def test_a_client_that_only_reads_leaves_no_violation(caller: Caller) -> None:
    for path in ("Invoices", "Payments", "ManualJournals", "Contacts", "CreditNotes", "Organisation"):
        caller.body(path, page=1)
    assert caller.http.get("/_sim/violations").json() == []
