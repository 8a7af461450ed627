"""What waits for a person: sent, left out, let go, cancelled, or vouched for, each once and with its reason."""

import pytest

from connector import pipeline
from connector.holds import (
    ServerOnHold,
    approve_exports,
    cancel_files,
    deliver_files_by_hand,
    ignore_exports,
    release_files,
)
from connector.sync import carry_out, sync
from core.clock import database_now
from core.errors import Invalid
from core.models import Event, Export, File, Integration, Problem, Record, Run, Server
from tests.connector.replaying import stored_invoice
from tests.factories import ExportFactory, FileFactory, IntegrationFactory, ProblemFactory, UserFactory
from tests.outbox_files import sealed_file, states_of
from tests.world import open_world

now = database_now


@pytest.fixture
def integration(db):
    return IntegrationFactory()


def held_file(integration, **fields):
    """Make a held file of three exports, with its problem."""
    file, _ = sealed_file(integration, **fields)
    File.objects.filter(pk=file.pk).update(state="held", problem_code="SFTP_NAME_TAKEN", next_attempt_at=None)
    ProblemFactory(tenant=integration.tenant, subject=f"file:{file.pk}", file=file, code="SFTP_NAME_TAKEN")
    return file


def events(name):
    return list(Event.objects.filter(event=name).order_by("pk"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("setting", "action"), [("on_change", "change"), ("on_void", "cancel")])
def test_an_approved_change_or_cancellation_goes_out(settings, tmp_path, setting, action):
    with open_world(settings, tmp_path, invoices=0, contacts=1, manual_journals=0) as world:
        integration = world.integration(**{setting: "hold"})
        invoice = world.xero.create_invoice(Status="AUTHORISED")
        sync(integration)
        if setting == "on_change":
            world.xero.update_invoice(invoice["InvoiceID"], Date="2026-10-01")
        else:
            world.xero.void_invoice(invoice["InvoiceID"])
        sync(integration)
        (run,) = approve_exports(Export.objects.all(), actor="ada", reason="Agreed by phone", now=now())
        assert carry_out(run).run.state == "done"
        assert action in world.outbound[1].read_text()
    assert [(event.actor, event.detail["why"]) for event in events("export.approved")] == [("ada", "Agreed by phone")]
    assert not Problem.objects.filter(state="open").exists()


def test_an_approval_takes_nothing_along_and_works_while_the_integration_is_paused(integration):
    Integration.objects.update(is_enabled=False)
    held = ExportFactory(integration=integration, state="held", record=stored_invoice(integration, "INV-1"))
    waits = ExportFactory(integration=integration, state="pending", record=stored_invoice(integration, "INV-2"))
    (run,) = approve_exports(Export.objects.all(), now=now())
    pipeline.advance(run.pk, now=now())
    (file,) = pipeline.format_files(integration.pk, now=now())
    assert list(file.exports.all()) == [held]
    waits.refresh_from_db()
    assert (waits.state, file.run, run.trigger) == ("pending", run, "approval")


def test_approving_twice_opens_one_run(integration):
    ExportFactory(integration=integration, state="held")
    assert len(approve_exports(Export.objects.all(), now=now())) == 1
    assert approve_exports(Export.objects.all(), now=now()) == []
    assert Run.objects.count() == 1


def test_an_approved_export_behind_another_version_waits_in_the_usual_way(integration):
    first = ExportFactory(integration=integration, state="formatted")
    Record.objects.update(is_latest=False)
    newer = stored_invoice(integration, version=2, xero_id=first.xero_id)
    held = ExportFactory(integration=integration, state="held", record=newer)
    (run,) = approve_exports(Export.objects.all(), now=now())
    pipeline.advance(run.pk, now=now())
    assert pipeline.format_files(integration.pk, now=now()) == []
    held.refresh_from_db()
    assert (held.state, held.run, held.is_approved) == ("pending", None, True)


@pytest.mark.parametrize("state", ["held", "failed"])
def test_what_is_ignored_is_left_out_with_its_problem(integration, state):
    export = ExportFactory(integration=integration, state=state)
    problem = ProblemFactory(tenant=integration.tenant, subject=f"export:{export.pk}", export=export)
    ada = UserFactory(username="ada")
    assert ignore_exports(Export.objects.all(), actor=ada, reason="Paid by card", now=now()) == 1
    export.refresh_from_db()
    problem.refresh_from_db()
    assert (export.state, export.sentence, problem.state) == ("ignored", "Ignored: Paid by card", "ignored")
    (event,) = events("export.ignored")
    assert (event.actor, event.export_id, event.detail["was"]) == ("ada", export.pk, state)


def test_what_waits_or_arrived_is_not_ignored(integration):
    for state in ("pending", "formatted", "delivered"):
        ExportFactory(integration=integration, state=state)
    assert ignore_exports(Export.objects.all(), reason="All of it", now=now()) == 0
    with pytest.raises(Invalid, match="needs a reason"):
        ignore_exports(Export.objects.all(), reason="", now=now())


def test_a_released_file_goes_on_from_where_it_was(integration):
    fresh, begun = held_file(integration, name="a.csv"), held_file(integration, name="b.csv")
    File.objects.filter(pk=begun.pk).update(temp_name=".b.csv.1.tmp")
    released = release_files(File.objects.all(), actor="ada", reason="Old file is gone", now=now())
    assert released == [fresh, begun]
    assert (states_of(fresh)[0], states_of(begun)[0]) == ("ready", "publishing")
    assert not Problem.objects.filter(state="open").exists()
    assert {(event.actor, event.detail["code"]) for event in events("file.released")} == {("ada", "SFTP_NAME_TAKEN")}


def test_a_file_is_not_let_go_to_a_server_on_hold(integration):
    file = held_file(integration)
    Server.objects.update(hold_code="SFTP_HOSTKEY_CHANGED")
    with pytest.raises(ServerOnHold, match="SFTP_HOSTKEY_CHANGED"):
        release_files(File.objects.all(), reason="Try", now=now())
    assert states_of(file)[0] == "held"


def test_a_cancelled_file_and_its_exports_stay_with_what_they_held(integration):
    file = held_file(integration)
    assert cancel_files(File.objects.all(), actor="ada", reason="Sent by e-mail", now=now()) == [file]
    assert states_of(file) == ("cancelled", {"cancelled"})
    assert file.contents.count() == 3
    assert set(file.exports.values_list("sentence", flat=True)) == {"Its file was cancelled: Sent by e-mail"}
    assert events("file.cancelled")[0].detail["was"] == "held"


def test_files_under_way_and_ended_ones_are_left_alone(integration):
    for state in ("uploading", "publishing", "delivered", "failed"):
        FileFactory(integration=integration, state=state)
    for decide in (cancel_files, release_files, deliver_files_by_hand):
        assert decide(File.objects.all(), reason="All of it", now=now()) == []


def test_a_person_vouches_for_a_file_that_the_partner_has(integration):
    file = held_file(integration)
    assert deliver_files_by_hand(File.objects.all(), actor="ada", reason="They confirmed it", now=now()) == [file]
    assert states_of(file) == ("delivered", {"delivered"})
    assert (file.evidence, file.delivered_at is not None) == ("by hand", True)
    (event,) = events("file.delivered")
    assert (event.actor, event.detail["why"], event.detail["evidence"]) == ("ada", "They confirmed it", "by hand")
    with pytest.raises(Invalid, match="needs a reason"):
        deliver_files_by_hand(File.objects.all(), reason=" ", now=now())


def test_a_file_delivered_by_hand_is_answered_like_any_other(integration):
    integration.partner.acks = {"want": "997"}
    integration.partner.save()
    file = held_file(integration, interchange_number="7")
    deliver_files_by_hand(File.objects.all(), reason="They confirmed it", now=now())
    file.refresh_from_db()
    assert file.ack_outcome == "awaited"
