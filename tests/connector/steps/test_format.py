"""Formatting: sealed files are exactly their parts; what kills builders does not take all workers along."""

import hashlib

import pytest

from connector import pipeline, schedule
from connector.sync import sync
from core import outbox
from core.clock import database_now
from core.models import Event, Export, ExportContent, File, Integration, Problem, Record, Run
from tests.world import open_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(settings, tmp_path):
    with open_world(settings, tmp_path, invoices=40, contacts=6, manual_journals=0) as world:
        yield world


def test_a_files_bytes_are_header_contents_and_trailer_in_order(world):
    sync(world.integration())
    file = File.objects.get()
    parts = [bytes(file.header)]
    parts += [bytes(row.data) for row in ExportContent.objects.filter(file=file).order_by("position")]
    parts += [bytes(file.trailer)]
    content = b"".join(parts)
    assert content == b"".join(outbox.read(file)) == world.outbound[0].read_bytes()
    assert (len(content), hashlib.sha256(content).hexdigest()) == (file.size, file.sha256)


def test_positions_and_sequences_have_no_gaps_over_files(world):
    integration = world.integration(batch="7")
    sync(integration)
    sequences = list(ExportContent.objects.order_by("file", "position").values_list("sequence", flat=True))
    assert sequences == list(range(1, len(sequences) + 1))
    for file in File.objects.all():
        positions = file.contents.order_by("position").values_list("position", flat=True)
        assert list(positions) == list(range(1, file.record_count + 1))


def test_the_export_pins_the_versions_that_were_joined_in(world):
    sync(world.integration())
    content = ExportContent.objects.first()
    joined = Record.objects.filter(pk__in=content.joined)
    assert set(joined.values_list("stream", flat=True)) >= {"contacts", "organisation"}


def test_a_set_of_exports_is_one_event(world):
    sync(world.integration())
    assert Event.objects.filter(event="exports.pending", stream="invoices").count() == 1
    assert Event.objects.filter(event="file.ready").count() == 1
    assert Export.objects.filter(state="delivered").count() > 20


def test_after_five_builders_that_died_the_run_fails_with_a_problem_and_the_next_one_begins_anew(world):
    integration = world.integration()
    run = schedule.open_run(integration, now=database_now(), fetches=False)
    pipeline.advance(run.pk, now=database_now())
    Integration.objects.update(format_attempts=5)
    assert pipeline.format_files(integration.pk, now=database_now()) == []
    assert Run.objects.get().state == "failed"
    assert Problem.objects.get().code == "INTERNAL"
    assert sync(integration).run.state == "done"


def test_a_mapping_that_was_never_published_is_named(world):
    integration = world.integration()
    integration.mapping.versions.all().delete()
    result = sync(integration).as_object()
    assert (result["state"], [problem["code"] for problem in result["problems"]]) == ("failed", ["MAP_NOT_PUBLISHED"])
