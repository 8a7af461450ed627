"""§10 row 7: the text of answers, dates, missing keys, exact scales; and the shapes that differ by route."""

import json
import re

from tests.xero_app.simulator.caller import Caller, calling, ms


def number(text: str, name: str) -> list[str]:
    return re.findall(rf'"{name}": (-?[\d.]+)', text)


def test_bodies_are_pretty_printed_with_crlf(caller: Caller) -> None:
    text = caller.get("Invoices", page=1).text
    assert text.startswith('{\r\n  "Id": "')
    assert "\n" not in text.replace("\r\n", "")


def test_bodies_can_be_compact_for_benchmarks() -> None:
    with calling(compact_json=True) as caller:
        assert "\n" not in caller.get("Invoices", page=1).text


def test_the_envelope_names_the_caller_and_the_correlation_id(caller: Caller) -> None:
    answer = caller.get("Invoices", page=1, headers={"User-Agent": "ml-connector/1 (SIMWEBAPP)"})
    body = answer.json()
    assert list(body) == ["Id", "Status", "ProviderName", "DateTimeUTC", "pagination", "Invoices"]
    assert body["Id"] == answer.headers["Xero-Correlation-Id"]
    assert (body["Status"], body["ProviderName"]) == ("OK", "ml-connector")


def test_keys_come_in_the_order_of_a_live_answer(caller: Caller) -> None:
    first = [
        "Type",
        "InvoiceID",
        "InvoiceNumber",
        "Reference",
        "Payments",
        "CreditNotes",
        "Prepayments",
        "Overpayments",
    ]
    sale = next(row for row in caller.rows("Invoices") if row["InvoiceNumber"] == "INV-00001")
    assert list(sale)[: len(first)] == first
    line = caller.simulator.create_invoice(LineItems=[{"ItemCode": "SVC", "UnitAmount": "1", "AccountCode": "4000"}])
    keys = ["ItemCode", "UnitAmount", "TaxType", "TaxAmount", "LineAmount", "AccountCode", "Item", "Tracking"]
    assert list(line["LineItems"][0]) == [*keys, "Quantity", "LineItemID", "AccountID"]
    journal = caller.rows("ManualJournals")[0]["JournalLines"][0]
    keys = ["Description", "TaxType", "TaxAmount", "LineAmount", "AccountCode", "Tracking", "AccountID", "IsBlank"]
    assert list(journal) == keys


def test_dates_are_xero_dates_and_datetimeutc_has_no_offset(caller: Caller) -> None:
    text = caller.get("Invoices", page=1).text
    assert re.search(r'"DateTimeUTC": "\\/Date\(\d+\)\\/"', text)
    for name in ("Date", "DueDate", "UpdatedDateUTC"):
        assert re.search(rf'"{name}": "\\/Date\(-?\d+\+0000\)\\/"', text)


def test_calendar_dates_are_midnight_utc_and_agree_with_their_string(caller: Caller) -> None:
    for row in caller.rows("Invoices"):
        assert ms(row["Date"]) % 86_400_000 == 0
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00", row["DateString"])


def test_date_strings_are_on_invoices_and_credit_notes_only(caller: Caller) -> None:
    assert all("DateString" in row for path in ("Invoices", "CreditNotes") for row in caller.rows(path))
    assert not any("DateString" in row for path in ("Payments", "ManualJournals") for row in caller.rows(path))


def test_updated_strings_are_not_on_contacts_and_manual_journals(caller: Caller) -> None:
    for path in ("Invoices", "Payments", "CreditNotes"):
        assert all(row["UpdatedDateUTCString"].endswith("Z") for row in caller.rows(path))
    for path in ("Contacts", "ManualJournals"):
        assert not any("UpdatedDateUTCString" in row for row in caller.rows(path))


