"""Exports are made once per record and integration, and change in sets."""

import uuid
from datetime import UTC, datetime

import pytest

from core import exports
from core.exports import Ending
from core.models import Export, ExportContent, Problem
from core.replays import create_replays
from core.states import AckOutcome
from tests.factories import ExportFactory, FileFactory, IntegrationFactory, RecordFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.fixture
def integration():
    return IntegrationFactory()


def make(integration, *records, reason="fetch"):
    return exports.create_pending(records, integration, reason=reason, fetch=None, now=NOW)


def record(integration, **fields):
    return RecordFactory(organisation=integration.organisation, **fields)


def test_the_same_record_makes_one_export(integration):
    one = record(integration)
    assert len(make(integration, one)) == 1
    assert make(integration, one) == []
    assert Export.objects.get().state == "pending"


def test_a_newer_version_takes_the_place_of_a_waiting_one_and_ends_its_problem(integration):
    first = record(integration, is_latest=False)
    make(integration, first)
    ending = Ending(Export.objects.select_related("integration").get(), "failed", "Too long.", code="MAP_TOO_LONG")
    exports.end([ending], now=NOW)
    assert Problem.objects.get().state == "open"
    make(integration, record(integration, xero_id=first.xero_id, version=2))
    assert list(Export.objects.order_by("pk").values_list("state", flat=True)) == ["superseded", "pending"]
    assert Problem.objects.get().state == "resolved"


def test_a_baseline_is_marked_as_already_there(integration):
    one = record(integration)
    make(integration, one, reason="baseline")
    assert Export.objects.get().state == "skipped"
    assert set(exports.last_sent(integration, [one.xero_id])) == {one.xero_id}


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({"state": "delivered"}, True),
        ({"state": "delivered", "ack_outcome": AckOutcome.REJECTED}, False),
        ({"state": "unchanged"}, False),
        ({"state": "pending"}, False),
    ],
)
def test_what_the_partner_has_was_delivered_and_not_rejected(integration, fields, counts):
    file = FileFactory(integration=integration)
    export = ExportFactory(integration=integration, file=file, **fields)
    assert (export.xero_id in exports.last_sent(integration, [export.xero_id])) is counts


def test_a_test_file_is_not_what_the_partner_has(integration):
    file = FileFactory(integration=integration, is_test=True)
    export = ExportFactory(integration=integration, file=file, state="delivered")
    assert exports.last_sent(integration, [export.xero_id]) == {}


def test_a_request_made_twice_is_one_replay(integration):
    export = ExportFactory(integration=integration, state="delivered")
    request = uuid.uuid4()
    for _ in range(2):
        create_replays([export], mode="map_again", why="lost", request_id=request, now=NOW)
    child = Export.objects.get(replay_of=export)
    assert (child.replay_number, child.state) == (1, "pending")


def test_only_pending_exports_are_attached(integration):
    export = ExportFactory(integration=integration, state="held")
    file = FileFactory(integration=integration, state="building")
    content = ExportContent(export=export, file=file, position=1, action="new", sequence=1, data=b"x")
    with pytest.raises(ValueError, match="not pending"):
        exports.attach([content], file)
