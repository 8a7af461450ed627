"""The audit trail is one unbroken chain per tenant."""

import uuid
from datetime import UTC, datetime

import pytest

from core import audit
from core.audit import EventDraft
from core.models import ChainHead, Event

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 12, 0, 0, 123456, tzinfo=UTC)


def test_events_are_chained_per_tenant_in_order():
    one, two = uuid.uuid4(), uuid.uuid4()
    audit.append([EventDraft(one, "a"), EventDraft(two, "b"), EventDraft(one, "c", detail={"n": 1})], now=NOW)
    audit.append([EventDraft(one, "d", number="INV-é")], now=NOW)
    chain = list(Event.objects.filter(tenant_id=one).order_by("sequence"))
    assert [event.event for event in chain] == ["a", "c", "d"]
    assert [event.sequence for event in chain] == [1, 2, 3]
    assert [event.prev_hash for event in chain[1:]] == [event.hash for event in chain[:-1]]
    assert ChainHead.objects.get(pk=one).hash == chain[-1].hash


def test_a_line_read_back_has_the_hash_it_was_written_with():
    detail = {"z": 1, "a": [1, {"b": None}], "text": "naïve ✓"}
    audit.append([EventDraft(uuid.uuid4(), "a", actor="eva", export_id=7, detail=detail)], now=NOW)
    event = Event.objects.get()
    assert event.hash == audit.line_hash(event)


@pytest.mark.parametrize("column", ["event", "actor", "state", "number", "file"])
def test_every_column_counts(column):
    audit.append([EventDraft(uuid.uuid4(), "a")], now=NOW)
    event = Event.objects.get()
    setattr(event, column, "tampered")
    assert event.hash != audit.line_hash(event)
