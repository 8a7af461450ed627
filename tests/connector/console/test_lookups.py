"""Lookup tables in the console: found, imported, compared; nothing is saved that the configuration speaks against."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core import lookups
from core.models import Event, Export, File, LookupTable, LookupVersion, Role
from tests.factories import MappingVersionFactory


@pytest.fixture
def table(ours):
    return lookups.save(ours.tenant, "units", {"EACH": "EA", "HOUR": "HR"}).table


@pytest.fixture
def client(signed_in):
    return signed_in(Role.INTEGRATOR)


def page(table, name="change"):
    return reverse(f"admin:core_lookuptable_{name}", args=[table.pk])


def imported(client, table, text="", *, how="replace", file=None, note="New units"):
    data = {"text": text, "how": how, "note": note, **({"file": SimpleUploadedFile("a.csv", file)} if file else {})}
    return client.post(page(table, "import_rows"), data, follow=True)


def rows(table):
    return LookupTable.objects.get(pk=table.pk).newest.rows


def test_a_table_shows_its_rows_its_versions_and_who_uses_it(client, table, ours):
    field = {"name": "unit", "source": "lookup('units', Type)"}
    MappingVersionFactory(mapping__tenant=ours.tenant, mapping__name="units-csv", definition={"fields": [field]})
    shown = client.get(page(table), {"q": "hou"}).content.decode()
    assert ("HOUR" in shown, ">EACH<" in shown, "1 of 1 rows" in shown, "units-csv" in shown) == (
        True,
        False,
        True,
        True,
    )


def test_a_file_of_ten_thousand_rows_becomes_the_next_version(client, table):
    data = "".join(f"KEY-{number};V{number}\n" for number in range(10_000)).encode()
    answer = imported(client, table, file=data).content.decode()
    assert "10000 added, 0 changed, 2 removed" in answer
    newest = LookupTable.objects.get(pk=table.pk).newest
    assert (newest.number, newest.row_count, newest.note, newest.saved_by) == (2, 10_000, "New units", client.person)
    assert Event.objects.filter(event="lookup_table.saved", actor=client.person.get_username()).count() == 1


def test_pasted_rows_can_be_added_to_those_that_are_there(client, table):
    imported(client, table, "EACH,PC\nDAY,DA\n", how="merge")
    assert rows(table) == {"EACH": "PC", "HOUR": "HR", "DAY": "DA"}


def test_a_version_shows_what_it_changed(client, table):
    imported(client, table, "EACH,PC\n")
    newest = LookupTable.objects.get(pk=table.pk).newest
    shown = client.get(reverse("admin:core_lookupversion_change", args=[newest.pk])).content.decode()
    assert "Against version 1: 0 added, 1 changed, 1 removed" in shown
    assert [word in shown for word in (">EA<", ">PC<", "(nothing)")] == [True] * 3


@pytest.mark.parametrize(
    ("text", "file", "said"),
    [
        ("", None, "Choose a file, or paste rows."),
        ("A,B", b"A,B", "Choose a file, or paste rows."),
        ("A,B,C", None, "row 1: It has 3 columns"),
        ("", b"\xff\xfe", "is not UTF-8"),
    ],
    ids=["nothing", "both", "three-columns", "no-text"],
)
def test_a_wrong_import_says_why_and_changes_nothing(client, table, text, file, said):
    assert said in imported(client, table, text, file=file).content.decode()
    assert rows(table) == {"EACH": "EA", "HOUR": "HR"}


def test_a_new_table_begins_with_its_rows(client, ours):
    address = reverse("admin:core_lookuptable_add") + f"?tenant={ours.tenant.slug}"
    client.post(address, {"name": "branches", "text": "N,North\n", "note": "First"})
    assert LookupTable.objects.get(name="branches").newest.rows == {"N": "North"}
    refused = client.post(address, {"name": "Branches", "text": "N,North\n", "note": "First"}).content.decode()
    assert "There is a lookup table of this name already." in refused
    assert LookupVersion.objects.filter(name="branches").count() == 1


def test_who_only_reads_imports_nothing(signed_in, table):
    client = signed_in(Role.VIEWER)
    assert imported(client, table, "A,B\n").status_code == 403
    assert "Import rows" not in client.get(page(table)).content.decode()


def test_an_export_shows_the_versions_that_its_file_was_made_with(client, table, ours):
    export = ours[Export]
    File.objects.filter(pk=export.file_id).update(lookup_versions=[table.newest_id])
    shown = client.get(reverse("admin:core_export_change", args=[export.pk])).content.decode()
    assert f'<a class="mlc-link" href="/admin/core/lookupversion/{table.newest_id}/change/">units@1</a>' in shown
