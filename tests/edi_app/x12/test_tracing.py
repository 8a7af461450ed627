"""Every row of a mapping can be listed, and every element of a document leads back to its row."""

from edi_app.mapping.spec import Origin
from edi_app.x12 import list_rows, trace_set
from edi_app.x12.delimiters import Delimiters
from tests.edi_app.x12.documents import invoice, payment, segments

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
    rows = segments(document, definition)
    return {(item.segment, item.element): item for item in trace_set(rows, marks=Delimiters(), definition=definition)}


def test_every_element_has_its_row():
    found = traced(invoice(), DEFINITION)
    without = {item.tag for item in found.values() if not item.path}
    assert without == {"ST", "SE"}
    assert found[2, 2].text == "INV-0042"
    by_path = {item.path: item for item in found.values()}
    assert by_path["N1[SE]/N401"].text == "Chicago"
    assert by_path["TXI01"].text == "LT"
    assert by_path["IT104"].source == "Item.Price"


def test_payments_are_traced_too():
    found = traced(payment(), {"base": "x12-820"})
    by_path = {item.path: item for item in found.values()}
    assert by_path["ENT/RMR/REF[PO]02"].text == "PO-77"
    assert by_path["ENT/RMR04"].xero == "Amount"


def test_a_mapping_that_is_wrong_lists_what_it_has():
    assert list_rows({"base": "nothing"}) == []
