"""Replays through the whole pipeline: each mode sends what it says, once, in a file of its own run."""

import csv
import io
import uuid

import pytest

from connector import pipeline
from connector.replay import ReplayRefused, start_replay
from connector.sync import sync
from core.clock import database_now
from core.errors import Invalid
from core.models import Event, Export, File, Integration, MappingVersion, Problem, ReplayItem, ReplayMode, Run
from tests.connector.replaying import chosen, newest, replay, send
from tests.factories import MappingVersionFactory, UserFactory, save_table
from tests.world import open_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(settings, tmp_path):
    settings.RETRY_SECONDS = 60
    with open_world(settings, tmp_path, invoices=0, contacts=3, manual_journals=0) as world:
        yield world


def rows(path):
    return list(csv.DictReader(io.StringIO(path.read_text())))


def taken(world):
    """Let the partner take what is in its folder; give the bytes by name."""
    found = {path.name: path.read_bytes() for path in world.outbound}
    for path in world.outbound:
        path.unlink()
    return found


def test_the_same_bytes_go_out_under_the_same_name_when_the_partner_took_the_file(world):
    exports = send(world, world.integration(), count=3)
    before = taken(world)
    (run,) = replay(exports[1], mode=ReplayMode.SAME_BYTES)
    assert (run.state, taken(world)) == ("done", before)
    copy, original = File.objects.get(run=run), exports[0].file
    assert (copy.replay_of, copy.sha256, copy.sequence) == (original, original.sha256, None)
    children = Export.objects.filter(run=run).order_by("pk")
    assert [child.replay_of for child in children] == exports
    assert {child.state for child in children} == {"delivered"}


PACKED = ("name", "compression", "size", "sha256", "plain_size", "plain_sha256")


def test_a_packed_file_goes_out_again_as_it_was_although_packing_was_switched_off(world):
    integration = world.integration(options={"delivery": {"gzip": True}})
    (export,) = send(world, integration)
    before = taken(world)
    Integration.objects.update(options={})
    (run,) = replay(export, mode=ReplayMode.SAME_BYTES)
    assert (run.state, taken(world)) == ("done", before)
    copy, original = File.objects.get(run=run), export.file
    assert [getattr(copy, name) for name in PACKED] == [getattr(original, name) for name in PACKED]
    assert copy.compression == "gzip"
    assert copy.plain_size


def test_the_same_bytes_are_held_where_the_old_file_still_lies(world):
    (export,) = send(world, world.integration())
    before = world.outbound[0].read_bytes()
    (run,) = replay(export, mode=ReplayMode.SAME_BYTES)
    copy = File.objects.get(run=run)
    assert (run.state, copy.state, copy.problem_code) == ("partly", "held", "SFTP_NAME_TAKEN")
    assert [path.read_bytes() for path in world.outbound] == [before]
    problem = Problem.objects.get(file=copy)
    assert (problem.state, "does not overwrite it" in problem.sentence) == ("open", True)


def test_a_new_envelope_keeps_values_action_and_sequence_whatever_changed_since(world):
    integration = world.integration(file_name="{sequence:03d}.csv")
    invoice = world.xero.create_invoice(Status="AUTHORISED", InvoiceNumber="INV-1")
    sync(integration)
    first = newest()[0]
    world.xero.update_contact(invoice["Contact"]["ContactID"], Name="A new name")
    fields = [{"name": "other", "source": "Total"}]
    MappingVersionFactory(mapping=integration.mapping, number=2, definition={"format": "csv", "fields": fields})
    (run,) = replay(first, mode=ReplayMode.NEW_ENVELOPE)
    assert run.state == "done"
    assert world.outbound[1].read_bytes() == world.outbound[0].read_bytes()
    assert [path.name for path in world.outbound] == ["001.csv", "002.csv"]
    child = newest()[0]
    assert child.mapping_version == first.mapping_version
    assert (child.content.sequence, child.content.action) == (first.content.sequence, "new")
    assert Integration.objects.get().export_sequence == 1


