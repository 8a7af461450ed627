"""Control numbers: each once, per tenant, sender, receiver and level; after the largest comes 1."""

import pytest

from core import numbers
from core.models import ControlNumber
from tests.factories import TenantFactory

pytestmark = pytest.mark.django_db
US = {"sender": "ZZ:HARBOR", "receiver": "ZZ:ACME"}


def taken(tenant, level="ISA", **ids):
    return numbers.allocate(tenant.pk, level=level, **{**US, **ids})


def test_each_level_and_each_pair_of_ids_counts_for_itself():
    tenant, other = TenantFactory(), TenantFactory()
    assert [taken(tenant), taken(tenant), taken(tenant, "GS"), taken(tenant, receiver="ZZ:NORTH")] == [1, 2, 1, 1]
    assert taken(other) == 1


def test_after_the_largest_number_comes_1():
    tenant = TenantFactory()
    ControlNumber.objects.create(tenant=tenant, level="ISA", last=numbers.LARGEST - 1, **US)
    assert taken(tenant) == 999_999_999
    assert numbers.peek(tenant.pk, level="ISA", **US) == 1
    assert [taken(tenant), taken(tenant)] == [1, 2]
