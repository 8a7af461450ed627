"""What each step of an `as` makes of a value, and how a wrong `as` is refused."""

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_app.mapping.findings import LookupMissed, ValueRefused
from edi_app.mapping.plain_text import number_text, plain_text
from edi_app.mapping.transforms import compile_transform

TABLES = {"units": {"EA": "PCE"}}
DAY = date(2026, 1, 5)


def written(value, text):
    return plain_text(compile_transform(text, tables=TABLES)(value))


@pytest.mark.parametrize(
    ("value", "text", "expected"),
    [
        (DAY, "date:%Y-%m-%d", "2026-01-05"),
        (DAY, "date:%d.%m.%y", "05.01.26"),
        (DAY, "date:%a %d %b %Y, %A %B", "Mon 05 Jan 2026, Monday January"),
        (DAY, "date:%j %G-W%V 100%%", "005 2026-W02 100%"),
        (date(1, 1, 1), "date:%Y%m%d", "00010101"),
        (datetime(2026, 10, 20, 23, 59, 58, 613000, tzinfo=UTC), "date:%Y%m%d%H%M%S%f", "20261020235958613000"),
        ("2026-10-05T00:00:00", "date:%d/%m/%Y", "05/10/2026"),
        (Decimal("2.345"), "amount:2", "2.35"),
        (Decimal("-2.345"), "amount:2", "-2.35"),
        (Decimal("2.5"), "amount:0", "3"),
        (Decimal("-0.004"), "amount:2", "0.00"),
        (Decimal("1E+3"), "amount:2", "1000.00"),
        (Decimal("1000000000000"), "amount:4", "1000000000000.0000"),
        ("12.5", "amount:2", "12.50"),
        (Decimal("12.34"), "scaled:2", "1234"),
        (Decimal("12.345"), "scaled:2", "1235"),
        (Decimal("25.50"), "strip_zeros", "25.5"),
        (Decimal("100.00"), "strip_zeros", "100"),
        (Decimal("100"), "strip_zeros", "100"),
        (Decimal("1234567.89"), "thousands", "1,234,567.89"),
        (Decimal("5.00"), "negate", "-5.00"),
        (Decimal("0.00"), "negate", "0.00"),
        (Decimal("-5.00"), "abs|amount:1", "5.0"),
        (Decimal("0.00"), "blank_zero", ""),
        (" 12.50 ", "trim|number|negate", "-12.50"),
        ("Straße", "upper", "STRASSE"),
        ("A\r\n\t b", "one_line", "A b"),
        ("+64 (3) 555-01", "digits", "64355501"),
        ("SW1A 1AA", "alnum", "SW1A1AA"),
        ("Müller 株", "ascii", "Muller Zhu"),
        ("abcdef", "left:3", "abc"),
        ("abcdef", "right:2", "ef"),
        (Decimal("7"), "zfill:3", "007"),
        ("ACCREC", "map:ACCREC=S,ACCPAY=B", "S"),
        ("EA", "lookup:units|lower", "pce"),
        (True, "yes:Y/N", "Y"),
        (False, "yes:1/0", "0"),
        ([{"b": Decimal("1.10"), "a": DAY}], "json", '[{"a":"2026-01-05","b":1.10}]'),
        (None, "amount:2", ""),
        ("", "amount:2", ""),
        (None, "map:A=B", ""),
    ],
)
def test_step_writes(value, text, expected):
    assert written(value, text) == expected


def test_short_key_is_stable_and_short():
    assert written("0b15c26d-0000-4e37-8f48-059162738495", "key:12") == "NASQGAW2ACZQ"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dat:%Y", "'dat:%Y' is not a way to write a value."),
        ("amount", "'amount' is not a way"),
        ("upper:x", "'upper:x' is not a way"),
        ("amount:-1", "amount: It takes a whole number from 0 to 10."),
        ("amount:²", "whole number"),
        ("amount:99", "whole number"),
        ("date:%Q", "date: %Q in the date format '%Q' is unknown."),
        ("date:", "has no part of a date"),
        ("date:%", "% in the date format"),
        ("map:A", "pairs"),
        ("map:A=1,A=2", "each key once"),
        ("yes:Y", "two texts"),
        ("lookup:unit", "There is no lookup table unit."),
        ("date:%Y|amount:2|date:%Y", "date:%Y cannot follow"),
        ("||", "'' is not a way"),
        ("key:3", "from 8 to 52"),
    ],
)
def test_wrong_step_is_refused(text, words):
    with pytest.raises(ValueRefused) as caught:
        compile_transform(text, tables=TABLES)
    assert words in caught.value.reason


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("soon", "date:%Y"),
        (Decimal("1"), "date:%Y"),
        (["x"], "date:%Y"),
        ("NaN", "amount:2"),
        (Decimal("NaN"), "amount:2"),
        (Decimal("Infinity"), "amount:2"),
        (Decimal("1E+200"), "amount:2"),
        ("1e5", "number"),
        (True, "amount:2"),
    ],
)
def test_value_that_cannot_be_written_is_refused(value, text):
    with pytest.raises(ValueRefused):
        written(value, text)


def test_code_without_an_entry_is_a_named_miss():
    with pytest.raises(LookupMissed, match='Table units has no entry for "KG"'):
        written("KG", "lookup:units")


AMOUNTS = st.decimals(min_value=-(10**12), max_value=10**12, places=4)


@given(AMOUNTS, st.integers(0, 10))
def test_amount_is_rounded_half_up_exactly_whatever_the_thread_s_context(value, places):
    with localcontext() as context:
        context.prec = 50
        expected = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
        context.prec = 3
        assert Decimal(written(value, f"amount:{places}")) == expected


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15))
def test_number_is_written_in_plain_digits_and_reads_back_equal(value):
    text = number_text(value)
    assert set(text) <= set("0123456789.-")
    assert Decimal(text) == value


@given(st.dates(), st.sampled_from(["%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%m/%d/%Y"]))
def test_date_reads_back(day, pattern):
    text = written(day, f"date:{pattern}")
    assert datetime.strptime(text, pattern).date() == day  # noqa: DTZ007 - a calendar date has no zone
