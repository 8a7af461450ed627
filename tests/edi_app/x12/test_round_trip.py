"""What is rendered says the same when it is read back, whatever the document, the options and the partner."""

from decimal import Decimal
from functools import cache

from hypothesis import given, settings

from core.formats import ExportFacts, Totals
from edi_app.x12.formatter import compile_x12
from edi_app.x12.reader import read_interchanges
from edi_app.x12.validator import validate_set
from tests.edi_app.x12.documents import envelope
from tests.edi_app.x12.strategies import BLOCKS, OPTIONS, cents, documents, payments


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


def at(row, place):
    return Decimal(row[place]) if len(row) > place and row[place] else Decimal(0)


@given(document=documents(), options=OPTIONS, block=BLOCKS)
@settings(max_examples=400, deadline=None)
def test_an_invoice_says_xeros_figures(document, options, block):
    rows = read_back(document, "x12-810", options, block)
    values = document.values
    is_negative = document.kind.endswith("CREDIT") and options.get("credit_sign") == "negative"
    sign = -1 if is_negative else 1
    by_tag = {tag: [row for row in rows if row[0] == tag] for tag in {row[0] for row in rows}}
    assert at(by_tag["TDS"][0], 1) / 100 == values["Total"] * sign
    lines = sum((cents(at(row, 2) * at(row, 4)) for row in by_tag.get("IT1", ())), Decimal(0))
    signs = {"C": 1, "A": -1}
    charges = sum((signs[row[1]] * at(row, 5) / 100 for row in by_tag.get("SAC", ())), Decimal(0))
    as_charge = sum((signs[row[1]] * at(row, 5) / 100 for row in by_tag.get("SAC", ()) if row[2] == "H850"), Decimal(0))
    taxes = sum((at(row, 2) for row in by_tag.get("TXI", ())), Decimal(0))
    assert lines + charges + taxes == values["Total"] * sign
    assert taxes + as_charge == values["TotalTax"] * sign
    assert by_tag["BIG"][0][1] == values["Date"].strftime("%Y%m%d")
    assert by_tag["BIG"][0][2] == values.get("InvoiceNumber", values.get("CreditNoteNumber"))
    assert int(by_tag["CTT"][0][1]) == len(by_tag.get("IT1", ()))


@given(document=payments(), block=BLOCKS)
@settings(max_examples=200, deadline=None)
def test_a_payment_says_xeros_figures(document, block):
    rows = read_back(document, "x12-820", {}, block)
    (bpr,) = [row for row in rows if row[0] == "BPR"]
    (rmr,) = [row for row in rows if row[0] == "RMR"]
    joined = document.values["Invoice"]
    assert Decimal(bpr[2]) == Decimal(rmr[4]) == document.values["Amount"]
    assert (rmr[2], Decimal(rmr[5])) == (joined["InvoiceNumber"], joined["Total"])
    assert (rmr[3] == "PP") == (document.values["Amount"] < joined["Total"])
    assert bpr[16] == document.values["Date"].strftime("%Y%m%d")


@given(document=documents())
@settings(max_examples=25, deadline=None)
def test_the_canonical_values_depend_on_the_document_alone(document):
    other = formatter_for.__wrapped__("x12-810", (), document.stream)
    assert other.values(document) == formatter_for("x12-810", (), document.stream).values(document)
