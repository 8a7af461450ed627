"""The control API and the page: everything that Python can do, for a simulator in another process."""

import re
from decimal import Decimal

import httpx
import pytest

from tests.xero_app.simulator.caller import Caller, calling, exact
from tests.xero_app.simulator.receiver import KEY, receiving
from xero_app.simulator import OrganisationConfig


def test_an_invoice_lives_its_whole_life_over_http(caller: Caller) -> None:
    made = caller.control("invoices", Type="ACCPAY", InvoiceNumber="B-1", Status="DRAFT", Amount="250.00")
    path = f"invoices/{made['InvoiceID']}"
    assert caller.control(f"{path}/approve")["Status"] == "AUTHORISED"
    assert caller.control(path, InvoiceNumber="B-2")["InvoiceNumber"] == "B-2"
    payment = caller.control(f"{path}/pay", Amount="50.00", Date="2026-10-21", Reference="EFT 1")
    assert (payment["Amount"], payment["PaymentType"]) == (Decimal("50.00"), "ACCPAYPAYMENT")
    assert caller.control(f"payments/{payment['PaymentID']}/delete")["Status"] == "DELETED"
    assert caller.control(f"{path}/void")["Status"] == "VOIDED"
    assert exact(caller.http.get(f"/_sim/{path}"))["Status"] == "VOIDED"


def test_lines_are_worked_out_and_money_in_json_is_exact(caller: Caller) -> None:
    raw = b'{"LineItems":[{"Description":"x","Quantity":3,"UnitAmount":0.1,"TaxType":"OUTPUT"}],"Date":"2026-10-01"}'
    answer = caller.http.post("/_sim/invoices", content=raw, headers={"Content-Type": "application/json"})
    made = exact(answer)
    assert (made["SubTotal"], made["TotalTax"], made["Total"]) == (Decimal("0.30"), Decimal("0.02"), Decimal("0.32"))
    assert made["DateString"] == "2026-10-01T00:00:00"


def test_a_total_can_be_overridden_by_a_cent(caller: Caller) -> None:
    made = caller.control("invoices", Amount="10.00", Total="10.01")
    assert (made["SubTotal"], made["Total"], made["AmountDue"]) == (
        Decimal("10.00"),
        Decimal("10.01"),
        Decimal("10.01"),
    )


def test_credit_contacts_journals_and_batches_over_http(caller: Caller) -> None:
    contact = caller.control("contacts", Name="Über & Söhne")
    other = caller.control("contacts", Name="Other")
    bill = caller.control("invoices", Type="ACCPAY", ContactID=contact["ContactID"], Amount="100.00")
    note = caller.control("credit_notes", Type="ACCPAYCREDIT", Contact={"Name": "Über & Söhne"}, Amount="40.00")
    applied = caller.control(f"credit_notes/{note['CreditNoteID']}/allocate", InvoiceID=bill["InvoiceID"])
    assert applied["Allocations"][0]["Amount"] == Decimal("40.00")
    batch = caller.control("batch_payments", InvoiceIDs=[bill["InvoiceID"]])
    assert batch["TotalAmount"] == Decimal("60.00")
    merged = caller.control(f"contacts/{contact['ContactID']}/merge", into=other["ContactID"])
    assert merged["MergedToContactID"] == other["ContactID"]
    assert caller.control(f"contacts/{other['ContactID']}/archive")["ContactStatus"] == "ARCHIVED"
    journal = caller.control("manual_journals", Amount="5.00", Narration="Accrual")
    assert caller.control(f"manual_journals/{journal['ManualJournalID']}", Status="VOIDED")["Status"] == "VOIDED"


def test_a_refund_pays_a_credit_note_back(caller: Caller) -> None:
    note = caller.control("credit_notes", Amount="40.00")
    payment = caller.control(f"credit_notes/{note['CreditNoteID']}/pay")
    assert (payment["PaymentType"], payment["Invoice"]["Type"]) == ("ARCREDITPAYMENT", "ACCRECCREDIT")


