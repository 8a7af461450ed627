"""Who is told of what: every problem once, by each rule that wants it, together and not too often."""

from datetime import timedelta

import pytest

from core import problems, telling
from core.clock import database_now
from core.models import AlertItem, AlertMessage, AlertRule, Problem, ProblemState, Told
from core.states import AlertState
from tests.connector.alerts.conftest import trouble, works_again
from tests.factories import AlertRuleFactory, IntegrationFactory, PartnerFactory, ServerFactory, TenantFactory

pytestmark = pytest.mark.django_db
MINUTES_16 = timedelta(minutes=16)


@pytest.fixture
def tenant():
    return TenantFactory(slug="harbor")


@pytest.fixture
def rule(tenant):
    return AlertRuleFactory(tenant=tenant)


def look(*, later=timedelta(0)):
    """Look for what has to be told, as every sweep does, and take what was made as sent."""
    telling.note_problems()
    telling.compose_messages(now=database_now() + later)
    made = list(AlertMessage.objects.filter(state=AlertState.PENDING).order_by("pk"))
    AlertMessage.objects.update(state=AlertState.SENT)
    return [message.content for message in made]


def told(contents, kind="opened"):
    return [(group["code"], group["count"]) for content in contents for group in content[kind]["groups"]]


def test_a_problem_is_told_once_however_often_it_is_seen(tenant, rule):
    for _ in range(3):
        trouble(tenant)
        trouble(tenant)
    assert told(look()) == [("SFTP_AUTH", 1)]
    trouble(tenant)
    assert look(later=MINUTES_16) == []


def test_each_rule_is_told_of_its_own(tenant):
    AlertRuleFactory(tenant=tenant, codes=["SFTP_*"])
    AlertRuleFactory(tenant=tenant, codes=["XERO_AUTH_EXPIRED"])
    AlertRuleFactory(tenant=tenant, is_enabled=False)
    AlertRuleFactory()
    trouble(tenant)
    trouble(tenant, code="XERO_AUTH_EXPIRED", subject="grant:1")
    trouble(tenant, code="XERO_AUTH_EXPIRED_SOON", subject="grant:2")
    assert sorted(told(look())) == [("SFTP_AUTH", 1), ("XERO_AUTH_EXPIRED", 1)]


def test_what_comes_within_the_quarter_of_an_hour_goes_together(tenant, rule):
    trouble(tenant)
    assert len(look()) == 1
    integration = IntegrationFactory(tenant=tenant)
    for number in range(14):
        trouble(tenant, code="MAP_TOO_LONG", subject=f"export:{number}", integration_id=integration.pk)
    trouble(tenant, code="ACK_OVERDUE", subject="file:1")
    assert look(later=timedelta(minutes=14)) == []
    contents = look(later=MINUTES_16)
    assert (len(contents), told(contents)) == (1, [("MAP_TOO_LONG", 14), ("ACK_OVERDUE", 1)])
    (grouped, _) = contents[0]["opened"]["groups"]
    assert grouped["integration"] == integration.name


def test_trouble_that_is_over_is_told_once(tenant, rule):
    trouble(tenant)
    look()
    works_again(tenant)
    contents = look(later=MINUTES_16)
    assert (told(contents), told(contents, "ended")) == ([], [("SFTP_AUTH", 1)])
    assert look(later=2 * MINUTES_16) == []


def test_trouble_that_comes_back_is_told_again(tenant, rule):
    for number in range(3):
        trouble(tenant)
        assert told(look(later=number * 2 * MINUTES_16)) == [("SFTP_AUTH", 1)]
        works_again(tenant)
        assert told(look(later=(number * 2 + 1) * MINUTES_16), "ended") == [("SFTP_AUTH", 1)]


def test_trouble_that_was_over_before_the_message_is_only_called_over(tenant, rule):
    trouble(tenant, subject="server:other")
    look()
    trouble(tenant)
    telling.note_problems()
    works_again(tenant)
    contents = look(later=MINUTES_16)
    assert (told(contents), told(contents, "ended")) == ([], [("SFTP_AUTH", 1)])


def test_a_rule_may_be_silent_about_what_is_over(tenant):
    AlertRuleFactory(tenant=tenant, tells_recovered=False)
    trouble(tenant)
    look()
    works_again(tenant)
    assert look(later=MINUTES_16) == []


