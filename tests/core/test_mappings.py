"""Mapping versions: numbered, never published twice the same, told apart field by field."""

import pytest

from core.clock import database_now
from core.mappings import definition_hash, differences, latest_version, publish
from tests.factories import MappingFactory, UserFactory

pytestmark = pytest.mark.django_db


def published(mapping, definition, **details):
    return publish(mapping, definition, now=database_now(), **details)


def test_a_definition_becomes_the_next_version_once():
    mapping = MappingFactory()
    first = published(mapping, {"base": "csv-invoices", "drop": ["tax"]})
    again = published(mapping, {"drop": ["tax"], "base": "csv-invoices"})
    second = published(mapping, {"base": "csv-invoices"}, note="All columns")
    back = published(mapping, {"base": "csv-invoices", "drop": ["tax"]})
    assert [found.version.number for found in (first, again, second, back)] == [1, 1, 2, 3]
    assert (first.version.sha256, second.version.note) == (back.version.sha256, "All columns")
    assert latest_version(mapping) == back.version


def test_publishing_says_who_did_what_and_nothing_when_nothing_is_new():
    mapping, user = MappingFactory(), UserFactory(username="ada")
    first = published(mapping, {"base": "csv-invoices"}, actor=user, note="First")
    (event,) = first.events
    assert (event.event, event.actor, event.tenant_id) == ("mapping.published", "ada", mapping.tenant_id)
    assert event.detail == {"mapping": mapping.name, "version": 1, "sha256": first.version.sha256, "note": "First"}
    assert first.version.published_by == user
    assert published(mapping, {"base": "csv-invoices"}).events == ()


def test_a_name_without_an_account_is_an_actor_too():
    found = published(MappingFactory(), {"base": "csv-invoices"}, actor="configuration file")
    assert (found.events[0].actor, found.version.published_by) == ("configuration file", None)


def test_the_hash_does_not_depend_on_the_order_of_keys_but_on_that_of_items():
    assert definition_hash({"a": 1, "b": [1, 2]}) == definition_hash({"b": [1, 2], "a": 1})
    assert definition_hash({"b": [1, 2]}) != definition_hash({"b": [2, 1]})


def test_differences_name_fields_and_not_their_places():
    before = {
        "fields": [{"name": "a", "source": "Total"}, {"name": "b", "source": "Date"}],
        "options": {"header": True},
    }
    after = {
        "fields": [
            {"name": "new", "source": "Type"},
            {"name": "a", "source": "SubTotal"},
            {"name": "b", "source": "Date"},
        ],
        "options": {"header": True, "delimiter": ";"},
    }
    found = {(item.path, str(item.was), str(item.becomes)) for item in differences(before, after)}
    assert found == {
        ("fields.a.source", "Total", "SubTotal"),
        ("fields.new", "None", "{'name': 'new', 'source': 'Type'}"),
        ("options.delimiter", "None", ";"),
    }


def test_a_changed_order_of_fields_is_one_difference():
    fields = [{"name": "a"}, {"name": "b"}]
    (found,) = differences({"fields": fields}, {"fields": fields[::-1]})
    assert (found.path, found.was, found.becomes) == ("fields (order)", "a, b", "b, a")


def test_equal_definitions_have_no_differences():
    assert differences({"set": {"BIG07": "'DI'"}}, {"set": {"BIG07": "'DI'"}}) == []
