"""Rules that hold for every input: getters give what JMESPath gives, hostile text costs little and fails politely."""

import json
from decimal import Decimal

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.document_fields import FIELDS
from edi_app.mapping.expressions import check_expression, compile_expression
from edi_app.mapping.findings import ValueRefused
from edi_app.mapping.syntax import MAX_CHARACTERS, parse

NAMES = st.sampled_from(["A", "B", "C"])
PLAIN = st.none() | st.booleans() | st.text(max_size=3) | st.integers(-5, 5)
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=12
)
DOCUMENTS = st.dictionaries(NAMES, VALUES, max_size=3)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map(".".join)


def exact(value):
    """The same document as our own: whole numbers as decimals."""
    return json.loads(json.dumps(value), parse_int=Decimal)


@given(PATHS, DOCUMENTS)
def test_plain_path_gives_exactly_what_jmespath_gives(path, document):
    expression = compile_expression(path)
    assert expression.path == tuple(path.split("."))
    assert expression.evaluate(exact(document)) == exact(jmespath.search(path, document))


OPERATIONS = st.sampled_from(
    [
        "{0}",
        "{0}[0]",
        "{0}[]",
        "{0}[*].{1}",
        "{0}[?{1}]",
        "{0}[?A == {1}]",
        "{0} || {1}",
        "{0} && {1}",
        "!{0}",
        "{0} | {1}",
        "{0} == {1}",
        "{0} != {1}",
        "[{0}, {1}]",
        "{{x: {0}, y: {1}}}",
        "{0}[::-1]",
        "{0}.*",
        "{0}[:2]",
        "type({0})",
        "not_null({0}, {1})",
        "to_array({0})",
        "{0}[*].{1}[]",
        "({0} | [0]).{1}",
        "{0}[-1].{1}",
        "map(&{1}, to_array({0}))",
    ]
)
EXPRESSIONS = st.builds(lambda shape, one, two: shape.format(one, two), OPERATIONS, PATHS, PATHS)


@given(EXPRESSIONS, DOCUMENTS)
def test_expression_gives_what_jmespath_gives(text, document):
    ours = compile_expression(text).evaluate(exact(document))
    assert ours == exact(jmespath.search(text, document))


@given(st.text(max_size=60) | st.text("ABs.[]{}()|&?*@`'\"\\:,<>=!-0129 ", max_size=60))
def test_any_text_is_an_expression_or_refused_in_one_line(text):
    try:
        compile_expression(text).evaluate({"A": [{"B": Decimal(1)}]})
    except ValueRefused as refused:
        assert refused.reason
        assert "\n" not in refused.reason
    findings, _ = check_expression(text, shapes=[FIELDS["invoices"]], path="here")
    assert all(finding.path == "here" and finding.code for finding in findings)


@pytest.mark.parametrize(
    "text",
    [
        "A" * (MAX_CHARACTERS + 1),
        "(" * 900 + "A" + ")" * 900,
        "!" * 1900,
        "A." * 900 + "A",
        " | ".join(["[@, @][]"] * 24),
        " | ".join(["{a: @, b: @}.*[]"] * 24),
        "map(&[@, @, @, @], " * 20 + "A" + ")" * 20,
        "[" * 300 + "A" + "]" * 300,
        "`" + "[" * 900 + "]" * 900 + "`",
        "`1e999999999999`",
        "`NaN`",
    ],
)
def test_expression_that_would_cost_too_much_is_refused(text):
    with pytest.raises(ValueRefused):
        parse(text)