def test_what_a_person_ignored_is_not_called_over(tenant, rule):
    trouble(tenant)
    look()
    problems.ignore(tenant.pk, ["server:erp"], now=database_now())
    assert look(later=MINUTES_16) == []
    assert Problem.objects.get().told == Told.ENDED


def test_without_rules_nothing_piles_up_and_a_new_rule_is_not_flooded(tenant):
    for number in range(3):
        trouble(tenant, subject=f"server:{number}")
    assert look() == []
    AlertRuleFactory(tenant=tenant)
    assert look(later=MINUTES_16) == []
    trouble(tenant)
    assert told(look(later=MINUTES_16)) == [("SFTP_AUTH", 1)]


def test_a_rule_about_integrations_hears_of_what_they_stand_on(tenant):
    mine, other = IntegrationFactory(tenant=tenant), IntegrationFactory(tenant=tenant)
    test_server = ServerFactory(tenant=tenant)
    mine.partner.test_server = test_server
    mine.partner.save()
    AlertRuleFactory(tenant=tenant, integrations=[mine.name])
    links = {
        "A": {"integration_id": mine.pk},
        "B": {"partner_id": mine.partner_id},
        "C": {"server_id": mine.partner.server_id},
        "D": {"server_id": test_server.pk},
        "E": {"organisation_id": mine.organisation_id},
        "F": {},
        "no-1": {"integration_id": other.pk},
        "no-2": {"integration_id": other.pk, "server_id": mine.partner.server_id},
        "no-3": {"partner_id": PartnerFactory(tenant=tenant).pk},
        "no-4": {"organisation_id": other.organisation_id},
    }
    for code, found in links.items():
        trouble(tenant, code=code, subject=code, **found)
    assert [code for code, _ in told(look())] == ["A", "B", "C", "D", "E", "F"]


def test_nobody_is_told_by_the_rule_that_does_not_work(tenant, rule):
    second = AlertRuleFactory(tenant=tenant)
    trouble(tenant, code="ALERT_NOT_SENT", subject=telling.subject(rule.pk))
    look()
    assert AlertItem.objects.get().rule_id == second.pk


def test_one_message_at_most_is_on_its_way(tenant, rule):
    trouble(tenant)
    telling.note_problems()
    telling.compose_messages(now=database_now())
    trouble(tenant, code="ACK_OVERDUE", subject="file:1")
    telling.note_problems()
    assert telling.compose_messages(now=database_now() + MINUTES_16) == 0
    assert told(look()) == [("SFTP_AUTH", 1)]
    assert told(look(later=MINUTES_16)) == [("ACK_OVERDUE", 1)]


def test_a_look_that_saw_the_same_as_another_one_tells_nothing_twice(tenant, rule):
    trouble(tenant)
    telling.note_problems()
    Problem.objects.update(told=Told.NEW)
    telling.note_problems()
    stale = AlertRule.objects.get()
    now = database_now()
    assert telling._compose(stale, now)
    assert not telling._compose(stale, now)
    assert (AlertItem.objects.count(), AlertMessage.objects.count()) == (1, 1)


def test_many_problems_make_one_message_that_names_some_and_counts_the_rest(tenant, rule):
    for number in range(telling.MOST_GROUPS + 7):
        trouble(tenant, code=f"CODE_{number:03d}", subject=f"thing:{number}")
    ((content,),) = [look()]
    part = content["opened"]
    assert (part["count"], len(part["groups"]), part["more"]) == (27, 20, 7)


def test_a_thousand_problems_cost_a_bounded_number_of_queries(tenant, rule, django_assert_max_num_queries):
    fresh = [
        Problem(tenant=tenant, code="MAP_TOO_LONG", subject=f"export:{number}", sentence="Too long.")
        for number in range(1000)
    ]
    Problem.objects.bulk_create(fresh)
    with django_assert_max_num_queries(50):
        contents = look()
    assert told(contents) == [("MAP_TOO_LONG", 1000)]
    assert not Problem.objects.exclude(told=Told.OPENED).exists()
    assert Problem.objects.filter(state=ProblemState.OPEN).count() == 1000