def test_rows_can_be_touched_together(caller: Caller) -> None:
    caller.control("invoices/touch", count=300)
    caller.control("contacts/touch", ids=[caller.rows("Contacts")[0]["ContactID"]])
    assert len({row["UpdatedDateUTC"] for row in caller.rows("Invoices")}) == 1


@pytest.mark.parametrize(
    ("path", "body", "status", "says"),
    [
        ("invoices/none/pay", {}, 404, "no invoices with the id none"),
        ("invoices", {"Amount": 1.5, "ContactID": "none"}, 404, "no contacts with the id none"),
        ("invoices", {"Amount": True}, 400, "must be an exact number"),
        ("invoices", {"Amount": "ten"}, 400, "must be a number, not 'ten'"),
        ("invoices", {"Date": "soon"}, 400, "must be a day like 2026-10-05"),
        ("invoices", {"Status": "PAID"}, 400, "begins as"),
        ("invoices", {"LineItems": "x"}, 400, "must be a list of objects"),
        ("invoices", {"Type": "SALE"}, 400, "must be one of ACCREC, ACCPAY"),
        ("invoices", {"CurrencyCode": "XXX"}, 400, "not XXX"),
        ("invoices", {"AmountDue": "1"}, 400, "is worked out"),
        ("credit_notes/none", {"Date": None}, 400, "cannot be taken away"),
        ("manual_journals", {"JournalLines": [{}]}, 400, "needs a LineAmount"),
        ("invoices/touch", {"ids": []}, 404, "nothing to touch"),
        ("organisations/1/2/3", {}, 404, "no control path"),
        ("payments", {}, 404, "cannot be created"),
        ("config", {"seed": 4}, 400, "not a setting"),
        ("clock", {"seconds": -1}, 400, "only moves ahead"),
        ("invoices?organisation=9", {}, 404, "no organisation"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    caller: Caller, path: str, body: dict[str, object], status: int, says: str
) -> None:
    answer = caller.http.post(f"/_sim/{path}", json=body)
    assert answer.status_code == status
    assert says in answer.json()["error"]


@pytest.mark.parametrize("raw", [b"{", b"[1]", b"\xff\xfe"])
def test_a_body_that_is_no_json_object_is_400(caller: Caller, raw: bytes) -> None:
    answer = caller.http.post("/_sim/invoices", content=raw, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


def test_holdings_agree_with_what_the_api_returns(caller: Caller) -> None:
    held = caller.http.get("/_sim/holdings").json()
    rows = caller.rows("Invoices")
    assert [one["id"] for one in held["invoices"]] == [row["InvoiceID"] for row in rows]
    assert [one["Total"] for one in held["invoices"]] == [str(row["Total"]) for row in rows]
    assert [one["open"] for one in held["invoices"]] == [str(row["AmountDue"]) for row in rows]
    assert [one["status"] for one in held["invoices"]] == [row["Status"] for row in rows]
    assert [one["number"] for one in held["invoices"]] == [row.get("InvoiceNumber", "") for row in rows]
    assert held["counts"]["payments"] == len(held["payments"]) == len(caller.rows("Payments"))
    only = caller.http.get("/_sim/holdings?streams=payments").json()
    assert "invoices" not in only
    assert only["payments"] == held["payments"]


def test_holdings_of_journals_have_debits(caller: Caller) -> None:
    journal = caller.control("manual_journals", Amount="5.00")
    held = caller.http.get("/_sim/holdings?streams=manual_journals").json()["manual_journals"]
    (one,) = [one for one in held if one["id"] == journal["ManualJournalID"]]
    assert (one["debits"], one["lines"]) == ("5.00", 2)


def test_figures_can_be_read_and_begin_again(caller: Caller) -> None:
    caller.body("Invoices", page=1)
    caller.get(f"Invoices/{caller.rows('Invoices')[0]['InvoiceID']}")
    stats = caller.http.get("/_sim/stats").json()
    assert stats["calls"]["GET /api.xro/2.0/Invoices"] == 2
    assert stats["calls"]["GET /api.xro/2.0/Invoices/{id}"] == 1
    assert (stats["accounting_calls"], stats["statuses"]) == (3, {"200": 3})
    assert caller.control("reset-stats")["accounting_calls"] == 0


def test_organisations_and_connections_are_listed() -> None:
    two = (OrganisationConfig(), OrganisationConfig(name="Kauri Ltd", country="NZ", invoices=3))
    with calling(organisations=two) as caller:
        listed = caller.http.get("/_sim/organisations").json()
        assert [(one["name"], one["base_currency"]) for one in listed] == [
            ("Harbor Supply Co", "USD"),
            ("Kauri Ltd", "NZD"),
        ]
        assert listed[1]["counts"]["invoices"] == 3
        made = caller.control("invoices", organisation=listed[1]["tenant_id"], Amount="1.00")
        assert made["CurrencyCode"] == "NZD"
        assert {one["client_id"] for one in caller.http.get("/_sim/connections").json()} == {"SIMWEBAPP", "SIMCUSTOM"}


def test_tokens_can_be_had_without_a_browser(caller: Caller) -> None:
    caller.tokens = caller.control("grants", client_id="SIMWEBAPP", scopes="accounting.contacts.read")
    assert caller.get("Contacts").status_code == 200
    assert caller.get("Invoices").status_code == 401


def form(caller: Caller, path: str, **fields: str) -> httpx.Response:
    return caller.http.post(f"/_sim/{path}", data={"_page": "1", "organisation": "0", **fields}, follow_redirects=True)


def test_the_page_lists_what_the_simulator_holds(caller: Caller) -> None:
    caller.control("invoices", InvoiceNumber="<b>&", Contact={"Name": caller.rows("Contacts")[0]["Name"]})
    text = caller.http.get("/_sim/").text
    assert "250 invoices" not in text
    assert "251 invoices" in text
    assert "&lt;b&gt;&amp;" in text
    assert "<b>&" not in text


def test_a_developer_creates_pays_voids_and_finds_invoices_on_the_page(caller: Caller) -> None:
    page = caller.http.get("/_sim/").text
    contact_id = re.search(r'<option value="([0-9a-f-]{36})">', page)
    assert contact_id
    created = form(caller, "invoices", Type="ACCREC", ContactID=contact_id[1], Amount="77.70", Status="AUTHORISED")
    assert "Done." in created.text
    row = caller.http.get("/_sim/holdings?streams=invoices").json()["invoices"][-1]
    assert (row["Total"], row["status"]) == ("77.70", "AUTHORISED")
    form(caller, f"invoices/{row['id']}/pay", Amount="7.70")
    assert caller.simulator.get("invoices", row["id"])["AmountDue"] == Decimal("70.00")
    refused = form(caller, f"invoices/{row['id']}/void")
    assert "remove those first" in refused.text
    found = caller.http.get("/_sim/", params={"number": row["number"]}).text
    assert found.count("Send webhook") == 1


def test_a_developer_sends_the_webhook_by_hand_on_the_page(caller: Caller) -> None:
    with receiving() as receiver:
        form(caller, "webhooks/subscribe", url=receiver.url, key=KEY, client_id="SIMWEBAPP")
        row = caller.rows("Invoices")[0]
        said = form(caller, "webhooks/event", stream="invoices", id=row["InvoiceID"])
        assert receiver.ids == [row["InvoiceID"]]
        assert "enabled" in said.text
        assert KEY not in said.text


def test_the_page_moves_virtual_time(caller: Caller) -> None:
    before = caller.simulator.clock.now()
    assert "Done." in form(caller, "clock", seconds="900").text
    assert (caller.simulator.clock.now() - before).total_seconds() >= 900
