"""§10 row 17: seed data is nasty where people stumble, and its money adds up."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from tests.xero_app.simulator.caller import Caller, calling, ms
from xero_app.simulator import OrganisationConfig, Simulator, SimulatorConfig

Rows = dict[str, list[dict[str, Any]]]
CENT = Decimal("0.01")


@pytest.fixture(scope="module")
def rows() -> Rows:
    with calling(seed=11, invoices=2000) as caller:
        paths = ("Invoices", "CreditNotes", "Payments", "Prepayments", "Overpayments", "ManualJournals")
        found: Rows = {path: [row for page in (1, 2, 3) for row in caller.rows(path, page=page)] for path in paths}
        found["Contacts"] = caller.rows("Contacts", includeArchived="true")
        for path in ("Accounts", "TaxRates", "BatchPayments"):
            found[path] = caller.body(path)[path]
        return found


def lines(rows: Rows) -> list[dict[str, Any]]:
    return [line for row in rows["Invoices"] for line in row["LineItems"]]


@pytest.mark.parametrize(
    "sign",
    [
        "\r\n",
        "\t",
        '"',
        ",",
        ";",
        "|",
        "*",
        "~",
        ">",
        ":",
        "^",
        "'",
        "\\",
        "🔧",
        "Kōwhai",
        "東京",
        "\u200f",
        "\u00a0",
        "=",
        "@",
    ],
)
def test_text_holds_every_sign_that_breaks_a_format(rows: Rows, sign: str) -> None:
    text = [line.get("Description", "") for line in lines(rows)] + [row["Name"] for row in rows["Contacts"]]
    text += [row.get("InvoiceNumber", "") + row.get("Reference", "") for row in rows["Invoices"]]
    assert any(sign in one for one in text)


def test_names_go_up_to_255_characters_and_none_is_longer(rows: Rows) -> None:
    assert max(len(row["Name"]) for row in rows["Contacts"]) in range(250, 256)


def test_addresses_are_empty_half_filled_and_whole(rows: Rows) -> None:
    addresses = [address for row in rows["Contacts"] for address in row["Addresses"]]
    assert {"AddressLine1" in one for one in addresses} == {True, False}
    assert {bool(one["City"]) for one in addresses} == {True, False}
    assert any(one.get("AddressLine2") == "" and one.get("AddressLine3") for one in addresses)


def test_bills_have_missing_empty_and_duplicate_numbers(rows: Rows) -> None:
    bills = [row.get("InvoiceNumber") for row in rows["Invoices"] if row["Type"] == "ACCPAY"]
    assert None in bills
    assert "" in bills
    assert any(count > 1 for number, count in Counter(bills).items() if number)
    sales = [row["InvoiceNumber"] for row in rows["Invoices"] if row["Type"] == "ACCREC"]
    assert len(sales) == len(set(sales))


def test_every_state_and_way_of_tax_occurs(rows: Rows) -> None:
    statuses = {"DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED"}
    assert {row["Status"] for row in rows["Invoices"]} == statuses
    assert {row["LineAmountTypes"] for row in rows["Invoices"]} == {"Exclusive", "Inclusive", "NoTax"}
    assert {row["LineAmountTypes"] for row in rows["ManualJournals"]} == {"Exclusive", "Inclusive", "NoTax"}
    assert {row["Status"] for row in rows["ManualJournals"]} == {"POSTED", "DRAFT", "VOIDED", "DELETED"}
    assert {row["Status"] for row in rows["Payments"]} == {"AUTHORISED", "DELETED"}


def test_lines_of_every_kind_occur(rows: Rows) -> None:
    found = lines(rows)
    assert any(set(line) == {"Description", "Tracking", "LineItemID"} for line in found)
    assert any(line.get("Quantity", 1) < 0 for line in found)
    assert any(line.get("UnitAmount", 1) < 0 for line in found)
    assert any("DiscountRate" in line for line in found)
    assert any("DiscountAmount" in line for line in found)
    assert any("AccountID" in line and "AccountCode" not in line for line in found)
    assert {len(line["Tracking"]) for line in found} == {0, 1, 2}


def test_discounts_are_on_sales_only(rows: Rows) -> None:
    for row in rows["Invoices"]:
        discounted = any({"DiscountRate", "DiscountAmount"} & set(line) for line in row["LineItems"])
        assert not (discounted and row["Type"] == "ACCPAY")
        assert row["IsDiscounted"] == ("TotalDiscount" in row)


def test_several_currencies_with_six_decimal_rates(rows: Rows) -> None:
    rates = {row["CurrencyCode"]: row["CurrencyRate"] for row in rows["Invoices"]}
    assert len(rates) >= 4
    assert str(rates["USD"]) == "1.000000"
    assert all(rate.as_tuple().exponent == -6 for rate in rates.values())


def test_dates_before_1970_and_none_at_all_occur(rows: Rows) -> None:
    assert any(ms(row["Date"]) < 0 for row in rows["Invoices"])
    assert any(ms(row["Date"]) < 0 for row in rows["ManualJournals"])
    no_date = [row for row in rows["Invoices"] if row.get("DueDate") == "/Date(0+0000)/"]
    assert no_date
    assert {(row["Status"], "DueDateString" in row) for row in no_date} == {("VOIDED", False)}


def test_update_times_tie_and_may_be_older_than_the_document(rows: Rows) -> None:
    stamps = [ms(row["UpdatedDateUTC"]) for row in rows["Invoices"]]
    assert len(set(stamps)) < len(stamps)
    assert len({stamp // 1000 for stamp in stamps}) < len(set(stamps))
    assert any(ms(row["UpdatedDateUTC"]) < ms(row["Date"]) for row in rows["Invoices"])


def test_contacts_are_archived_and_merged_and_documents_show_who_is_left(rows: Rows) -> None:
    gone = {row["ContactID"] for row in rows["Contacts"] if row.get("MergedToContactID")}
    assert gone
    assert not gone & {row["Contact"]["ContactID"] for row in rows["Invoices"]}


def test_the_chart_has_codeless_and_archived_accounts_and_a_compound_tax_rate(rows: Rows) -> None:
    assert {"Code" in row for row in rows["Accounts"]} == {True, False}
    assert "ARCHIVED" in {row["Status"] for row in rows["Accounts"]}
    (compound,) = [row for row in rows["TaxRates"] if any(part["IsCompound"] for part in row["TaxComponents"])]
    assert compound["EffectiveRate"] == Decimal("15.4738")


def test_totals_are_the_sum_of_their_parts_except_for_deliberate_overrides(rows: Rows) -> None:
    off = []
    for row in rows["Invoices"] + rows["CreditNotes"] + rows["Prepayments"]:
        amount = sum((line.get("LineAmount", 0) for line in row["LineItems"]), Decimal(0))
        tax = sum((line.get("TaxAmount", 0) for line in row["LineItems"]), Decimal(0))
        assert row["TotalTax"] == tax
        assert row["SubTotal"] == (amount - tax if row["LineAmountTypes"] == "Inclusive" else amount)
        off.append(row["Total"] - row["SubTotal"] - row["TotalTax"])
    assert set(off) == {Decimal(0), CENT, -CENT} or set(off) == {Decimal(0), -CENT}
    assert sum(difference != 0 for difference in off) < 0.02 * len(off)


def test_line_amounts_follow_quantity_price_and_discount(rows: Rows) -> None:
    for line in lines(rows):
        if "UnitAmount" in line:
            gross = line["Quantity"] * line["UnitAmount"] * (100 - line.get("DiscountRate", 0)) / 100
            assert abs(gross - line.get("DiscountAmount", 0) - line["LineAmount"]) <= Decimal("0.005")


def test_what_is_due_paid_and_credited_agrees_with_payments_and_credit(rows: Rows) -> None:
    for row in rows["Invoices"]:
        credited = [one["AppliedAmount"] for key in ("CreditNotes", "Prepayments", "Overpayments") for one in row[key]]
        assert row["AmountPaid"] == sum((one["Amount"] for one in row["Payments"]), Decimal(0))
        assert row["AmountCredited"] == sum(credited, Decimal(0))
        if row["Status"] not in ("VOIDED", "DELETED"):
            assert row["AmountDue"] == row["Total"] - row["AmountPaid"] - row["AmountCredited"]
        assert (row["Status"] == "PAID") == ("FullyPaidOnDate" in row)


def test_payments_agree_with_the_invoices_that_list_them(rows: Rows) -> None:
    listed = {
        one["PaymentID"]: one["Amount"]
        for path in ("Invoices", "CreditNotes")
        for row in rows[path]
        for one in row["Payments"]
    }
    stands = {row["PaymentID"]: row["Amount"] for row in rows["Payments"] if row["Status"] == "AUTHORISED"}
    assert listed == stands
    assert {row["PaymentType"] for row in rows["Payments"]} >= {"ACCRECPAYMENT", "ACCPAYPAYMENT", "ARCREDITPAYMENT"}


def test_bank_amounts_follow_the_rate(rows: Rows) -> None:
    codes = {account["AccountID"]: account.get("CurrencyCode") for account in rows["Accounts"]}
    for row in rows["Payments"]:
        if codes[row["Account"]["AccountID"]] == row["Invoice"]["CurrencyCode"]:
            assert row["BankAmount"] == row["Amount"]
        else:
            assert abs(row["Amount"] / row["CurrencyRate"] - row["BankAmount"]) <= Decimal("0.005")


def test_batches_add_up_to_their_payments(rows: Rows) -> None:
    sums: Counter[str] = Counter()
    for row in rows["Payments"]:
        if "BatchPaymentID" in row:
            sums[row["BatchPaymentID"]] += row["Amount"]
    assert {row["BatchPaymentID"]: row["TotalAmount"] for row in rows["BatchPayments"]} == sums
    assert {row["Type"] for row in rows["BatchPayments"]} == {"PAYBATCH", "RECBATCH"}


def test_credit_is_what_was_applied_and_what_remains(rows: Rows) -> None:
    for path in ("CreditNotes", "Prepayments", "Overpayments"):
        assert any(row["Allocations"] for row in rows[path])
        for row in rows[path]:
            used = sum((one["Amount"] for one in row["Allocations"] + row["Payments"]), Decimal(0))
            assert row["RemainingCredit"] == row["Total"] - used


def test_journals_balance_for_their_way_of_tax(rows: Rows) -> None:
    for row in rows["ManualJournals"]:
        total = sum(line["LineAmount"] for line in row["JournalLines"])
        tax = sum(line["TaxAmount"] for line in row["JournalLines"])
        assert total + (tax if row["LineAmountTypes"] == "Exclusive" else 0) == 0
    assert any(line["TaxAmount"] for row in rows["ManualJournals"] for line in row["JournalLines"])


def test_a_small_seed_holds_every_kind_of_bundle() -> None:
    with calling(invoices=25) as caller:
        assert len(caller.rows("Invoices")) == 25
        for path in ("CreditNotes", "Payments", "Prepayments", "Overpayments", "ManualJournals"):
            assert caller.rows(path)


def test_years_of_history_are_spread_over_the_years() -> None:
    with calling(invoices=400, history_years=10, nasty=False) as caller:
        years = Counter(row["DateString"][:4] for row in caller.rows("Invoices"))
        assert set(years) == {str(year) for year in range(2016, 2027)}
        assert min(years[str(year)] for year in range(2017, 2026)) >= 30


def test_without_nastiness_text_is_plain_and_totals_add_up() -> None:
    with calling(invoices=600, nasty=False) as caller:
        for row in caller.rows("Invoices"):
            assert row["Total"] == row["SubTotal"] + row["TotalTax"]
            assert ms(row["Date"]) > 0


@pytest.mark.parametrize(("country", "currency"), [("NZ", "NZD"), ("AU", "AUD"), ("GB", "GBP"), ("CA", "CAD")])
def test_organisations_of_other_countries(country: str, currency: str) -> None:
    with calling(organisations=(OrganisationConfig(name="Other", country=country),)) as caller:
        (organisation,) = caller.body("Organisation")["Organisations"]
        assert (organisation["BaseCurrency"], organisation["CountryCode"]) == (currency, country)
        assert Counter(row["CurrencyCode"] for row in caller.rows("Invoices")).most_common(1)[0][0] == currency


def test_twenty_thousand_invoices_are_seeded_without_writing_their_documents(caller: Caller) -> None:
    big = Simulator(SimulatorConfig(seed=3, invoices=20_000))
    assert len(big.store.streams["invoices"]) == 20_000
    assert all(row.doc is None for row in big.store.streams["invoices"])
    assert big.get("invoices", big.store.streams["invoices"].in_id_order()[0].id)["Total"] > 0
