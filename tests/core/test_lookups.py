"""Lookup tables: versions that never change, told apart by their rows, and sets of them that files name."""

import pytest

from core import lookups
from core.clock import database_now
from core.models import LookupTable, LookupVersion
from tests.factories import FileFactory, TenantFactory, UserFactory

pytestmark = pytest.mark.django_db


def saved(tenant, rows, name="units", **details):
    return lookups.save(tenant, name, rows, now=database_now(), **details)


def test_rows_become_the_next_version_once():
    tenant = TenantFactory()
    first = saved(tenant, {"EACH": "EA", "HOUR": "HR"})
    again = saved(tenant, {"HOUR": "HR", "EACH": "EA"})
    second = saved(tenant, {"EACH": "PC"}, note="Pieces")
    assert [found.table.newest.number for found in (first, again, second)] == [1, 1, 2]
    assert (len(first.events), again.events, len(second.events)) == (1, (), 1)
    versions = LookupVersion.objects.order_by("number").values_list("rows", "row_count", "note")
    assert list(versions) == [({"EACH": "EA", "HOUR": "HR"}, 2, ""), ({"EACH": "PC"}, 1, "Pieces")]


def test_saving_says_who_did_what():
    user = UserFactory(username="ada")
    (event,) = saved(TenantFactory(), {"EACH": "EA"}, actor=user, note="First").events
    assert (event.event, event.actor) == ("lookup_table.saved", "ada")
    assert {key: event.detail[key] for key in ("lookup_table", "version", "rows", "note")} == {
        "lookup_table": "units",
        "version": 1,
        "rows": 1,
        "note": "First",
    }
    assert LookupVersion.objects.get().saved_by == user


def test_a_table_that_comes_back_goes_on_counting_and_its_old_versions_are_there():
    tenant = TenantFactory()
    old = saved(tenant, {"EACH": "EA"}).table.newest
    LookupTable.objects.all().delete()
    assert lookups.newest_tables(tenant.pk).rows == {}
    assert saved(tenant, {"EACH": "PC"}).table.newest.number == 2
    assert lookups.pinned_tables([old.pk]).rows == {"units": {"EACH": "EA"}}


def test_a_file_has_the_tables_that_it_was_made_with_and_those_of_now_where_nobody_noted_them():
    file = FileFactory()
    version = saved(file.tenant, {"EACH": "EA"}).table.newest
    saved(file.tenant, {"EACH": "PC"})
    assert lookups.tables_of_file(file).rows == {"units": {"EACH": "PC"}}
    file.lookup_versions = [version.pk]
    assert lookups.tables_of_file(file) == lookups.TableSet({"units": {"EACH": "EA"}}, (version.pk,))
    file.lookup_versions = []
    assert lookups.tables_of_file(file).rows == {}


def test_only_named_tables_of_the_own_tenant_are_given():
    tenant = TenantFactory()
    for name in ("branches", "units"):
        saved(tenant, {"A": name}, name=name)
    saved(TenantFactory(), {"A": "theirs"})
    assert lookups.table_names(tenant.pk) == ["branches", "units"]
    assert lookups.newest_tables(tenant.pk, names=["units"]).rows == {"units": {"A": "units"}}
