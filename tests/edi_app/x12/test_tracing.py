"""Every row of a mapping can be listed, and every element of a document leads back to its row."""

from core.formats import ExportFacts
from edi_app.mapping.spec import Origin
from edi_app.x12 import compile_x12, list_rows, trace_elements
from tests.edi_app.x12.documents import envelope, invoice, payment

DEFINITION = {"base": "x12-810", "set": {"BIG07": "'PR'", "REF[DP]02": "Contact.ContactNumber"}}


def test_rows_are_listed_in_the_order_of_the_set():
    rows = {row.path: row for row in list_rows(DEFINITION)}
    assert list(rows)[:3] == ["BIG01", "BIG02", "BIG04"]
    number = rows["BIG02"]
    assert (number.name, number.source, number.xero) == ("Invoice number", "X12.Number", "InvoiceNumber")
    assert (number.kind, number.shortest, number.longest, number.mandatory) == ("AN", 1, 22, True)
    assert (rows["BIG07"].origin, rows["BIG07"].xero) == (Origin.OVERRIDDEN, "")
    assert rows["REF[DP]02"].origin is Origin.ADDED
    assert rows["N1[BT]/N301"].name == "Address line"


def test_lengths_are_those_of_the_release():
    by_release = [
        {row.path: row.longest for row in list_rows(DEFINITION, release=release)} for release in ("004010", "005010")
    ]
    assert [rows["REF[ZZ]02"] for rows in by_release] == [30, 50]


def traced(document, definition):
    """Give every element of a document by its path, the first one where a segment repeats."""
    formatter = compile_x12(definition, stream=document.stream, tables={})
    trace = formatter.trace(envelope())
    data = formatter.content(document, ExportFacts(), envelope()).data.decode()
    assert [item.parts for item in trace] == [row.split("*") for row in data.split("~\n")[1:-2]]
    return {item.path: item for item in reversed(list(trace_elements(definition, trace)))}


def test_every_element_has_its_row_its_source_and_what_the_source_said():
    found = traced(invoice(), DEFINITION)
    number = found["BIG02"]
    assert (number.record, number.segment, number.text, number.value) == ("BIG", 2, "INV-0042", "INV-0042")
    assert (number.row.source, number.xero, number.row.origin) == ("X12.Number", "InvoiceNumber", Origin.INHERITED)
    assert (found["BIG07"].text, found["BIG07"].value, found["BIG07"].xero) == ("PR", "PR", "")
    assert found["N1[SE]/N401"].text == "Chicago"
    assert found["TXI01"].text == "ST"
    assert (found["IT104"].row.source, found["IT104"].text) == ("Item.Price", "25.5")


def test_elements_without_a_value_and_rows_that_wrote_nothing_are_listed_too():
    found = traced(invoice(Reference=""), DEFINITION)
    assert (found["BIG04"].segment, found["BIG04"].text, found["BIG04"].value) == (2, "", None)
    assert (found["REF[DP]02"].segment, found["REF[DP]02"].text) == (0, "")
    assert set(found) == {row.path for row in list_rows(DEFINITION)}


def test_payments_are_traced_too():
    found = traced(payment(), {"base": "x12-820"})
    assert found["ENT/RMR/REF[PO]02"].text == "PO-77"
    assert found["ENT/RMR04"].xero == "Amount"


def test_a_mapping_that_is_wrong_lists_what_it_has():
    assert list_rows({"base": "nothing"}) == []
