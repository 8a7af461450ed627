"""Two people, or two clicks, at the same moment: one replay."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from connector import pipeline
from connector.replay import ReplayRefused, cancel_run, start_replay
from core.clock import database_now
from core.models import Export, File, ReplayItem, ReplayMode, Run
from tests.connector.replaying import chosen, delivered_invoices
from tests.factories import IntegrationFactory

pytestmark = pytest.mark.django_db(transaction=True)


def together(*works):
    """Do all at the same time, each with a connection of its own; give what they gave or raised."""
    barrier = threading.Barrier(len(works))

    def work(one):
        barrier.wait()
        try:
            return one()
        except ReplayRefused as refused:
            return refused
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(work, works))


def asking(exports, request_id):
    details = {"mode": ReplayMode.MAP_AGAIN, "reason": "again", "now": database_now()}
    return lambda: start_replay(chosen(*exports), request_id=request_id, **details)


def test_the_same_click_at_the_same_time_opens_one_run():
    exports = delivered_invoices(IntegrationFactory(), count=5)
    request_id = uuid.uuid4()
    found = together(*[asking(exports, request_id)] * 4)
    assert [runs[0].pk for runs in found] == [Run.objects.get().pk] * 4
    assert ReplayItem.objects.count() == 5


def test_two_people_at_the_same_time_replay_once():
    exports = delivered_invoices(IntegrationFactory(), count=5)
    found = together(*[asking(exports, uuid.uuid4()) for _ in range(3)])
    assert sorted(type(each).__name__ for each in found) == ["ReplayRefused", "ReplayRefused", "list"]
    assert (Run.objects.count(), ReplayItem.objects.count()) == (1, 5)


def test_cancelling_while_files_are_built_leaves_nothing_to_be_sent():
    integration = IntegrationFactory(batch="10")
    (run,) = asking(delivered_invoices(integration, count=60), uuid.uuid4())()
    pipeline.advance(run.pk, now=database_now())
    run.refresh_from_db()
    together(
        lambda: pipeline.format_files(integration.pk, now=database_now()),
        lambda: cancel_run(run, reason="Stop", now=database_now()),
    )
    assert Run.objects.get().state == "cancelled"
    pipeline.format_files(integration.pk, now=database_now())
    states = set(File.objects.filter(run=run).values_list("state", flat=True))
    assert states <= {"cancelled"}
    assert set(Export.objects.filter(run=run).values_list("state", flat=True)) <= {"cancelled"}
