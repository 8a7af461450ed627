"""Lookup tables of a configuration file: written out or as CSV, ten thousand rows, each change a version."""

import pytest

from core.errors import Invalid
from core.models import Event, LookupTable, LookupVersion
from tests.connector.config.files import actions, apply, configuration

pytestmark = pytest.mark.django_db
TABLE = "tenants.0.lookup_tables.0"


def from_csv(tmp_path, text):
    (tmp_path / "units.csv").write_text(text)
    return configuration({f"{TABLE}.csv": {"file": "units.csv"}, f"{TABLE}.rows": None})


def rows():
    return LookupTable.objects.get().newest.rows


def test_a_table_may_stand_in_a_csv_file_beside_it(tmp_path):
    apply(tmp_path, from_csv(tmp_path, "EACH;EA\nHOUR;HR\n"))
    assert rows() == {"EACH": "EA", "HOUR": "HR"}
    assert actions(apply(tmp_path, configuration())) == []


def test_ten_thousand_rows_are_one_version_and_a_short_line_in_the_audit_trail(tmp_path):
    text = "".join(f"KEY-{number},VALUE-{number}\n" for number in range(10_000))
    apply(tmp_path, from_csv(tmp_path, text))
    apply(tmp_path, from_csv(tmp_path, text.replace("VALUE", "OTHER")))
    assert list(LookupVersion.objects.order_by("number").values_list("row_count", flat=True)) == [10_000, 10_000]
    changed = Event.objects.get(event="config.changed")
    assert len(changed.detail["keys"]) == 41
    assert changed.detail["keys"]["rows.…"] == "9960 more differ"


def test_each_change_is_a_version_with_its_author(tmp_path):
    apply(tmp_path, configuration())
    apply(tmp_path, configuration({f"{TABLE}.rows": {"EACH": "PC"}}))
    assert list(LookupVersion.objects.order_by("number").values_list("number", "rows")) == [
        (1, {"EACH": "EA", "HOUR": "HR"}),
        (2, {"EACH": "PC"}),
    ]
    events = Event.objects.filter(event="lookup_table.saved").order_by("sequence")
    assert [event.detail["version"] for event in events] == [1, 2]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rows": None}, "either rows or csv"),
        ({"csv": {"file": "units.csv"}}, "either rows or csv"),
        ({"rows": None, "csv": {"file": "gone.csv"}}, "does not exist"),
        ({"rows": None, "csv": "units.csv"}, "Write {file: PATH}"),
        ({"rows": None, "csv": {"file": "bad.csv"}}, "row 2: It has 3 columns"),
        ({"rows": {"EACH": True}}, "This is a text"),
        ({"rows": {"EACH": "E" * 501}}, "more than 500 characters"),
        ({"rows": {str(number): "1" for number in range(10_001)}}, "10000 are allowed"),
    ],
    ids=["neither", "both", "no-file", "no-reference", "bad-row", "no-text", "too-long", "too-many"],
)
def test_what_is_no_table_is_refused_at_its_place(tmp_path, changes, said):
    (tmp_path / "units.csv").write_text("EACH,EA\n")
    (tmp_path / "bad.csv").write_text("EACH,EA\nA,B,C\n")
    with pytest.raises(Invalid, match=r"tenants\[0\]\.lookup_tables\[0\]") as caught:
        apply(tmp_path, configuration({f"{TABLE}.{key}": value for key, value in changes.items()}))
    assert said in str(caught.value)
    assert not LookupVersion.objects.exists()
