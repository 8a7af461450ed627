"""Publishing: numbered versions that never change; the same definition is not published twice."""

import pytest

from connector.publishing import definition_hash, publish
from tests.factories import MappingFactory

pytestmark = pytest.mark.django_db


def test_a_definition_becomes_the_next_version_once():
    mapping = MappingFactory()
    first = publish(mapping, {"base": "csv-invoices", "drop": ["tax"]})
    again = publish(mapping, {"drop": ["tax"], "base": "csv-invoices"})
    second = publish(mapping, {"base": "csv-invoices"}, note="All columns")
    back = publish(mapping, {"base": "csv-invoices", "drop": ["tax"]})
    assert [version.number for version in (first, again, second, back)] == [1, 1, 2, 3]
    assert (first.sha256, second.note) == (back.sha256, "All columns")


def test_the_hash_does_not_depend_on_the_order_of_keys_but_on_that_of_items():
    assert definition_hash({"a": 1, "b": [1, 2]}) == definition_hash({"b": [1, 2], "a": 1})
    assert definition_hash({"b": [1, 2]}) != definition_hash({"b": [2, 1]})
