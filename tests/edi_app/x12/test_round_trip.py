"""What is rendered says the same when it is read back, whatever the document, the options and the partner."""

from functools import cache

from hypothesis import given, settings

from core.formats import ExportFacts, Totals
from edi_app.x12.formatter import compile_x12
from edi_app.x12.reader import read_interchanges
from edi_app.x12.validator import validate_set
from tests.edi_app.x12.documents import envelope
from tests.edi_app.x12.figures import check_invoice, check_payment
from tests.edi_app.x12.strategies import BLOCKS, OPTIONS, documents, payments


@cache
def formatter_for(base, options, stream):
    """Compile once for each set of options."""
    definition = {"base": base, "options": {"collapse_quantity": True, **dict(options)}}
    return compile_x12(definition, stream=stream, tables={})


def read_back(document, base, options, block):
    """Render a whole file, read it, check it, and give the set's elements."""
    formatter = formatter_for(base, tuple(sorted(options.items())), document.stream)
    given_envelope = envelope(**block)
    content = formatter.content(document, ExportFacts(position=7), given_envelope)
    trailer = formatter.trailer(given_envelope, Totals(exports=1, sums=content.sums))
    data = formatter.header(given_envelope) + content.data + trailer
    (found,), damage = read_interchanges(data, encoding=block.get("charset", "ascii"))
    ((one,),) = [group.sets for group in found.groups]
    assert (damage, found.faults, found.groups[0].faults, one.faults) == ("", (), (), ())
    assert validate_set(one) == []
    assert not any(segment.endswith(one.delimiters.element) for segment in one.segments)
    return one.elements()


@given(document=documents(), options=OPTIONS, block=BLOCKS)
@settings(max_examples=400, deadline=None)
def test_an_invoice_says_xeros_figures(document, options, block):
    rows = read_back(document, "x12-810", options, block)
    is_negative = document.kind.endswith("CREDIT") and options.get("credit_sign") == "negative"
    check_invoice(document, rows, sign=-1 if is_negative else 1)


@given(document=payments(), block=BLOCKS)
@settings(max_examples=200, deadline=None)
def test_a_payment_says_xeros_figures(document, block):
    check_payment(document, read_back(document, "x12-820", {}, block))


@given(document=documents())
@settings(max_examples=25, deadline=None)
def test_the_canonical_values_depend_on_the_document_alone(document):
    other = formatter_for.__wrapped__("x12-810", (), document.stream)
    assert other.values(document) == formatter_for("x12-810", (), document.stream).values(document)
