"""Definitions become rows and rows become definitions, and nothing is lost on the way."""

from dataclasses import replace

import pytest

from connector.console.mapping_editor.rows import Row, definition_of, rows_of
from edi_app.formatter import base_names, is_x12
from edi_app.mapping.definition import resolve
from edi_app.x12.definition import resolve_x12
from tests.factories import INVOICES_CSV

OVERRIDDEN = {
    "base": "csv-invoices",
    "options": {"header": False},
    "set": {"total": "SubTotal", "date": {"source": "DueDate", "overflow": "cut"}},
    "drop": ["reference"],
    "fields": [{"name": "vendor", "source": "Contact.Name", "after": "type", "note": "who"}],
}
X12 = {
    "base": "x12-810",
    "set": {"BIG07": "'DI'", "N1[BT]/N104": {"source": "Contact.AccountNumber", "required": True}},
    "drop": ["ITD"],
}
RECORDS = {
    "format": "csv",
    "records": {
        "document": [{"name": "no", "source": "InvoiceNumber"}, {"name": "amount", "source": "Total", "min": 1}],
        "line": [{"name": "no", "source": "InvoiceNumber"}, {"name": "amount", "source": "Line.LineAmount"}],
    },
}
DEFINITIONS = [INVOICES_CSV, OVERRIDDEN, X12, RECORDS, *({"base": name} for name in base_names())]


def meaning(definition):
    """What a definition comes to, without the places of its words."""
    if is_x12(definition):
        return [
            (row.name, row.source, row.transform, row.default, row.required, row.max) for row in rows_of(definition)
        ]
    spec = resolve(definition)
    fields = {kind: [replace(field, place="", origin="") for field in fields] for kind, fields in spec.records.items()}
    return spec.format, spec.options, fields, spec.findings


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda item: str(item.get("base") or list(item)))
def test_rows_that_nobody_changed_mean_the_same(definition):
    assert meaning(definition_of(definition, rows_of(definition))) == meaning(definition)


@pytest.mark.parametrize("name", base_names())
def test_an_untouched_base_stays_a_base_alone(name):
    assert definition_of({"base": name}, rows_of({"base": name})) == {"base": name}


def changed(definition, name, **changes):
    return [replace(row, **changes) if row.name == name else row for row in rows_of(definition)]


def test_a_changed_row_of_a_base_becomes_an_override():
    written = definition_of({"base": "csv-invoices"}, changed({"base": "csv-invoices"}, "total", source="SubTotal"))
    assert written == {"base": "csv-invoices", "set": {"total": "SubTotal"}}


def test_taking_an_override_back_leaves_the_base():
    rows = changed(X12, "BIG07", source="X12.Type")
    assert "BIG07" not in definition_of(X12, rows)["set"]


def test_a_removed_row_of_a_base_is_dropped_and_of_ones_own_is_gone():
    without = [row for row in rows_of(OVERRIDDEN) if row.name not in ("status", "vendor")]
    written = definition_of(OVERRIDDEN, without)
    assert written["drop"] == ["reference", "status"]
    assert "fields" not in written


def test_a_new_row_stands_where_it_was_put():
    rows = rows_of({"base": "csv-invoices"})
    rows.insert(2, Row(name="vendor", source="Contact.Name", max=30))
    written = definition_of({"base": "csv-invoices"}, rows)
    assert written["fields"] == [{"name": "vendor", "source": "Contact.Name", "max": 30, "after": "type"}]
    assert [field.name for field in next(iter(resolve(written).records.values()))][2] == "vendor"


def test_a_new_element_of_a_base_is_set():
    rows = [*rows_of({"base": "x12-810"}), Row(name="BIG05", source="Reference")]
    written = definition_of({"base": "x12-810"}, rows)
    assert written["set"] == {"BIG05": "Reference"}
    assert resolve_x12(written).findings == []


def test_a_whole_segment_that_was_set_stays():
    definition = {"base": "x12-810", "set": {"REF[DP]": {"elements": {2: "Reference"}}}}
    assert definition_of(definition, rows_of(definition))["set"] == definition["set"]


def test_fields_of_the_same_name_in_two_records_are_two_rows():
    rows = changed(RECORDS, "amount", source="SubTotal")
    written = definition_of(RECORDS, [rows[0], rows[1], *rows_of(RECORDS)[2:]])
    assert written["records"]["document"][1] == {"name": "amount", "source": "SubTotal", "min": 1}
    assert written["records"]["line"] == RECORDS["records"]["line"]


def test_elements_are_said_in_words():
    row = next(row for row in rows_of({"base": "x12-810"}) if row.name == "BIG02")
    assert row.label == "Invoice number, AN, 1 to 22 characters"
    assert row.record == "BIG Invoice header"
