"""The audit trail only grows."""

import uuid

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from core.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    return Event.objects.create(tenant_id=uuid.uuid4(), sequence=1, at=timezone.now(), event="x", hash="h")


def test_an_event_cannot_be_changed(event):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Event.objects.update(event="y")


def test_an_event_cannot_be_deleted(event):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Event.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_a_flushing_test_can_write_events(event):
    assert Event.objects.count() == 1
