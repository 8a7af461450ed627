"""Decisions: said why, done once, refused politely, and only by whoever may."""

import uuid

import pytest
from django.urls import reverse

from core.models import Event, Export, File, Integration, Problem, Role, Run, RunTrigger, Server, TenantAccess
from core.states import ExportState, FileState, RunState
from tests import factories


def press(client, row, action, **posted):
    address = reverse(f"admin:core_{row._meta.model_name}_{action}", args=[row.pk])
    return client.post(address, {"_form_submitted": "True", "request_id": uuid.uuid4(), **posted})


@pytest.fixture
def failed(ours):
    """Make a record of ours that failed, with its problem."""
    export = factories.ExportFactory(integration=ours[Integration], state=ExportState.FAILED)
    factories.ProblemFactory(tenant=ours.tenant, export=export, code="MAP_TOO_LONG", integration=ours[Integration])
    return export


@pytest.fixture
def held(ours):
    return factories.ExportFactory(integration=ours[Integration], state=ExportState.HELD)


def state_of(row):
    return type(row).objects.get(pk=row.pk).state


def test_a_held_record_goes_out_with_a_run_of_its_own(signed_in, held):
    client = signed_in(Role.OPERATOR)
    assert press(client, held, "approve", reason="checked by phone")["HX-Redirect"]
    run = Run.objects.get(trigger=RunTrigger.APPROVAL)
    assert run.requested_by == client.person
    assert Export.objects.get(pk=held.pk).is_approved


def test_an_ignored_record_ends_with_its_problem_and_a_reason(signed_in, failed):
    problem = failed.problems.get()
    press(signed_in(Role.OPERATOR), problem, "ignore", reason="sent by mail")
    assert state_of(failed) == ExportState.IGNORED
    assert state_of(problem) == "ignored"


@pytest.mark.parametrize(("fixture", "action"), [("held", "approve"), ("failed", "ignore")])
def test_nothing_is_decided_without_a_reason(fixture, action, signed_in, request):
    row = request.getfixturevalue(fixture)
    before = state_of(row)
    assert "HX-Redirect" not in press(signed_in(Role.OPERATOR), row, action, reason="  ").headers
    assert state_of(row) == before


def test_what_is_not_on_hold_is_not_decided(signed_in, failed):
    assert press(signed_in(Role.OPERATOR), failed, "approve", reason="x").status_code == 403


FILE_DECISIONS = [
    ("release", FileState.READY),
    ("cancel", FileState.CANCELLED),
    ("deliver_by_hand", FileState.DELIVERED),
]


@pytest.mark.parametrize(("action", "becomes"), FILE_DECISIONS)
def test_a_held_file_is_decided_about(action, becomes, signed_in, ours):
    file = factories.FileFactory(integration=ours[Integration], state=FileState.HELD, sha256="0" * 64)
    press(signed_in(Role.OPERATOR), file, action, reason="spoke to the partner")
    assert state_of(file) == becomes


def test_a_file_whose_server_is_on_hold_says_so_in_the_dialog(signed_in, ours):
    Server.objects.update(hold_code="SFTP_AUTH")
    file = factories.FileFactory(integration=ours[Integration], state=FileState.HELD, sha256="0" * 64)
    answer = press(signed_in(Role.OPERATOR), file, "release", reason="try")
    assert "on hold (SFTP_AUTH)" in answer.content.decode()


def test_a_run_under_way_is_cancelled(signed_in, ours):
    run = factories.RunFactory(integration=ours[Integration], state=RunState.DUE, finished_at=None)
    press(signed_in(Role.OPERATOR), run, "cancel", reason="wrong day")
    assert state_of(run) == RunState.CANCELLED
    assert press(signed_in(Role.OPERATOR), run, "cancel", reason="again").status_code == 403


def test_a_problem_is_assigned_commented_and_resolved(signed_in, ours):
    client, problem = signed_in(Role.OPERATOR), ours[Problem]
    person = ours[TenantAccess].user
    press(client, problem, "assign", person=person.pk)
    press(client, problem, "comment", comment="<b>called them</b>")
    page = client.get(reverse("admin:core_problem_change", args=[problem.pk])).content.decode()
    assert "&lt;b&gt;called them&lt;/b&gt;" in page
    press(client, problem, "resolve", comment="")
    problem.refresh_from_db()
    assert (problem.state, problem.assignee) == ("resolved", person)
    assert Event.objects.filter(actor=client.person.username, event__startswith="problem.").count() >= 3


def test_a_problem_is_not_given_to_somebody_of_another_tenant(signed_in, ours, theirs):
    problem = ours[Problem]
    press(signed_in(Role.OPERATOR), problem, "assign", person=theirs[TenantAccess].user.pk)
    problem.refresh_from_db()
    assert problem.assignee is None


def test_a_viewer_decides_nothing_and_sees_no_button(signed_in, held, ours):
    client = signed_in(Role.VIEWER)
    for row, actions in ((held, ("approve", "ignore")), (ours[Problem], ("resolve", "assign"))):
        page = client.get(reverse(f"admin:core_{row._meta.model_name}_change", args=[row.pk])).content.decode()
        for action in actions:
            assert reverse(f"admin:core_{row._meta.model_name}_{action}", args=[row.pk]) not in page
            assert press(client, row, action, reason="x").status_code == 403
    assert File.objects.filter(state=FileState.CANCELLED).count() == 0


def test_a_problem_leads_to_where_it_is_dealt_with_and_a_viewer_only_to_what_may_be_seen(signed_in, failed, ours):
    problem = failed.problems.get()
    address = reverse("admin:core_problem_change", args=[problem.pk])
    editor = reverse("admin:core_mapping_editor", args=[ours[Integration].mapping_id])
    replay = reverse("admin:core_export_replay", args=[failed.pk])
    shown = {role: signed_in(role).get(address).content.decode() for role in (Role.INTEGRATOR, Role.VIEWER)}
    assert [link in shown[Role.INTEGRATOR] for link in (editor, replay)] == [True, True]
    assert [link in shown[Role.VIEWER] for link in (editor, replay)] == [False, False]
