"""Rules that hold for all inputs: exact text, rounding, filters that never crash."""

import json
from datetime import date, timedelta
from decimal import Decimal
from email.message import Message

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.xero_app.simulator.caller import ms
from xero_app.simulator import Simulator, SimulatorConfig
from xero_app.simulator.amounts import cents, compound_rate, in_bank_currency, line_tax, totals
from xero_app.simulator.chance import Chance
from xero_app.simulator.control import Control
from xero_app.simulator.documents import Row
from xero_app.simulator.events import signature, spoiled
from xero_app.simulator.exchange import request_of
from xero_app.simulator.query import since_ms
from xero_app.simulator.where import QueryParse, parse_order, parse_where
from xero_app.simulator.wire import date_ms, json_bytes

MONEY = st.decimals(min_value=-(10**9), max_value=10**9, places=2, allow_nan=False)
LINES = st.lists(st.fixed_dictionaries({"LineAmount": MONEY, "TaxAmount": MONEY}), max_size=6)


@given(st.dictionaries(st.text(), st.text()), st.booleans())
def test_any_text_survives_the_way_through_json(value: dict[str, str], compact: bool) -> None:
    assert json.loads(json_bytes(value, compact=compact)) == value


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**10), max_value=10**10))
def test_a_number_is_written_with_the_scale_it_has(value: Decimal) -> None:
    assert json_bytes([value], compact=True) == f"[{value:f}]".encode()


@given(st.dates(min_value=date(1900, 1, 1)))
def test_a_calendar_date_comes_back_from_its_milliseconds(day: date) -> None:
    text = json.loads(json_bytes([day], compact=True))[0]
    assert date(1970, 1, 1) + timedelta(milliseconds=ms(text)) == day
    assert date_ms(day) == ms(text)


@given(LINES, st.sampled_from(["Exclusive", "Inclusive", "NoTax"]))
def test_subtotal_and_tax_make_the_total(lines: list[dict[str, Decimal]], types: str) -> None:
    sub, tax, total = totals(lines=lines, line_amount_types=types)
    assert sub + tax == total


@given(MONEY, st.sampled_from([Decimal("8.2500"), Decimal("15.0000"), Decimal("15.4738"), Decimal(0)]))
def test_inclusive_tax_is_what_exclusive_tax_would_add(amount: Decimal, rate: Decimal) -> None:
    inside = line_tax(amount=amount, rate=rate, line_amount_types="Inclusive")
    assert abs(line_tax(amount=amount - inside, rate=rate, line_amount_types="Exclusive") - inside) <= Decimal("0.01")
    assert line_tax(amount=amount, rate=rate, line_amount_types="NoTax") == 0


@given(MONEY, st.decimals(min_value="0.000001", max_value=200, places=6))
def test_the_same_currency_is_banked_unchanged(amount: Decimal, rate: Decimal) -> None:
    assert in_bank_currency(amount=amount, rate=rate, same_currency=True) == amount
    assert abs(in_bank_currency(amount=amount, rate=rate, same_currency=False) - amount / rate) <= Decimal("0.005")


def test_a_binary_float_is_no_money() -> None:
    with pytest.raises(TypeError):
        cents(0.1)


@pytest.mark.parametrize(
    ("components", "rate"),
    [
        ([("5", False), ("9.975", True)], "15.4738"),
        ([("6.25", False), ("2", False)], "8.2500"),
        ([("15", False)], "15.0000"),
    ],
)
def test_compound_rates_are_charged_on_top_of_the_others(components: list[tuple[str, bool]], rate: str) -> None:
    assert compound_rate([(Decimal(text), compound) for text, compound in components]) == Decimal(rate)


@given(st.text(max_size=60))
def test_no_text_in_where_or_order_crashes(text: str) -> None:
    row = Row(stream="invoices", xero_id="x", updated_ms=0)
    for parse in (lambda: parse_where(text, get=lambda _row, _name: None).test(row), lambda: parse_order(text)):
        try:
            parse()
        except QueryParse as error:
            assert str(error)


@given(st.text(max_size=40), st.sampled_from(["iso", "plain"]))
def test_no_modified_since_header_crashes(text: str, forms: str) -> None:
    assert since_ms(text, forms=forms) is None or text.strip()[:1].isdigit()


@given(st.binary(max_size=200), st.integers())
def test_a_spoiled_signature_differs_in_exactly_one_character(body: bytes, seed: int) -> None:
    right = signature(body, key="key")
    wrong = spoiled(right, chance=Chance(seed))
    assert sum(one != other for one, other in zip(right, wrong, strict=True)) == 1


WORDS = st.text(max_size=12)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS
VALUES = st.recursive(SCALARS, lambda parts: st.lists(parts, max_size=3) | st.dictionaries(WORDS, parts, max_size=3))
TOP = """Type Status Date DueDate Amount Total LineItems JournalLines Contact ContactID CurrencyCode CurrencyRate
Name LineAmountTypes InvoiceNumber Addresses PaymentTerms Reference InvoiceID SubTotal Applied Narration"""
IN_LINES = ("Description", "Quantity", "UnitAmount", "LineAmount", "TaxType", "AccountID")
NAMES = st.sampled_from(TOP.split())
LINES_OF_ANY_KIND = st.lists(st.dictionaries(st.sampled_from(IN_LINES), SCALARS))


@pytest.fixture(scope="module")
def control() -> Control:
    return Control(Simulator(SimulatorConfig(invoices=20)))


@given(
    path=st.sampled_from(["invoices", "credit_notes", "overpayments", "manual_journals", "contacts", "invoices/{id}"]),
    fields=st.dictionaries(NAMES, VALUES | LINES_OF_ANY_KIND, max_size=4),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_body_crashes_the_control_api(control: Control, path: str, fields: dict[str, object]) -> None:
    books = control._world.store
    target = f"/_sim/{path}".replace("{id}", books.streams["invoices"].in_id_order()[0].id)
    headers = Message()
    headers["Content-Type"] = "application/json"
    request = request_of(method="POST", target=target, headers=headers, body=json.dumps(fields).encode())
    answer = control.answer(request)
    assert answer.status in (200, 400, 404)
    if answer.status != 200:
        assert len(json.loads(answer.body)["error"].split()) > 2
    for row in books.streams["invoices"]:
        assert books.doc(row)["Total"].as_tuple().exponent == -2
