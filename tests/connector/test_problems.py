"""Problems in people's hands: resolved, ignored, assigned, commented on, each once and with its actor."""

import pytest

from connector.problems import assign_problems, comment_problem, ignore_problems, resolve_problems
from core.clock import database_now
from core.errors import Invalid
from core.models import Event, Problem
from tests.factories import ExportFactory, ProblemFactory, TenantAccessFactory, UserFactory

pytestmark = pytest.mark.django_db
now = database_now


def test_a_resolved_problem_has_its_comment_and_its_actor():
    problem, ada = ProblemFactory(), UserFactory(username="ada")
    assert resolve_problems(Problem.objects.all(), actor=ada, comment="Key replaced", now=now()) == 1
    problem.refresh_from_db()
    assert (problem.state, problem.ended_at is not None) == ("resolved", True)
    assert problem.comment.endswith("UTC ada: Key replaced")
    event = Event.objects.get(event="problem.resolved")
    assert (event.actor, event.tenant_id, event.detail["code"]) == ("ada", problem.tenant_id, problem.code)


def test_ending_twice_is_one_ending():
    ProblemFactory()
    assert resolve_problems(Problem.objects.all(), now=now()) == 1
    assert resolve_problems(Problem.objects.all(), now=now()) == 0
    assert ignore_problems(Problem.objects.all(), reason="Again", now=now()) == 0
    assert Event.objects.count() == 1


def test_ignoring_a_problem_leaves_its_record_out():
    failed = ExportFactory(state="failed")
    problem = ProblemFactory(tenant=failed.tenant, subject=f"export:{failed.pk}", export=failed)
    assert ignore_problems(Problem.objects.all(), actor="ada", reason="A test invoice", now=now()) == 1
    failed.refresh_from_db()
    problem.refresh_from_db()
    assert (problem.state, failed.state) == ("ignored", "ignored")
    assert set(Event.objects.values_list("event", "actor")) == {("problem.ignored", "ada"), ("export.ignored", "ada")}


def test_resolving_a_problem_leaves_its_record_as_it_is():
    failed = ExportFactory(state="failed")
    ProblemFactory(tenant=failed.tenant, subject=f"export:{failed.pk}", export=failed)
    resolve_problems(Problem.objects.all(), now=now())
    failed.refresh_from_db()
    assert failed.state == "failed"


def test_ignoring_needs_a_reason():
    ProblemFactory()
    with pytest.raises(Invalid, match="needs a reason"):
        ignore_problems(Problem.objects.all(), reason="  ", now=now())
    assert Problem.objects.get().state == "open"


def test_a_problem_is_assigned_to_somebody_of_its_tenant_only():
    problem = ProblemFactory()
    bob, eve = UserFactory(username="bob"), UserFactory(username="eve")
    TenantAccessFactory(user=bob, tenant=problem.tenant)
    TenantAccessFactory(user=eve)
    with pytest.raises(Invalid, match="eve does not work for this tenant"):
        assign_problems(Problem.objects.all(), to=eve, now=now())
    assert assign_problems(Problem.objects.all(), to=bob, actor=eve, now=now()) == 1
    assert Problem.objects.get().assignee == bob
    event = Event.objects.get(event="problem.assigned")
    assert (event.actor, event.detail["to"]) == ("eve", "bob")


def test_an_assignment_is_taken_back_and_the_same_again_says_nothing():
    problem = ProblemFactory(assignee=UserFactory())
    assert assign_problems(Problem.objects.all(), to=None, now=now()) == 1
    assert assign_problems(Problem.objects.all(), to=None, now=now()) == 0
    problem.refresh_from_db()
    assert problem.assignee is None


def test_comments_pile_up_with_their_names():
    problem = ProblemFactory()
    comment_problem(problem, text="Called them", actor="ada", now=now())
    comment_problem(problem, text="They look into it", actor="bob", now=now())
    first, second = Problem.objects.get().comment.splitlines()
    assert (first.endswith("UTC ada: Called them"), second.endswith("UTC bob: They look into it")) == (True, True)
    assert Event.objects.filter(event="problem.commented").count() == 2
    with pytest.raises(Invalid, match="A comment needs words"):
        comment_problem(problem, text="", now=now())
