"""Replay runs without a server: in bulk, cancelled on the way, resumed after a crash, told why something is left."""

from datetime import timedelta

import pytest

from connector import pipeline
from connector.replay import cancel_run, progress_of, rehearse, start_replay
from connector.replay.cancelling import RunNotCancellable
from connector.steps.format import build_files
from core import leases, runs
from core.clock import database_now
from core.errors import Invalid
from core.models import Event, Export, File, Integration, Problem, ReplayItem, ReplayMode, Run
from tests.connector.replaying import chosen, delivered_invoices
from tests.factories import (
    ExportFactory,
    IntegrationFactory,
    RecordFactory,
    RunFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def integration():
    return IntegrationFactory(file_name="{sequence:04d}.csv")


def started(*exports, **details):
    """Start a replay and bring it to where its files are built."""
    details = {"mode": ReplayMode.MAP_AGAIN, "reason": "again", **details}
    (run,) = start_replay(chosen(*exports), now=database_now(), **details)
    return pipeline.advance(run.pk, now=database_now())


def formatted(run):
    """Let the files of a run be built."""
    pipeline.format_files(run.integration_id, now=database_now())
    run.refresh_from_db()
    return list(File.objects.filter(run=run).order_by("pk"))


def states(run):
    return sorted(run.exports.values_list("state", flat=True))


def test_a_bulk_replay_makes_its_children_in_pieces_and_one_file(integration):
    exports = delivered_invoices(integration, count=7)
    run = started(*exports)
    assert (ReplayItem.objects.count(), run.exports.count()) == (7, 0)
    (file,) = formatted(run)
    assert (file.record_count, file.state, ReplayItem.objects.count()) == (7, "ready", 0)
    assert [child.replay_of for child in run.exports.order_by("pk")] == exports


def test_each_integration_gets_a_run_of_its_own(integration):
    other = IntegrationFactory(tenant=integration.tenant)
    exports = delivered_invoices(integration) + delivered_invoices(other)
    made = start_replay(chosen(*exports), mode=ReplayMode.MAP_AGAIN, reason="again", now=database_now())
    assert {run.integration for run in made} == {integration, other}
    assert {run.trigger for run in made} == {"replay"}
    assert len({run.replay_request for run in made}) == 1


def test_progress_counts_what_is_not_made_yet(integration):
    run = started(*delivered_invoices(integration, count=4))
    assert (progress_of(run, now=database_now()).total, progress_of(run, now=database_now()).percent) == (4, 0)
    formatted(run)
    run.exports.filter(pk__in=run.exports.values("pk")[:1]).update(state="delivered")
    found = progress_of(run, now=run.started_at + timedelta(minutes=2))
    assert (found.total, found.done, found.percent, found.per_minute) == (4, 1, 25, 0.5)
    assert found.left == timedelta(minutes=6)


def test_a_replay_is_cancelled_before_its_children_are_made(integration):
    run = started(*delivered_invoices(integration, count=3))
    cancel_run(run, actor="ada", reason="Wrong filter", now=database_now())
    assert (run.state, ReplayItem.objects.count(), formatted(run)) == ("cancelled", 0, [])
    asked = Event.objects.get(event="run.cancel_asked")
    assert (asked.actor, asked.detail["why"]) == ("ada", "Wrong filter")


def test_a_cancelled_replay_takes_back_files_that_are_not_under_way(integration):
    run = started(*delivered_invoices(integration, count=2))
    (file,) = formatted(run)
    cancel_run(run, reason="Wrong filter", now=database_now())
    file.refresh_from_db()
    assert (file.state, states(run)) == ("cancelled", ["cancelled", "cancelled"])


def test_a_file_under_way_is_not_taken_back(integration):
    run = started(*delivered_invoices(integration))
    formatted(run)
    File.objects.filter(run=run).update(state="uploading")
    cancel_run(run, reason="Too late", now=database_now())
    assert (File.objects.get(run=run).state, states(run)) == ("uploading", ["formatted"])


def test_a_builder_notices_that_its_run_was_cancelled(integration):
    run = started(*delivered_invoices(integration, count=2))
    stale = Run.objects.get(pk=run.pk)
    cancel_run(run, reason="Stop", now=database_now())
    lease = leases.claim(Integration, integration.pk)
    loaded = pipeline.load_integration(integration.pk)
    assert build_files(loaded, lease, [stale], now=database_now()) == []


def test_what_a_builder_left_of_a_cancelled_replay_never_goes_out(integration):
    run = started(*delivered_invoices(integration, count=2))
    (file,) = formatted(run)
    File.objects.filter(pk=file.pk).update(state="building")
    Run.objects.filter(pk=run.pk).update(state="cancelled")
    later = runs.open_run(integration, trigger="manual", fetches=False, now=database_now())
    pipeline.advance(later.pk, now=database_now())
    assert formatted(later) == []
    assert states(run) == ["cancelled", "cancelled"]


def test_a_run_that_is_no_replay_leaves_what_waits_to_the_next_one(integration):
    waiting = ExportFactory(integration=integration, state="pending")
    run = RunFactory(integration=integration, state="formatting", finished_at=None)
    cancel_run(run, reason="Not now", now=database_now())
    waiting.refresh_from_db()
    assert (run.state, waiting.state) == ("cancelled", "pending")
    delivering = RunFactory(integration=integration, state="delivering")
    for late in (delivering, run):
        with pytest.raises(RunNotCancellable):
            cancel_run(late, reason="Not now", now=database_now())
    with pytest.raises(Invalid, match="needs a reason"):
        cancel_run(delivering, reason=" ", now=database_now())


def test_a_builder_that_died_is_followed_by_one_that_builds_the_replay_anew(integration):
    exports = delivered_invoices(integration, count=2)
    run = started(*exports)
    (file,) = formatted(run)
    File.objects.filter(pk=file.pk).update(state="building")
    Run.objects.filter(pk=run.pk).update(state="formatting")
    abandoned, rebuilt = formatted(run)
    assert (abandoned.state, rebuilt.state, rebuilt.record_count) == ("cancelled", "ready", 2)
    assert {child.file for child in run.exports.all()} == {rebuilt}


def test_a_mapping_without_a_version_ends_the_replay_with_its_reason(integration):
    run = started(*delivered_invoices(integration))
    Export.objects.update(mapping_version=None)
    integration.mapping.versions.all().delete()
    formatted(run)
    assert (run.state, ReplayItem.objects.count()) == ("failed", 0)
    (child,) = run.exports.all()
    assert (child.state, child.problem_code) == ("failed", "MAP_NOT_PUBLISHED")


def test_another_version_that_overtook_the_replay_is_named(integration):
    (export,) = delivered_invoices(integration)
    run = started(export)
    newer = RecordFactory(organisation=integration.organisation, xero_id=export.xero_id, version=2, is_latest=False)
    ExportFactory(integration=integration, record=newer, state="formatted")
    formatted(run)
    child = run.exports.get()
    assert (child.state, child.problem_code) == ("failed", "REPLAY_IN_FLIGHT")
    assert Problem.objects.get(export=child).next_step == "Replay it when that one has ended."


def test_values_of_several_versions_go_into_a_file_for_each(integration):
    first, second = delivered_invoices(integration, count=2)
    version = integration.mapping.versions.get()
    other = integration.mapping.versions.create(number=2, definition=version.definition, sha256="1" * 64)
    Export.objects.filter(pk=first.pk).update(mapping_version=version)
    Export.objects.filter(pk=second.pk).update(mapping_version=other)
    run = started(first, second, mode=ReplayMode.NEW_ENVELOPE)
    assert [file.mapping_version for file in formatted(run)] == [version, other]


def test_a_purged_pinned_version_fails_alone(integration):
    good, bad = delivered_invoices(integration, count=2)
    pinned = RecordFactory(organisation=integration.organisation, stream="contacts", payload=b"{}")
    pinned.__class__.objects.filter(pk=pinned.pk).update(payload=None)
    bad.content.joined = [pinned.pk]
    bad.content.save()
    run = started(good, bad, mode=ReplayMode.NEW_ENVELOPE)
    formatted(run)
    found = dict(run.exports.values_list("replay_of", "problem_code"))
    assert found == {good.pk: "", bad.pk: "RECORD_PURGED"}


def test_a_file_that_does_not_add_up_is_not_sent_again(integration):
    (export,) = delivered_invoices(integration)
    run = started(export, mode=ReplayMode.SAME_BYTES)
    (copy,) = formatted(run)
    child = run.exports.get()
    assert (copy.state, child.state, child.problem_code) == ("cancelled", "failed", "FILE_INCOMPLETE")


def test_a_rehearsal_shows_the_files_and_keeps_nothing(integration):
    good, bad = delivered_invoices(integration, count=2)
    bad.record.__class__.objects.filter(pk=bad.record_id).update(payload=b"not JSON")
    found = rehearse(chosen(good, bad), mode=ReplayMode.MAP_AGAIN, now=database_now())
    assert [(file["name"], file["state"], file["records"]) for file in found.files] == [("0001.csv", "dry_run", 1)]
    assert [(item["number"], item["state"]) for item in found.left] == [(bad.number, "failed")]
    assert (Run.objects.count(), File.objects.count(), Export.objects.count()) == (0, 2, 2)
    assert Integration.objects.get().file_sequence == 0
