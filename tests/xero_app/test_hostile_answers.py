"""Whatever arrives in place of Xero's answer ends in a declared error, never in a surprise."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.document_fields import FIELDS, MIRRORS, Kind
from xero_app.allocations import SOURCES, derive_allocations
from xero_app.envelope import read_page
from xero_app.errors import XeroBadAnswer, XeroBadRecord
from xero_app.parse import parse_document
from xero_app.refusals import refusal
from xero_app.token_refusals import token_refusal
from xero_app.webhooks import parse
from xero_app.wire import Answer

STREAMS = sorted({*FIELDS, *MIRRORS})
NAMES = sorted({name for shape in (*FIELDS.values(), *MIRRORS.values()) for name in shape})
DATES = sorted({name for shape in FIELDS.values() for name, item in shape.items() if item.kind is Kind.DATE})

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["/Date(1791158400000+0000)/", "2026-10-05T00:00:00", "NaN", "1.10", "true", "\0"])
)  # fmt: skip
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
)
objects = st.dictionaries(st.sampled_from(NAMES), values, max_size=12)
bodies = st.binary(max_size=60) | objects.map(lambda value: json.dumps(value).encode())


@settings(max_examples=300)
@given(st.sampled_from(STREAMS), bodies)
def test_any_object_is_read_or_refused_with_a_place(stream, body):
    try:
        document = parse_document(stream, body)
    except XeroBadRecord as error:
        assert error.sentence
    else:
        assert document.xero_id


@given(st.sampled_from(sorted(SOURCES)), bodies, st.none() | bodies)
def test_any_credit_is_taken_apart_or_refused(stream, body, previous):
    try:
        assert all(isinstance(item, bytes) for item in derive_allocations(stream, body, previous=previous))
    except XeroBadRecord as error:
        assert error.sentence


@given(st.sampled_from(["Invoices", "pagination", "DateTimeUTC", "Other"]), values, bodies)
def test_any_answer_is_a_page_or_refused(name, value, body):
    for data in (body, json.dumps({name: value}).encode(), json.dumps({"Invoices": [], name: value}).encode()):
        try:
            page = read_page("invoices", Answer(200, {}, data), page=1)
        except XeroBadAnswer as error:
            assert error.sentence
        else:
            assert page.server_time.tzinfo is not None


@given(st.integers(min_value=201, max_value=599), bodies)
def test_any_refusal_is_told_apart(status, body):
    assert refusal(Answer(status, {}, body), what="invoices").sentence
    assert token_refusal(Answer(status, {}, body)).sentence


@given(bodies)
def test_any_webhook_body_is_read_or_called_malformed(body):
    try:
        assert parse(body).events is not None
    except ValueError as error:
        assert "not a message" in str(error)


@pytest.mark.parametrize("name", DATES)
def test_every_calendar_date_is_one(name):
    stream = next(stream for stream, shape in FIELDS.items() if name in shape)
    identity = {field: "x" for field in NAMES if field.endswith("ID") and FIELDS[stream].get(field)}
    moments = {"UpdatedDateUTC": "/Date(1792530847613+0000)/", name: "/Date(1791158400000+0000)/"}

    document = parse_document(stream, json.dumps({**identity, **moments}).encode())

    assert document.values[name].isoformat() == "2026-10-05"