def test_a_new_envelope_keeps_looked_up_values_whatever_the_table_says_since(world):
    integration = world.integration(file_name="{sequence:03d}.csv")
    fields = [{"name": "kind", "source": "lookup('kinds', Type)"}]
    MappingVersionFactory(mapping=integration.mapping, number=2, definition={"format": "csv", "fields": fields})
    sent = []
    for value in ("first", "second"):
        save_table(integration.tenant, "kinds", {"ACCREC": value})
        sent += send(world, integration)
    save_table(integration.tenant, "kinds", {"ACCREC": "third"})
    before = [path.read_bytes() for path in world.outbound]
    replay(*sent, mode=ReplayMode.NEW_ENVELOPE)
    assert [path.read_bytes() for path in world.outbound] == before * 2
    made = File.objects.order_by("pk").values_list("lookup_versions", flat=True)
    assert list(made[2:]) == list(made[:2])
    assert len({tuple(versions) for versions in made}) == 2
    replay(*newest())
    assert b"third" in world.outbound[-1].read_bytes()


def test_mapping_again_uses_the_version_that_applies_now(world):
    integration = world.integration()
    (export,) = send(world, integration, InvoiceNumber="INV-1")
    fields = [{"name": "number", "source": "InvoiceNumber"}, {"name": "action", "source": "Export.Action"}]
    MappingVersionFactory(mapping=integration.mapping, number=2, definition={"format": "csv", "fields": fields})
    replay(export)
    assert rows(world.outbound[1]) == [{"number": "INV-1", "action": "change"}]


def test_mapping_again_uses_the_version_that_was_chosen(world):
    integration = world.integration()
    (export,) = send(world, integration)
    fields = [{"name": "number", "source": "InvoiceNumber"}]
    for number in (2, 3):
        definition = {"format": "csv", "fields": [{"name": f"v{number}", "source": "Total"}, *fields]}
        MappingVersionFactory(mapping=integration.mapping, number=number, definition=definition)
    replay(export, version=MappingVersion.objects.get(number=2))
    assert "v2" in rows(world.outbound[1])[0]
    assert newest()[0].mapping_version.number == 2


def test_reading_again_sends_what_xero_says_now_and_only_once(world):
    integration = world.integration(on_change="hold")
    invoice = world.xero.create_invoice(Status="AUTHORISED", Date="2026-05-01")
    sync(integration)
    first = newest()[0]
    world.xero.update_invoice(invoice["InvoiceID"], Date="2026-06-01")
    (run,) = replay(first, mode=ReplayMode.READ_AGAIN)
    assert run.state == "done"
    assert [(row["date"], row["action"]) for row in rows(world.outbound[1])] == [("2026-06-01", "change")]
    child = run.exports.get()
    assert (child.replay_of, child.record.version) == (first, 2)
    assert sync(integration).files == []
    assert Export.objects.filter(state__in=["pending", "held"]).count() == 0


def test_reading_again_reads_the_contact_too(world):
    integration = world.integration()
    invoice = world.xero.create_invoice(Status="AUTHORISED")
    sync(integration)
    world.xero.update_contact(invoice["Contact"]["ContactID"], Name="The right name")
    replay(newest()[0], mode=ReplayMode.READ_AGAIN)
    assert rows(world.outbound[1])[0]["contact"] == "The right name"


def test_what_cannot_be_read_again_is_not_sent_as_it_was(world):
    (export,) = send(world, world.integration())
    world.xero.books().offline = True
    (run,) = replay(export, mode=ReplayMode.READ_AGAIN)
    assert (run.state, len(world.outbound)) == ("fetching", 1)
    run.fetches.update(state="failed")
    assert pipeline.advance(run.pk, now=database_now()).state == "failed"
    assert (ReplayItem.objects.count(), run.exports.count()) == (0, 0)


def failing(world, integration):
    """Let one record fail, since its number is missing, and correct the mapping."""
    version = integration.mapping.versions.get()
    version.definition["fields"][0] |= {"required": True}
    version.save()
    send(world, integration, Type="ACCPAY", InvoiceNumber="")
    failed = Export.objects.get(state="failed")
    fields = [{"name": "id", "source": "InvoiceID"}, {"name": "action", "source": "Export.Action"}]
    MappingVersionFactory(mapping=integration.mapping, number=2, definition={"format": "csv", "fields": fields})
    return failed


def test_a_failed_record_is_mapped_again_and_gives_its_place_to_the_child(world):
    failed = failing(world, world.integration())
    (run,) = replay(failed, reason="Mapping corrected")
    failed.refresh_from_db()
    child = run.exports.get()
    assert (run.state, child.state, failed.state) == ("done", "delivered", "superseded")
    assert rows(world.outbound[0])[0]["id"] == failed.xero_id
    assert not Problem.objects.filter(state="open").exists()


