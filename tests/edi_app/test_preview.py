"""Preview: the file as it would be, each field with its source and value, findings at their rows."""

from dataclasses import replace

import pytest

from core.formats import Envelope
from edi_app.bases.sample_documents import sample_documents
from edi_app.mapping.spec import Origin
from edi_app.preview import MOST_LINES, preview
from tests.edi_app.flat.documents import ENVELOPE, column, csv_mapping, invoice, line


def shown(definition, document=None):
    return preview(definition, document=document or sample_documents("invoices")[0], envelope=ENVELOPE)


def test_text_is_the_whole_file_with_this_one_document():
    made = shown({"base": "fixed-invoices"})
    rows = made.text.splitlines()
    assert [row[0] for row in rows] == ["H", "D", "T"]
    assert rows[1].startswith("DINV-2041 ")
    assert made.findings == ()


def test_every_field_shows_source_value_text_and_origin():
    made = shown({"base": "csv-invoices", "set": {"total": "AmountDue"}})
    fields = {field.name: field for field in made.fields}
    total, date = fields["total"], fields["date"]
    assert (total.source, total.value, total.text, total.origin) == ("AmountDue", "519.72", "519.72", Origin.OVERRIDDEN)
    assert (date.value, date.transform, date.origin) == ("2026-10-05", "date:%Y-%m-%d", Origin.INHERITED)


def test_header_and_trailer_are_shown_with_their_counts():
    made = shown({"base": "fixed-invoices"})
    fields = {(field.record, field.name): field.text for field in made.fields}
    assert fields["header", "file_number"] == "000000007"
    assert fields["trailer", "documents"] == "000000001"
    assert fields["trailer", "total_total"] == "000000000101972 "


def test_lines_are_shown_one_by_one_up_to_a_bound():
    definition = csv_mapping(column("Line.Number", name="n"), rows="line")
    made = shown(definition, invoice(lines=[line("1.00")] * 50))
    assert [field.value for field in made.fields] == [str(number) for number in range(1, MOST_LINES + 1)]
    assert len(made.text.splitlines()) == 50


def test_draft_with_a_mistake_shows_it_at_its_row_and_all_other_values():
    made = shown(
        csv_mapping(column("Totl", name="a"), column("Total", name="b", **{"as": "amout:2"}), column("Date", name="c"))
    )
    assert made.text == ""
    assert [[finding.path for finding in field.findings] for field in made.fields] == [
        ["fields[0].source"],
        ["fields[1].as"],
        [],
    ]
    assert [field.value for field in made.fields] == ["", "", "2026-10-05"]


def test_document_that_fails_shows_where():
    made = shown(csv_mapping(column("Reference", name="po", max=3), column("Total", name="t")))
    assert made.text == ""
    assert [finding.code for finding in made.findings] == ["MAP_TOO_LONG"]
    assert made.fields[0].value == "PO 88-1207"
    assert made.fields[0].findings[0].code == "MAP_TOO_LONG"
    assert made.fields[1].text == "1019.72"


def test_declared_cut_is_shown_as_a_finding_beside_the_text():
    made = shown(csv_mapping(column("Reference", name="po", max=3, overflow="cut")))
    assert made.text == "PO \r\n"
    assert [finding.code for finding in made.findings] == ["MAP_TOO_LONG"]


@pytest.mark.parametrize(
    "definition", [{}, {"format": "pdf"}, {"base": "x12-999"}, {"format": "csv", "fields": ["x"]}, [], {"base": 5}]
)
def test_nonsense_is_findings_never_an_exception(definition):
    made = shown(definition)
    assert made.findings
    assert made.text == ""


PROFILE = {"x12": {"version": "004010", "sender": ["ZZ", "HARBOR"], "receiver": ["ZZ", "ACME"]}}
X12_ENVELOPE = Envelope(moment=ENVELOPE.moment, profile=PROFILE, numbers={"ISA": 1, "GS": 1})


def shown_x12(definition, document):
    return preview(definition, document=document, envelope=X12_ENVELOPE)


def test_x12_is_previewed_by_the_same_door():
    made = shown_x12({"base": "x12-810"}, sample_documents("invoices")[0])
    assert made.text.startswith("ISA*00*")
    assert "BIG*20261005*INV-2041" in made.text


def test_every_element_of_x12_shows_its_source_value_text_and_origin():
    made = shown_x12({"base": "x12-810", "set": {"BIG07": "'PR'", "BIG03": "DueDate"}}, sample_documents("invoices")[0])
    fields = {field.name: field for field in made.fields}
    date, added, kind = fields["BIG01"], fields["BIG03"], fields["BIG07"]
    assert (date.record, date.line, date.source, date.value, date.text) == ("BIG", 2, "Date", "2026-10-05", "20261005")
    assert (added.origin, added.value, added.text) == (Origin.ADDED, "2026-11-04", "20261104")
    assert (kind.origin, kind.source, kind.value, kind.text) == (Origin.OVERRIDDEN, "'PR'", "PR", "PR")
    assert (fields["IT104"].source, fields["IT104"].xero) == ("Item.Price", "LineItems UnitAmount")
    written = [line.split("*") for line in made.text.replace("~", "").splitlines()[2:-2]]
    shown = {(field.line, field.name[-2:]): field.text for field in made.fields if field.text}
    assert shown == {
        (at, f"{place:02}"): text
        for at, row in enumerate(written, start=1)
        for place, text in enumerate(row[1:], start=1)
        if text and row[0] not in ("ST", "SE")
    }


def test_a_payment_of_a_batch_is_shown_once_with_its_head():
    payment = sample_documents("payments")[0]
    batch = {"BatchPaymentID": "b-1", "Type": "RECBATCH", "TotalAmount": payment.values["Amount"]}
    whole = payment.values | {"BatchPayment": batch}
    made = shown_x12({"base": "x12-820"}, replace(payment, values=whole))
    names = [field.name for field in made.fields if field.text]
    assert (names.count("BPR02"), names.count("ENT/RMR04")) == (1, 1)


def test_an_element_that_refuses_shows_why_in_its_own_row():
    document = sample_documents("invoices")[0]
    broken = replace(document, values=document.values | {"InvoiceNumber": "INV-0123456789-0123456789"})
    made = shown_x12({"base": "x12-810"}, broken)
    (field,) = [field for field in made.fields if field.findings]
    assert (made.text, field.name, field.findings[0].code) == ("", "BIG02", "MAP_TOO_LONG")


def test_a_draft_of_x12_with_a_mistake_shows_it_at_its_row():
    made = shown_x12({"base": "x12-810", "set": {"BIG02": "InvoiceNumbr"}}, sample_documents("invoices")[0])
    (field,) = [field for field in made.fields if field.findings]
    assert (made.text, field.name) == ("", "BIG02")
