"""Base and overrides merged: every field and option knows where it comes from; nothing wrong passes unseen."""

import pytest

from edi_app.mapping.definition import resolve
from edi_app.mapping.spec import Origin, RecordKind


def fields(definition, kind=RecordKind.DOCUMENT):
    return {field.name: field for field in resolve(definition).records[kind]}


def test_own_fields_keep_their_order_and_settings():
    spec = resolve(
        {
            "name": "mine",
            "format": "csv",
            "fields": [
                {"name": "b", "source": "Total", "as": "amount:2", "required": True, "max": 12, "default": 0},
                {"name": "a", "source": "Date"},
            ],
        }
    )
    first, second = spec.records[RecordKind.DOCUMENT]
    assert (first.name, first.transform, first.required, first.max, first.default) == ("b", "amount:2", True, 12, "0")
    assert (second.name, second.origin, second.place) == ("a", Origin.OWN, "fields[1]")
    assert spec.findings == ()


def test_rows_option_decides_where_fields_belong():
    definition = {"format": "csv", "options": {"rows": "line"}, "fields": [{"name": "a", "source": "Total"}]}
    assert list(resolve(definition).records) == [RecordKind.LINE]


def test_set_changes_the_source_and_keeps_how_it_is_written():
    due = fields({"base": "csv-invoices", "set": {"due_date": "FullyPaidOnDate"}})["due_date"]
    assert (due.source, due.transform, due.origin) == ("FullyPaidOnDate", "date:%Y-%m-%d", Origin.OVERRIDDEN)


def test_set_changes_single_settings_and_the_name():
    found = fields({"base": "csv-invoices", "set": {"reference": {"name": "po", "max": 20, "overflow": "cut"}}})
    assert (found["po"].source, found["po"].max, found["po"].overflow) == ("Reference", 20, "cut")
    assert found["total"].origin is Origin.INHERITED
    assert "reference" not in found


def test_drop_takes_fields_out_and_fields_adds_them_in_their_place():
    names = list(
        fields(
            {
                "base": "csv-invoices",
                "drop": ["type", "status"],
                "fields": [
                    {"name": "branch", "source": "'047'", "before": "date"},
                    {"name": "late", "source": "'x'", "after": "due_date"},
                    {"name": "total", "source": "AmountDue"},
                    {"name": "last", "source": "'z'"},
                ],
            }
        )
    )
    assert names[:5] == ["invoice_number", "branch", "date", "due_date", "late"]
    assert names[-1] == "last"
    assert names.count("total") == 1


def test_field_with_the_name_of_the_base_s_is_an_override():
    found = fields({"base": "csv-invoices", "fields": [{"name": "total", "source": "AmountDue"}]})["total"]
    assert (found.source, found.transform, found.origin) == ("AmountDue", "amount:2", Origin.OVERRIDDEN)


def test_added_fields_of_a_base_with_record_types_go_to_its_details():
    definition = {
        "base": "fixed-invoices",
        "fields": [{"name": "x", "source": "'x'", "width": 3}],
        "drop": ["trailer.record"],
    }
    spec = resolve(definition)
    assert spec.findings == ()
    assert spec.records[RecordKind.DOCUMENT][-1].name == "x"
    assert spec.records[RecordKind.TRAILER][0].name == "documents"
    assert spec.records[RecordKind.DOCUMENT][0].name == "record"


def test_options_say_where_they_come_from():
    spec = resolve({"base": "csv-invoices-lines", "options": {"delimiter": "tab"}})
    assert spec.options["delimiter"] == "\t"
    assert spec.option_origins == {"rows": Origin.INHERITED, "delimiter": Origin.ADDED}
    spec = resolve({"base": "csv-invoices-lines", "options": {"rows": "document"}})
    assert spec.option_origins == {"rows": Origin.OVERRIDDEN}


def test_fixed_fields_follow_each_other_where_no_start_is_given():
    definition = {
        "format": "fixed",
        "options": {"gaps": "blank"},
        "fields": [
            {"name": "a", "source": "'a'", "width": 3},
            {"name": "b", "source": "'b'", "width": 2},
            {"name": "c", "source": "'c'", "start": 10, "width": 1},
            {"name": "d", "source": "'d'", "width": 4},
        ],
    }
    assert [field.start for field in resolve(definition).records[RecordKind.DOCUMENT]] == [1, 4, 10, 11]


@pytest.mark.parametrize(
    ("definition", "path", "hint"),
    [
        ({"format": "cvs", "fields": []}, "format", "Did you mean csv?"),
        ({}, "format", "Name csv, fixed or a base."),
        ({"base": "csv-invoice"}, "base", "Did you mean csv-invoices?"),
        ({"base": "csv-invoices", "format": "fixed"}, "format", "Leave format out."),
        ({"base": "csv-invoices", "sett": {}}, "sett", "Did you mean set?"),
        ({"base": "csv-invoices", "set": {"totl": "Total"}}, "set.totl", "Did you mean total?"),
        ({"base": "csv-invoices", "set": ["a"]}, "set", ""),
        ({"base": "csv-invoices", "drop": ["totl"]}, "drop[0]", "Did you mean total?"),
        ({"base": "csv-invoices", "drop": "total"}, "drop", ""),
        (
            {"base": "csv-invoices", "fields": [{"name": "x", "source": "'x'", "after": "totl"}]},
            "fields[0].after",
            "total",
        ),
        ({"base": "csv-invoices", "set": {"total": {"sorce": "Total"}}}, "set.total.sorce", "Did you mean source?"),
        ({"format": "csv", "fields": {"a": "Total"}}, "fields", ""),
        ({"format": "csv", "fields": ["Total"]}, "fields[0]", ""),
        ({"format": "csv", "fields": [{"source": "Total"}]}, "fields[0].name", ""),
        ({"format": "csv", "fields": [{"name": "a", "source": 5}]}, "fields[0].source", ""),
        ({"format": "csv", "fields": [{"name": "a", "source": "Total", "default": 1.5}]}, "fields[0].default", ""),
        ({"format": "csv", "fields": [{"name": "a", "source": "Total", "max": "30"}]}, "fields[0].max", ""),
        ({"format": "csv", "fields": [{"name": "a", "source": "Total", "width": 3}]}, "fields[0].width", ""),
        ({"format": "csv", "records": {"lines": []}}, "records.lines", "Did you mean line?"),
        ({"format": "csv", "records": []}, "records", ""),
        ({"format": "csv", "fields": [], "tables": []}, "tables", ""),
        ({"format": "csv", "fields": [], "tables": {"t": {"a": ["b"]}}}, "tables.t", ""),
        ({"format": "csv", "options": []}, "options", ""),
        ([], "mapping", ""),
    ],
)
def test_wrong_shape_is_found_with_its_place(definition, path, hint):
    found = resolve(definition).findings
    assert [finding.path for finding in found] == [path]
    assert hint in found[0].hint
    assert found[0].reason


def test_fields_and_records_exclude_each_other():
    one = [{"name": "a", "source": "'x'"}]
    found = resolve({"format": "csv", "fields": one, "records": {"trailer": one}}).findings
    assert [finding.path for finding in found] == ["records"]


def test_lookup_tables_of_the_mapping_are_texts():
    spec = resolve({"format": "csv", "fields": [], "tables": {"t": {1: 2, "b": "c"}}})
    assert spec.tables == {"t": {"1": "2", "b": "c"}}