def test_a_replay_that_fails_again_has_its_own_problem_and_can_be_replayed(world):
    failed = failing(world, world.integration())
    old = MappingVersion.objects.get(number=1)
    (run,) = replay(failed, version=old)
    child = run.exports.get()
    assert (run.state, child.state) == ("partly", "failed")
    assert Problem.objects.get(state="open").export == child
    (again,) = replay(child)
    assert again.exports.get().replay_number == 2


def test_a_double_click_is_one_replay(world):
    (export,) = send(world, world.integration())
    request = uuid.uuid4()
    first = replay(export, request_id=request)
    second = replay(export, request_id=request)
    assert first == second
    assert (Run.objects.filter(trigger="replay").count(), len(world.outbound)) == (1, 2)


def test_a_double_click_on_a_filter_that_is_empty_by_then_is_one_replay(world):
    failed = failing(world, world.integration())
    request, details = uuid.uuid4(), {"mode": ReplayMode.MAP_AGAIN, "reason": "again"}
    picked = Export.objects.filter(state="failed")
    first = start_replay(picked, request_id=request, now=database_now(), **details)
    failed.state = "ignored"
    failed.save()
    assert start_replay(picked, request_id=request, now=database_now(), **details) == first


@pytest.mark.parametrize("state", ["pending", "formatted"])
def test_nothing_is_replayed_while_it_is_on_its_way(world, state):
    (export,) = send(world, world.integration())
    Export.objects.update(state=state)
    with pytest.raises(ReplayRefused, match="1 is on the way to the partner already"):
        replay(export)


def test_what_a_replay_is_asked_for_already_is_on_its_way(world):
    (export,) = send(world, world.integration())
    start_replay(chosen(export), mode=ReplayMode.MAP_AGAIN, reason="first", now=database_now())
    with pytest.raises(ReplayRefused, match="on the way"):
        replay(export)


def test_a_replay_of_a_replay_keeps_the_chain(world):
    (export,) = send(world, world.integration())
    replay(export)
    (second,) = replay(newest()[0], reason="Lost again")
    grandchild = second.exports.get()
    assert (grandchild.replay_of.replay_of, grandchild.replay_number) == (export, 2)
    assert (grandchild.replay_reason, grandchild.replay_of.replay_number) == ("Lost again", 1)


def test_the_trail_says_who_replayed_what_and_why(world):
    (export,) = send(world, world.integration())
    ada = UserFactory(username="ada", is_superuser=True)
    (run,) = replay(export, reason="  Lost by the partner ", actor=ada)
    asked = Event.objects.get(event="replay.requested")
    made = Event.objects.get(event="export.replay")
    assert (asked.actor, asked.detail["why"], asked.detail["count"]) == ("ada", "Lost by the partner", 1)
    assert (made.actor, made.detail["of"], made.run_id) == ("ada", export.pk, run.pk)
    assert run.exports.get().requested_by == ada


def test_a_replay_needs_a_reason_and_a_version_of_its_own_mapping(world):
    (export,) = send(world, world.integration())
    with pytest.raises(Invalid, match="A replay needs a reason"):
        replay(export, reason="  ")
    other = MappingVersionFactory()
    with pytest.raises(Invalid, match="is no version of the mapping of"):
        replay(export, version=other)
    with pytest.raises(Invalid, match="Only what is mapped again"):
        replay(export, mode=ReplayMode.SAME_BYTES, version=other)
    assert not Run.objects.filter(trigger="replay").exists()


def test_a_replay_takes_nothing_along_that_waits_for_its_slot(world):
    integration = world.integration()
    (export,) = send(world, integration)
    world.xero.create_invoice(Status="AUTHORISED", InvoiceNumber="WAITS")
    sync(integration, dry_run=True)
    assert Export.objects.filter(state="pending").count() == 1
    replay(export)
    assert [row["invoice_no"] for row in rows(world.outbound[1])] == [export.number]
    assert Export.objects.get(state="pending").number == "WAITS"


def test_a_cancellation_is_replayed_as_a_cancellation(world):
    integration = world.integration()
    invoice = world.xero.create_invoice(Status="AUTHORISED")
    sync(integration)
    world.xero.void_invoice(invoice["InvoiceID"])
    sync(integration)
    replay(newest()[0])
    assert [row["action"] for row in rows(world.outbound[2])] == ["cancel"]


def test_a_filter_that_was_narrowed_since_cancels_nothing(world):
    (export,) = send(world, world.integration())
    Integration.objects.update(where={"expr": "Total > `1000000000`"})
    replay(export)
    assert [row["action"] for row in rows(world.outbound[1])] == ["change"]