def test_numbers_keep_their_scale_as_text(caller: Caller) -> None:
    text = caller.get("Invoices", page=1, pageSize=1000, unitdp=4).text
    for name in ("Total", "SubTotal", "TotalTax", "AmountDue", "AmountPaid", "LineAmount", "TaxAmount"):
        assert all(re.fullmatch(r"-?\d+\.\d\d", found) for found in number(text, name))
    for name in ("Quantity", "UnitAmount"):
        assert all(re.fullmatch(r"-?\d+\.\d{4}", found) for found in number(text, name))
    assert all(re.fullmatch(r"\d+\.\d{6}", found) for found in number(text, "CurrencyRate"))


def test_what_is_not_set_is_missing_and_never_null(caller: Caller) -> None:
    for path in ("Invoices", "Payments", "ManualJournals", "Contacts", "CreditNotes", "Accounts"):
        assert "null" not in re.sub(r'"(?:[^"\\]|\\.)*"', "", caller.get(path, page=1, pageSize=1000).text)
    rows = caller.rows("Invoices")
    for name in ("FullyPaidOnDate", "DueDate", "SentToContact", "BrandingThemeID", "InvoiceNumber"):
        assert {name in row for row in rows} == {True, False}


def test_a_batch_payment_inside_a_payment_has_strings_for_total_and_reconciled(caller: Caller) -> None:
    inside = [row["BatchPayment"] for row in caller.rows("Payments") if "BatchPayment" in row]
    assert inside
    assert all(isinstance(one["TotalAmount"], str) and one["IsReconciled"] in ("true", "false") for one in inside)


def test_contacts_are_stubs_in_invoices_of_a_list_and_whole_in_a_single_read(caller: Caller) -> None:
    row = caller.rows("Invoices")[0]
    assert row["Contact"]["Addresses"] == []
    assert "ContactStatus" not in row["Contact"]
    (single,) = caller.body(f"Invoices/{row['InvoiceID']}")["Invoices"]
    assert len(single["Contact"]["Addresses"]) == 2
    assert single["Contact"]["ContactStatus"]


def test_a_payment_carries_a_stub_of_its_document_in_a_list(caller: Caller) -> None:
    row = next(row for row in caller.rows("Payments") if row["PaymentType"] == "ACCRECPAYMENT")
    assert not {"Total", "Reference", "DateString", "AmountDue"} & set(row["Invoice"])
    assert set(row["Account"]) <= {"AccountID", "Code"}
    (single,) = caller.body(f"Payments/{row['PaymentID']}")["Payments"]
    assert single["Invoice"]["Total"] >= row["Amount"]
    assert single["Account"]["Name"]


def test_payments_inside_an_invoice_say_little(caller: Caller) -> None:
    stubs = [stub for row in caller.rows("Invoices") for stub in row["Payments"]]
    assert stubs
    assert not any({"Status", "Account", "IsReconciled"} & set(stub) for stub in stubs)


def test_applied_credit_is_a_stub_without_allocations(caller: Caller) -> None:
    stubs = [stub for row in caller.rows("Invoices") for stub in row["CreditNotes"]]
    assert stubs
    assert all(stub["AppliedAmount"] <= stub["Total"] and "Allocations" not in stub for stub in stubs)


def test_a_deleted_invoices_amount_due_differs_by_route(caller: Caller) -> None:
    row = next(row for row in caller.rows("Invoices") if row["Status"] == "DELETED")
    assert row["AmountDue"] == 0
    (single,) = caller.body(f"Invoices/{row['InvoiceID']}")["Invoices"]
    assert single["AmountDue"] == single["Total"] > 0


def test_the_same_seed_gives_the_same_bytes() -> None:
    def bodies() -> list[bytes]:
        with calling(clock_frozen=True) as caller:
            paths = (
                "Invoices",
                "Payments",
                "ManualJournals",
                "Contacts",
                "CreditNotes",
                "Organisation",
                "Accounts",
            )
            return [caller.get(path, page=1, pageSize=1000).content for path in paths]

    assert bodies() == bodies()


def test_another_seed_gives_other_organisations() -> None:
    with calling(seed=1) as one, calling(seed=2) as other:
        assert one.tenant_id != other.tenant_id
        assert json.loads(one.get("Invoices").content)["Invoices"] != other.get("Invoices").json()["Invoices"]
