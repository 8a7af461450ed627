"""§10 rows 8, 9 and 11: paging, order, filters."""

import pytest

from tests.xero_app.simulator.caller import Caller, calling, exact, ms

PAGED = ("Invoices", "CreditNotes", "Payments", "Prepayments", "Overpayments", "ManualJournals", "Contacts")


@pytest.mark.parametrize("path", PAGED)
def test_pages_together_hold_every_row_once(caller: Caller, path: str) -> None:
    whole = [str(row) for row in caller.rows(path)]
    first = caller.body(path, page=1, pageSize=3)["pagination"]
    assert first == {"page": 1, "pageSize": 3, "pageCount": -(-len(whole) // 3), "itemCount": len(whole)}
    paged = [str(row) for page in range(1, first["pageCount"] + 1) for row in caller.rows(path, page=page, size=3)]
    assert paged == whole


@pytest.mark.parametrize(("asked", "given"), [(5000, 1000), (0, 1), (-3, 1), ("many", 100), (None, 100)])
def test_page_size_is_clamped_and_never_rejected(caller: Caller, asked: object, given: int) -> None:
    params = {} if asked is None else {"pageSize": asked}
    body = caller.body("Invoices", page=1, **params)
    assert body["pagination"]["pageSize"] == given
    assert len(body["Invoices"]) == min(given, 250)


def test_without_page_everything_comes_without_lines_and_without_pagination(caller: Caller) -> None:
    body = caller.body("Invoices")
    assert "pagination" not in body
    assert len(body["Invoices"]) == 250
    assert all(row["LineItems"] == [] for row in body["Invoices"])
    assert all(row["JournalLines"] == [] for row in caller.body("ManualJournals")["ManualJournals"])


def test_page_size_alone_pages_too(caller: Caller) -> None:
    assert caller.body("Invoices", pageSize=5)["pagination"]["page"] == 1


def test_without_page_contacts_have_fewer_fields(caller: Caller) -> None:
    bare, paged = caller.body("Contacts")["Contacts"][0], caller.rows("Contacts")[0]
    assert "ContactPersons" not in bare
    assert set(bare) < set(paged)


def test_past_the_last_page_there_is_an_empty_list(caller: Caller) -> None:
    body = caller.body("Invoices", page=99)
    assert (body["Invoices"], body["pagination"]["itemCount"]) == ([], 250)


def test_unknown_parameters_are_ignored(caller: Caller) -> None:
    assert len(caller.body("Invoices", page_size=10)["Invoices"]) == 250


def test_the_default_order_is_by_update_time_then_id(caller: Caller) -> None:
    keys = [(ms(row["UpdatedDateUTC"]), row["InvoiceID"]) for row in caller.rows("Invoices")]
    assert keys == sorted(keys)


def test_rows_can_be_ordered_by_id_and_date(caller: Caller) -> None:
    ids = [row["InvoiceID"] for row in caller.rows("Invoices", order="InvoiceID ASC")]
    assert ids == sorted(ids)
    dates = [ms(row["Date"]) for row in caller.rows("Invoices", order="Date DESC")]
    assert dates == sorted(dates, reverse=True)


@pytest.mark.parametrize("path", ["Payments", "Contacts"])
def test_rows_of_other_streams_can_be_ordered_by_id(caller: Caller, path: str) -> None:
    field = "PaymentID" if path == "Payments" else "ContactID"
    ids = [row[field] for row in caller.rows(path, order=field)]
    assert ids == sorted(ids)


def test_manual_journals_with_order_return_everything_on_every_page_when_the_bug_is_on(caller: Caller) -> None:
    assert len(caller.rows("ManualJournals", page=2, size=5, order="Date ASC")) == 5
    caller.control("config", mj_order_bug=True)
    assert len(caller.rows("ManualJournals", page=2, size=5, order="Date ASC")) == 12


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        ('Type=="ACCPAY"', lambda row: row["Type"] == "ACCPAY"),
        ('Status=="PAID"&&Type=="ACCREC"', lambda row: (row["Status"], row["Type"]) == ("PAID", "ACCREC")),
        ('Status=="VOIDED" OR Status=="DELETED"', lambda row: row["Status"] in ("VOIDED", "DELETED")),
        ("AmountDue>0 AND (AmountPaid>0)", lambda row: row["AmountDue"] > 0 and row["AmountPaid"] > 0),
        ('InvoiceNumber!=null&&InvoiceNumber.StartsWith("INV")', lambda row: row["InvoiceNumber"][:3] == "INV"),
        ("SentToContact==true", lambda row: row["SentToContact"]),
    ],
)
def test_where_filters_rows(caller: Caller, where: str, holds: object) -> None:
    rows = caller.rows("Invoices", where=where)
    assert 0 < len(rows) < 250
    assert all(holds(row) for row in rows)


def test_where_takes_a_window_of_dates(caller: Caller) -> None:
    window = "Date>=DateTime(2026,03,01)&&Date<DateTime(2026,04,01)"
    rows = caller.rows("Invoices", where=window)
    assert rows
    assert len(rows) == sum(row["DateString"][:7] == "2026-03" for row in caller.rows("Invoices"))


