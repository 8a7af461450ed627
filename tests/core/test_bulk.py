"""Many rows at once are the same rows as one by one."""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from core import bulk
from core.models import ControlNumber, Event, Record
from tests.factories import OrganisationFactory, TenantFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 12, 0, 0, 654321, tzinfo=UTC)


def record(organisation, number, **fields):
    return Record(
        tenant=organisation.tenant,
        organisation=organisation,
        stream="invoices",
        xero_id=str(uuid.uuid4()),
        version=1,
        updated_at=NOW,
        read_at=NOW,
        sha256="0" * 64,
        number=number,
        **fields,
    )


def test_every_kind_of_value_comes_back_as_it_went_in():
    organisation = OrganisationFactory()
    nasty = 'tab\t, "quote", \\N, line\nbreak, ünï 🚚'
    one = record(organisation, nasty, payload=b"\x00\\\t\n\xff", total=Decimal("-0.0100"), dated_on=date(2026, 1, 2))
    two = record(organisation, "")
    bulk.insert([one, two])
    stored = Record.objects.get(pk=one.pk)
    assert (stored.number, bytes(stored.payload), stored.total) == (nasty, one.payload, one.total)
    assert (stored.dated_on, stored.updated_at) == (one.dated_on, NOW)
    assert Record.objects.get(pk=two.pk).payload is None


def test_json_comes_back_as_it_went_in():
    detail = {"a": [1, None, "ü", {"b": True}]}
    bulk.insert([Event(tenant_id=uuid.uuid4(), sequence=1, at=NOW, event="x", detail=detail, hash="h", prev_hash="")])
    assert Event.objects.get().detail == detail


def test_ids_do_not_collide_with_rows_made_one_by_one():
    tenant = TenantFactory()
    made = [ControlNumber(tenant=tenant, sender="a", receiver="b", level=str(n)) for n in range(3)]
    before = ControlNumber.objects.create(tenant=tenant, sender="x", receiver="y", level="ISA")
    bulk.insert(made)
    after = ControlNumber.objects.create(tenant=tenant, sender="x", receiver="y", level="GS")
    assert len({before.pk, after.pk, *(row.pk for row in made)}) == 5
    assert ControlNumber.objects.count() == 5


def test_a_broken_constraint_stores_nothing():
    tenant = TenantFactory()
    same = [ControlNumber(tenant=tenant, sender="a", receiver="b", level="ISA") for _ in range(2)]
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert(same)
    assert not ControlNumber.objects.exists()
