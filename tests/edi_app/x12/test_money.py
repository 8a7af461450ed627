"""Every figure in an 810 is Xero's: prices multiply out, taxes are exact, and the sum is checked before it leaves."""

from decimal import Decimal

import pytest

from core.errors import Invalid
from tests.edi_app.x12.documents import GST, STATE_AND_CITY, invoice, line, render, segments, tagged

TAXED = {"TaxType": "OUTPUT2", "TaxRate": GST}


@pytest.mark.parametrize(
    ("amount", "quantity", "price", "said"),
    [
        ("255.00", "10.0000", "25.5000", "10*EA*25.5"),
        ("1.00", "3.0000", "0.3330", "3*EA*0.333"),
        ("1.00", "3.0000", "0.3333", "3*EA*0.3333"),
        ("100.00", "7.0000", None, "7*EA*14.286"),
        ("-40.00", "-2.0000", "20.0000", "-2*EA*20"),
        ("-40.00", "1.0000", "-40.0000", "1*EA*-40"),
        ("0.00", "2.0000", "5.0000", "2*EA*0"),
        ("1234567890.12", "1", "1234567890.1200", "1*EA*1234567890.12"),
        ("0.01", "0.0001", "100.0000", "0.0001*EA*100"),
    ],
)
def test_quantity_times_price_is_the_amount(amount, quantity, price, said):
    more = {"DiscountRate": Decimal(100)} if amount == "0.00" else {}
    rows = tagged("IT1", invoice([line(amount, quantity=quantity, price=price, **more)]))
    assert rows == [f"IT1*1*{said}"]


def test_inclusive_amounts_are_netted_and_still_add_up():
    lines = [line("33.33", tax="4.35", price="33.33", **TAXED) for _ in range(3)]
    rows = segments(invoice(lines, LineAmountTypes="Inclusive"))
    assert [row for row in rows if row.startswith("IT1")] == [f"IT1*{n}*1*EA*28.98" for n in (1, 2, 3)]
    assert "TDS*9999" in rows
    assert "TXI*GS*13.05*15" in rows


def test_no_tax_means_no_txi():
    assert tagged("TXI", invoice([line("10.00", TaxType="NONE")], LineAmountTypes="NoTax")) == []


def test_a_discount_is_in_the_price_or_an_allowance_of_its_own():
    discounted = [line("87.50", quantity="4", price="25.0000", DiscountRate=Decimal("12.5"))]
    assert tagged("IT1", invoice(discounted)) == ["IT1*1*4*EA*21.875"]
    gross = segments(invoice(discounted), {"options": {"discount": "gross"}})
    assert "IT1*1*4*EA*25" in gross
    assert "SAC*A*C310***1250**********Discount" in gross


def test_a_discount_amount_of_an_inclusive_line_is_netted_too():
    lines = [line("103.50", price="115.00", tax="13.50", DiscountAmount=Decimal("11.50"), **TAXED)]
    rows = segments(invoice(lines, LineAmountTypes="Inclusive"), {"options": {"discount": "gross"}})
    assert "IT1*1*1*EA*100" in rows
    assert "SAC*A*C310***1000**********Discount" in rows


def test_tax_stands_at_one_level_only():
    document = invoice([line("100.00", tax="15.00", **TAXED), line("50.00", tax="7.50", **TAXED)])
    assert tagged("TXI", document) == ["TXI*GS*22.5*15"]
    assert tagged("TXI", document, {"options": {"tax": "line"}}) == ["TXI*GS*15*15", "TXI*GS*7.5*15"]
    as_charge = segments(document, {"options": {"tax": "sac"}})
    assert "SAC*C*H850***2250**********GST" in as_charge
    assert not [row for row in as_charge if row.startswith("TXI")]


@pytest.mark.parametrize(
    ("option", "said"),
    [("points", "TXI*GS*15*15"), ("fraction", "TXI*GS*15*0.15"), ("omit", "TXI*GS*15")],
)
def test_the_percent_has_the_partners_scale(option, said):
    document = invoice([line("100.00", tax="15.00", **TAXED)])
    assert tagged("TXI", document, {"options": {"txi_percent": option}}) == [said]


def test_compound_rates_are_split_so_that_the_parts_add_up():
    rate = {
        "EffectiveRate": Decimal("14.9750"),
        "TaxComponents": [
            {"Name": "GST", "Rate": Decimal("5.00"), "IsCompound": False},
            {"Name": "QST", "Rate": Decimal("9.50"), "IsCompound": True},
        ],
    }
    lines = [line("99.99", tax="14.97", TaxType="TAX003", TaxRate=rate)]
    assert tagged("TXI", invoice(lines)) == ["TXI*GS*5*5", "TXI*SP*9.97*9.5"]