def test_where_takes_a_guid(caller: Caller) -> None:
    row = caller.rows("Invoices")[5]
    found = caller.rows("Invoices", where=f'InvoiceID==Guid("{row["InvoiceID"].upper()}")')
    assert [one["InvoiceID"] for one in found] == [row["InvoiceID"]]
    contact_id = row["Contact"]["ContactID"]
    rows = caller.rows("Invoices", where=f'Contact.ContactID==Guid("{contact_id}")')
    assert {one["Contact"]["ContactID"] for one in rows} == {contact_id}


@pytest.mark.parametrize(
    "where",
    ["Nonsense==1", 'Type="ACC', "Type==", 'Type=="A")', "Date>DateTime(2026,13,1)", 'Date>"x"', "()", "&&"],
)
def test_a_where_that_cannot_be_read_is_400(caller: Caller, where: str) -> None:
    answer = caller.get("Invoices", page=1, where=where)
    assert (answer.status_code, answer.json()["Type"]) == (400, "QueryParseException")
    assert answer.json()["ErrorNumber"] == 16


@pytest.mark.parametrize("order", ["Nonsense", "InvoiceID SIDEWAYS", "InvoiceID ASC DESC"])
def test_an_order_that_cannot_be_read_is_400(caller: Caller, order: str) -> None:
    assert caller.get("Invoices", page=1, order=order).status_code == 400


def test_the_quick_filters_of_invoices(caller: Caller) -> None:
    rows = caller.rows("Invoices")
    ids = [row["InvoiceID"] for row in rows[:3]]
    assert {row["InvoiceID"] for row in caller.rows("Invoices", IDs=",".join(ids))} == set(ids)
    assert [row["InvoiceNumber"] for row in caller.rows("Invoices", InvoiceNumbers="INV-00001")] == ["INV-00001"]
    assert {row["Status"] for row in caller.rows("Invoices", Statuses="DRAFT,VOIDED")} == {"DRAFT", "VOIDED"}
    contact_id = rows[0]["Contact"]["ContactID"]
    assert {row["Contact"]["ContactID"] for row in caller.rows("Invoices", ContactIDs=contact_id)} == {contact_id}


def test_more_than_52_ids_are_not_found(caller: Caller) -> None:
    ids = [row["InvoiceID"] for row in caller.rows("Invoices")]
    assert len(caller.rows("Invoices", IDs=",".join(ids[:52]))) == 52
    assert caller.get("Invoices", page=1, IDs=",".join(ids[:53])).status_code == 404


def test_a_summary_is_paged_and_has_no_lines_payments_or_attachments_flag(caller: Caller) -> None:
    body = caller.body("Invoices", summaryOnly="true")
    assert body["pagination"]["pageSize"] == 100
    assert not any({"LineItems", "Payments", "HasAttachments"} & set(row) for row in body["Invoices"])


def test_unit_prices_are_rounded_unless_four_decimals_are_asked_for(caller: Caller) -> None:
    row = caller.simulator.create_invoice(LineItems=[{"Description": "x", "Quantity": 3, "UnitAmount": "0.1375"}])
    two = exact(caller.get("Invoices", page=1, IDs=row["InvoiceID"]))["Invoices"][0]["LineItems"][0]
    four = exact(caller.get("Invoices", page=1, IDs=row["InvoiceID"], unitdp=4))["Invoices"][0]["LineItems"][0]
    assert (str(two["UnitAmount"]), str(four["UnitAmount"])) == ("0.14", "0.1375")
    assert two["LineAmount"] == four["LineAmount"]


def test_archived_contacts_are_left_out_unless_asked_for(caller: Caller) -> None:
    without, with_all = caller.rows("Contacts"), caller.rows("Contacts", includeArchived="true")
    assert {row["ContactStatus"] for row in without} == {"ACTIVE"}
    archived = [row for row in with_all if row["ContactStatus"] == "ARCHIVED"]
    assert len(archived) == len(with_all) - len(without) == 2


def test_a_search_term_looks_into_names_and_references(caller: Caller) -> None:
    made = caller.simulator.create_invoice(Reference="Needle 4711")
    assert [row["InvoiceID"] for row in caller.rows("Invoices", searchTerm="needle")] == [made["InvoiceID"]]


def test_single_reads_take_an_id_or_a_number(caller: Caller) -> None:
    row = next(row for row in caller.rows("Invoices") if row["InvoiceNumber"] == "INV-00002")
    for key in (row["InvoiceID"], "INV-00002"):
        body = caller.body(f"Invoices/{key}")
        assert [one["InvoiceID"] for one in body["Invoices"]] == [row["InvoiceID"]]
        assert "pagination" not in body


def test_an_unknown_id_is_404_as_html(caller: Caller) -> None:
    answer = caller.get("Invoices/00000000-0000-0000-0000-000000000000")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.text == "The resource you're looking for cannot be found"


def test_a_query_that_reads_too_many_rows_is_refused_until_it_is_narrowed() -> None:
    with calling(max_rows=100) as caller:
        answer = caller.get("Invoices", page=1)
        assert answer.status_code == 400
        assert "not filtering Invoices efficiently" in answer.json()["Message"]
        assert caller.get("Invoices", page=1, where='Reference=="x"').status_code == 400
        assert caller.rows("Invoices", where="Date>=DateTime(2026,09,01)")
        assert caller.changed("Invoices", "2026-09-01T00:00:00")
