"""Search finds what begins with a term, in a shape that an index can answer."""

import pytest
from django.urls import reverse

from connector.console.search import prefix_of
from core import models
from core.models import Export
from tests.factories import ExportContentFactory, ExportFactory, FileFactory

pytestmark = pytest.mark.django_db


def found(term):
    return list(Export.objects.filter(prefix_of(("number", "xero_id"), term)).values_list("record__number", flat=True))


@pytest.fixture
def invoice():
    return ExportFactory(record__number="INV-1001")


@pytest.mark.parametrize("term", ["INV-10", "inv-10", "INV-1001"])
def test_numbers_are_found_as_typed_in_capitals_and_in_small_letters(invoice, term):
    ExportFactory(record__number="CN-1001")
    assert found(term) == ["INV-1001"]


def test_a_capitalised_number_is_found_by_small_letters():
    ExportFactory(record__number="Invoice 7")
    assert found("invoice") == ["Invoice 7"]


@pytest.mark.parametrize("term", ["1001", "%", "_", "INV_1", "\\"])
def test_what_stands_in_the_middle_and_wildcards_are_no_match(invoice, term):
    assert found(term) == []


def test_no_search_ignores_the_case_in_the_database():
    sql = str(Export.objects.filter(prefix_of(("number",), "inv")).query).upper()
    assert "UPPER(" not in sql
    assert sql.count("LIKE") == 3


@pytest.mark.parametrize("term", ["remit-7", "000000123", "000000999"])
def test_an_export_is_found_by_its_file_and_its_control_numbers(superuser_client, term):
    file = FileFactory(name="remit-7.x12", interchange_number="000000123")
    wanted = ExportFactory(record__number="INV-1001", integration=file.integration, file=file)
    ExportContentFactory(export=wanted, file=file, control_number="000000999")
    other = ExportFactory(record__number="INV-2002")
    ExportContentFactory(export=other)
    page = superuser_client.get(reverse("admin:core_export_changelist"), {"q": term}).content.decode()
    assert "INV-1001" in page
    assert "INV-2002" not in page


def test_searching_everywhere_takes_at_most_ten_queries(signed_in, ours, django_assert_max_num_queries):
    client = signed_in()
    with django_assert_max_num_queries(10):
        found = client.get(reverse("admin:search"), {"s": "ours", "extended": 1}).content.decode()
    for model in (models.Export, models.File, models.Integration, models.Partner, models.Server, models.Mapping):
        assert reverse(f"admin:core_{model._meta.model_name}_change", args=[ours[model].pk]) in found