def test_tax_codes_are_the_partners_by_type_or_by_component():
    lines = [line("100.00", tax="8.25", TaxType="TAX001", TaxRate=STATE_AND_CITY)]
    definition = {"options": {"tax_codes": {"TAX001": "SU", "City": "CT"}}}
    assert tagged("TXI", invoice(lines), definition) == ["TXI*SU*6.25*6.25", "TXI*CT*2*2"]


def test_zero_tax_is_left_out_unless_wanted():
    document = invoice([line("10.00", TaxType="EXEMPTOUTPUT"), line("5.00", TaxType="EXPORT")])
    assert tagged("TXI", document) == []
    wanted = tagged("TXI", document, {"options": {"emit_zero_tax": True}})
    assert wanted == ["TXI*ST*0****1", "TXI*ST*0****0"]


def test_a_rounding_difference_is_a_charge_of_its_own_up_to_the_tolerance():
    content = render(invoice([line("10.00")], Total=Decimal("10.03")))
    assert b"SAC*C*F050***3**********Rounding~" in content.data
    assert content.warnings[0].code == "EDI_TOTAL_MISMATCH"
    lower = segments(invoice([line("10.00")], Total=Decimal("9.90")))
    assert "SAC*A*F050***10**********Rounding" in lower


def test_a_larger_difference_is_refused_with_both_figures():
    with pytest.raises(Invalid, match=r"Lines add up to 10.00, the invoice says 10.11") as caught:
        render(invoice([line("10.00")], Total=Decimal("10.11")))
    assert caught.value.code == "EDI_TOTAL_MISMATCH"
    assert render(invoice([line("10.00")], Total=Decimal("10.11")), {"options": {"tolerance": "0.20"}})


def test_tax_is_never_adjusted():
    lines = [line("100.00", tax="15.00", **TAXED)]
    with pytest.raises(Invalid, match=r"tax of the lines adds up to 15.00, the total tax says 15.01"):
        render(invoice(lines, TotalTax=Decimal("15.01"), Total=Decimal("115.01")))


def test_a_mapping_cannot_break_the_sum_either():
    with pytest.raises(Invalid, match=r"Lines, charges and tax add up to 2510.00, the TDS01 says 576.04"):
        render(invoice(), {"set": {"IT102": "'20'"}, "drop": ["TXI", "IT1/TXI"]})
    with pytest.raises(Invalid, match="add up to"):
        render(invoice(), {"drop": ["TXI"]})
    with pytest.raises(Invalid, match="TDS01"):
        render(invoice(), {"set": {"TDS01": "AmountDue"}})


def test_charge_lines_go_where_charges_go():
    lines = [line("100.00"), line("12.00", AccountCode="4100", Description="Freight")]
    rows = segments(invoice(lines), {"options": {"charges": {"4100": "D240"}}})
    assert "SAC*C*D240***1200**********Freight" in rows
    assert "CTT*1" in rows


def test_a_price_that_never_multiplies_out_is_refused_or_collapsed():
    odd = [line("100.00", quantity="0", price="0")]
    with pytest.raises(Invalid, match=r"No unit price makes 0 of line 1 at 100\.00 come out"):
        render(invoice(odd))
    content = render(invoice(odd), {"options": {"collapse_quantity": True}})
    assert b"IT1*1*1*EA*100~" in content.data
    assert "one unit" in content.warnings[0].reason


def test_yen_have_two_implied_decimals_all_the_same():
    rows = segments(invoice([line("5000")], CurrencyCode="JPY"))
    assert "TDS*500000" in rows


def test_units_come_from_the_item():
    lines = [line("10.00", ItemCode="HOUR"), line("5.00")]
    rows = tagged("IT1", invoice(lines), {"options": {"units": {"HOUR": "HR"}, "unit": "PC"}})
    assert rows == ["IT1*1*1*HR*10**VP*HOUR", "IT1*2*1*PC*5"]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1E+40", "12.345"])
def test_amounts_that_are_none_are_refused(value):
    with pytest.raises(Invalid, match="LineAmount of line 1"):
        render(invoice([line("10.00") | {"LineAmount": Decimal(value)}], Total=Decimal(10), TotalTax=Decimal(0)))
