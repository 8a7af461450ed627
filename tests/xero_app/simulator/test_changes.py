"""§10 rows 10 and 14: what a change does to update times, and what If-Modified-Since then brings."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.xero_app.simulator.caller import Caller, calling, ms

BEFORE = "2026-10-20T21:00:00"


@pytest.fixture
def still() -> Iterator[Caller]:
    with calling(clock_frozen=True) as found:
        found.simulator.advance(seconds=3600)
        found.tokens = found.simulator.grant()
        yield found


def updated(caller: Caller, stream: str, xero_id: str) -> int:
    return caller.simulator.store.find(stream, xero_id).updated_ms


def open_invoice(caller: Caller, **fields: object) -> str:
    return caller.simulator.create_invoice(Amount="100.00", **fields)["InvoiceID"]


def test_only_rows_changed_since_are_returned(still: Caller) -> None:
    assert still.changed("Invoices", BEFORE) == []
    made = open_invoice(still)
    assert [row["InvoiceID"] for row in still.changed("Invoices", BEFORE)] == [made]


@pytest.mark.parametrize(
    "header", ["2026-10-20T21:00:00", "2026-10-20T21:00:00.123", "2026-10-20T21:00:00Z", "2026-10-20T14:00:00-07:00"]
)
def test_iso_times_are_understood(still: Caller, header: str) -> None:
    open_invoice(still)
    assert len(still.changed("Invoices", header)) == 1


@pytest.mark.parametrize(
    "header", ["Tue, 20 Oct 2026 21:00:00 GMT", "20/10/2026", "yesterday", "2026-13-45T00:00:00", "1792530000"]
)
def test_a_time_that_cannot_be_read_is_ignored_and_everything_comes_back(still: Caller, header: str) -> None:
    assert len(still.changed("Invoices", header)) == 250


@pytest.mark.parametrize(("mode", "found"), [("gt", 0), ("ge", 1), ("ms", 1)])
def test_the_same_second_can_be_exclusive_inclusive_or_by_millisecond(still: Caller, mode: str, found: int) -> None:
    still.control("config", ims_mode=mode)
    still.simulator.advance(seconds=0.5)
    open_invoice(still)
    assert len(still.changed("Invoices", "2026-10-20T22:00:00")) == found


@pytest.mark.parametrize("path", ["Organisation", "TaxRates"])
def test_settings_do_not_know_modified_since(still: Caller, path: str) -> None:
    body = still.body(path, headers={"If-Modified-Since": "2030-01-01T00:00:00"})
    assert body[{"Organisation": "Organisations"}.get(path, path)]


def test_a_change_can_become_visible_late(still: Caller) -> None:
    made = open_invoice(still)
    still.simulator.advance(seconds=60)
    still.control("config", visibility_lag_s=30)
    still.simulator.update_invoice(made, Reference="late")
    unseen = open_invoice(still)
    seen = {row["InvoiceID"]: row["Reference"] for row in still.changed("Invoices", BEFORE)}
    assert seen == {made: ""}
    still.simulator.advance(seconds=31)
    seen = {row["InvoiceID"]: row["Reference"] for row in still.changed("Invoices", BEFORE)}
    assert seen == {made: "late", unseen: ""}


def test_a_payment_bumps_its_invoice_to_the_same_moment(still: Caller) -> None:
    made = open_invoice(still)
    still.simulator.advance(seconds=60)
    payment = still.simulator.pay_invoice(made, amount="40.00")
    (row,) = still.changed("Invoices", "2026-10-20T22:00:30")
    assert (row["AmountDue"], row["AmountPaid"], row["Status"]) == (Decimal("60.00"), Decimal("40.00"), "AUTHORISED")
    assert updated(still, "payments", payment["PaymentID"]) == updated(still, "invoices", made)


def test_the_last_payment_settles_and_its_deletion_opens_again(still: Caller) -> None:
    made = open_invoice(still)
    payment = still.simulator.pay_invoice(made, date="2026-10-21")
    paid = still.simulator.get("invoices", made)
    assert (paid["Status"], str(paid["FullyPaidOnDate"])) == ("PAID", "2026-10-21")
    still.simulator.advance(seconds=60)
    still.simulator.delete_payment(payment["PaymentID"])
    (row,) = still.changed("Invoices", "2026-10-20T22:00:30")
    assert (row["Status"], row["AmountDue"], row["Payments"]) == ("AUTHORISED", Decimal("100.00"), [])
    assert "FullyPaidOnDate" not in row
    (gone,) = still.changed("Payments", "2026-10-20T22:00:30")
    assert (gone["Status"], gone["Amount"]) == ("DELETED", Decimal("100.00"))


def test_a_due_date_edited_on_a_partly_paid_invoice_does_not_bump_it(still: Caller) -> None:
    part, whole = open_invoice(still), open_invoice(still)
    still.simulator.pay_invoice(part, amount="1.00")
    still.simulator.advance(seconds=60)
    for xero_id in (part, whole):
        still.simulator.update_invoice(xero_id, DueDate="2027-01-31")
    assert [row["InvoiceID"] for row in still.changed("Invoices", "2026-10-20T22:00:30")] == [whole]
    assert still.simulator.get("invoices", part)["DueDate"].isoformat() == "2027-01-31"


def test_contact_balances_change_without_a_bump(still: Caller) -> None:
    contact_id = still.simulator.create_contact(Name="Fresh Co")["ContactID"]
    before = updated(still, "contacts", contact_id)
    still.simulator.advance(seconds=60)
    open_invoice(still, ContactID=contact_id)
    assert updated(still, "contacts", contact_id) == before
    (row,) = [row for row in still.rows("Contacts") if row["ContactID"] == contact_id]
    assert row["Balances"]["AccountsReceivable"]["Outstanding"] == Decimal("100.00")


def test_drafts_are_approved_and_deleted_and_authorised_ones_voided(still: Caller) -> None:
    sim = still.simulator
    draft, other = (open_invoice(still, Status="DRAFT") for _ in range(2))
    assert sim.approve_invoice(draft)["Status"] == "AUTHORISED"
    assert sim.void_invoice(draft)["AmountDue"] == 0
    assert sim.delete_invoice(other)["Status"] == "DELETED"
    assert {row["Status"] for row in still.changed("Invoices", BEFORE)} == {"VOIDED", "DELETED"}


def test_a_bulk_edit_gives_hundreds_of_rows_the_same_millisecond(still: Caller) -> None:
    touched = still.simulator.touch("invoices", count=200)
    rows = still.changed("Invoices", BEFORE)
    assert {row["InvoiceID"] for row in rows} == set(touched)
    assert len({ms(row["UpdatedDateUTC"]) for row in rows}) == 1


def test_a_row_changed_between_two_pages_shifts_a_row_out_of_sight(still: Caller) -> None:
    everything = {row["InvoiceID"] for row in still.rows("Invoices")}
    still.simulator.add_fault(kind="touch", path="Invoices")
    pages = [still.rows("Invoices", page=page, size=50) for page in range(1, 6)]
    seen = [row["InvoiceID"] for page in pages for row in page]
    assert len(everything - set(seen)) == 1
    still.simulator.add_fault(kind="touch", path="Invoices")
    pages = [still.rows("Invoices", page=page, size=50, order="InvoiceID ASC") for page in range(1, 6)]
    assert everything == {row["InvoiceID"] for page in pages for row in page}


def test_a_merged_contact_is_archived_and_its_documents_show_the_other(still: Caller) -> None:
    sim = still.simulator
    first, second = (sim.create_contact(Name=name)["ContactID"] for name in ("First", "Second"))
    made = open_invoice(still, ContactID=first)
    sim.merge_contact(first, into=second)
    (row,) = still.rows("Invoices", IDs=made)
    assert row["Contact"]["Name"] == "Second"
    (gone,) = [row for row in still.rows("Contacts", includeArchived="true") if row["ContactID"] == first]
    assert (gone["ContactStatus"], gone["MergedToContactID"]) == ("ARCHIVED", second)
    assert len(still.rows("Invoices", ContactIDs=second)) == 1


def test_an_archived_contact_is_bumped(still: Caller) -> None:
    contact_id = still.simulator.create_contact(Name="Soon gone")["ContactID"]
    still.simulator.advance(seconds=60)
    still.simulator.archive_contact(contact_id)
    found = still.changed("Contacts", "2026-10-20T22:00:30", includeArchived="true")
    assert [row["ContactStatus"] for row in found] == ["ARCHIVED"]


def test_credit_applied_settles_both_sides(still: Caller) -> None:
    sim = still.simulator
    made, note = open_invoice(still), sim.create_credit_note(Amount="30.00")["CreditNoteID"]
    sim.allocate_credit(note, made, date="2026-10-21")
    (invoice,) = still.rows("Invoices", IDs=made)
    assert (invoice["AmountCredited"], invoice["AmountDue"]) == (Decimal("30.00"), Decimal("70.00"))
    assert invoice["CreditNotes"][0]["AppliedAmount"] == Decimal("30.00")
    (credit,) = [row for row in still.changed("CreditNotes", BEFORE) if row["CreditNoteID"] == note]
    assert (credit["Status"], credit["RemainingCredit"]) == ("PAID", Decimal("0.00"))
    assert credit["Allocations"][0]["Invoice"]["InvoiceID"] == made


def test_a_credit_note_is_refunded_or_voided(still: Caller) -> None:
    sim = still.simulator
    first, second = (sim.create_credit_note(Amount="30.00")["CreditNoteID"] for _ in range(2))
    refund = sim.refund_credit_note(first, amount="30.00")
    assert (refund["PaymentType"], sim.get("credit_notes", first)["Status"]) == ("ARCREDITPAYMENT", "PAID")
    assert sim.update_credit_note(second, Status="VOIDED")["RemainingCredit"] == 0
    with pytest.raises(ValueError, match=r"remove those first|cannot become"):
        sim.update_credit_note(first, Status="VOIDED")


def test_new_lines_work_the_totals_out_again_but_never_below_what_is_paid(still: Caller) -> None:
    made = open_invoice(still)
    still.simulator.pay_invoice(made, amount="40.00")
    lines = [{"Description": "x", "Quantity": 2, "UnitAmount": "30.00", "TaxType": "OUTPUT", "AccountCode": "4000"}]
    changed = still.simulator.update_invoice(made, LineItems=lines, LineAmountTypes="Exclusive")
    assert (changed["Total"], changed["AmountDue"]) == (Decimal("64.95"), Decimal("24.95"))
    with pytest.raises(ValueError, match="cannot fall below"):
        still.simulator.update_invoice(made, Amount="39.99")
    assert still.simulator.get("invoices", made)["Total"] == Decimal("64.95")


def test_a_field_is_taken_away_by_none(still: Caller) -> None:
    made = open_invoice(still)
    assert "DueDate" not in still.simulator.update_invoice(made, DueDate=None)
    with pytest.raises(ValueError, match="cannot be taken away"):
        still.simulator.update_invoice(made, Date=None)


@pytest.mark.parametrize("make", ["create_prepayment", "create_overpayment"])
def test_advances_are_applied_like_credit_notes(still: Caller, make: str) -> None:
    credit = getattr(still.simulator, make)(Amount="150.00")
    made = open_invoice(still)
    still.simulator.allocate_credit(next(value for key, value in credit.items() if key.endswith("mentID")), made)
    assert still.simulator.get("invoices", made)["Status"] == "PAID"
    path = "Prepayments" if make == "create_prepayment" else "Overpayments"
    (row,) = still.changed(path, BEFORE)
    assert row["RemainingCredit"] == Decimal("50.00")


def test_a_batch_pays_several_invoices_at_once(still: Caller) -> None:
    ids = [open_invoice(still, Type="ACCPAY") for _ in range(3)]
    batch = still.simulator.create_batch_payment(ids, Date="2026-10-21")
    assert (batch["Type"], batch["TotalAmount"]) == ("PAYBATCH", Decimal("300.00"))
    payments = still.changed("Payments", BEFORE)
    assert [row["BatchPayment"]["TotalAmount"] for row in payments] == ["300.00"] * 3
    assert {row["Invoice"]["InvoiceID"] for row in payments} == set(ids)


def test_a_journal_is_voided_and_bumped(still: Caller) -> None:
    journal_id = still.simulator.create_manual_journal(Amount="12.34")["ManualJournalID"]
    still.simulator.update_manual_journal(journal_id, Status="VOIDED")
    (row,) = still.changed("ManualJournals", BEFORE)
    assert (row["Status"], sum(line["LineAmount"] for line in row["JournalLines"])) == ("VOIDED", 0)


def test_a_foreign_payment_is_banked_in_base_currency() -> None:
    with calling() as caller:
        made = open_invoice(caller, CurrencyCode="GBP", CurrencyRate="0.761284")
        payment = caller.simulator.pay_invoice(made, CurrencyRate="0.750000")
        assert (payment["Amount"], payment["BankAmount"]) == (Decimal("100.00"), Decimal("133.33"))


def test_what_xero_would_refuse_is_refused(still: Caller) -> None:
    sim, made = still.simulator, open_invoice(still)
    sim.pay_invoice(made, amount="40.00")
    for refused in (
        lambda: sim.pay_invoice(made, amount="60.01"),
        lambda: sim.pay_invoice(made, amount=0.5),
        lambda: sim.void_invoice(made),
        lambda: sim.delete_invoice(made),
        lambda: sim.create_invoice(Status="PAID"),
        lambda: sim.create_manual_journal(JournalLines=[{"LineAmount": "1.00", "AccountCode": "6200"}]),
    ):
        with pytest.raises(ValueError, match=r"."):
            refused()
    with pytest.raises(LookupError):
        sim.pay_invoice("00000000-0000-0000-0000-000000000000")
    assert sim.get("invoices", made)["AmountDue"] == Decimal("60.00")
