"""The doctor: what stands in the way is said in a sentence with a way out, and nothing is changed by looking."""

import base64
from datetime import timedelta

import pytest
import redis

from connector import schedule, tasks
from connector.celery import QUEUES
from connector.doctor import Standing, examine, installation, work
from core.clock import database_now
from core.models import AlertMessage, Event, Export, Integration
from tests.connector.commands.running import run, run_json
from tests.factories import (
    AlertRuleFactory,
    ExportFactory,
    FetchFactory,
    FileFactory,
    GrantFactory,
    IntegrationFactory,
    ProblemFactory,
    RunFactory,
    ServerFactory,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def said(checks, standing=None):
    """The sentences, of one standing or of all."""
    return [check.sentence for check in checks if standing is None or check.standing == standing]


def answers(*names):
    return {"worker@one": [{"name": name} for name in names]}


@pytest.mark.parametrize(
    ("apart", "standing"), [(0, "ok"), (1, "ok"), (5, "warn"), (-5, "warn"), (60, "fail"), (-60, "fail")]
)
def test_clocks_that_differ_are_named(apart, standing):
    now = database_now()
    check = installation.clock_check(before=now, database=now + timedelta(seconds=apart), after=now)
    assert (check.standing, f"{abs(apart)}.0 seconds" in check.sentence) == (standing, True)


def test_the_time_that_reading_takes_is_no_difference():
    now = database_now()
    check = installation.clock_check(
        before=now, database=now + timedelta(seconds=40), after=now + timedelta(seconds=50)
    )
    assert check.standing == Standing.OK


def test_both_clocks_of_one_host_agree():
    assert installation.read_clocks().standing == Standing.OK


def test_workers_that_do_not_answer_or_leave_a_queue_are_named():
    assert installation.worker_check(None).sentence == "No worker answers."
    assert installation.worker_check(answers(*QUEUES)).standing == Standing.OK
    lacking = installation.worker_check(answers("fetch", "work"))
    assert (lacking.standing, lacking.sentence) == ("fail", "No worker takes the queue format, deliver.")


def test_a_full_queue_is_named(settings):
    client = redis.Redis.from_url(settings.REDIS_URL)
    client.delete(*(f"mlc:{name}" for name in QUEUES))  # other tests ring without anybody who listens
    assert said(installation.queue_checks(), "ok") == ["fetch 0, format 0, deliver 0, work 0 messages wait."]
    tasks.deliver.apply_async(kwargs={"server_id": "x"})
    assert "deliver 1 messages" in said(installation.queue_checks(), "ok")[0].replace(",", " messages")
    client.lpush("mlc:deliver", *["x"] * 1000)
    try:
        assert said(installation.queue_checks(), "warn") == ["1001 messages wait in the queue deliver."]
    finally:
        client.delete("mlc:deliver")


def test_secrets_under_other_keys_are_counted(settings):
    settings.CONNECTOR_KEKS = f"old={base64.b64encode(bytes(range(32))).decode()}"
    settings.CONNECTOR_KEK_ACTIVE = "old"
    server = ServerFactory.build()
    server.tenant.save()
    server.seal("password", "a-password")
    server.save()
    assert said(installation.key_checks()) == []
    settings.CONNECTOR_KEKS += f",new={base64.b64encode(bytes(range(1, 33))).decode()}"
    settings.CONNECTOR_KEK_ACTIVE = "new"
    assert said(installation.key_checks(), "warn") == ["1 secrets are still under the key old."]
    settings.CONNECTOR_KEKS = f"new={base64.b64encode(bytes(range(1, 33))).decode()}"
    assert said(installation.key_checks(), "fail") == ["1 secrets are under the key old, which is not configured."]


def test_settings_that_are_not_for_production_are_named(settings):
    settings.DEBUG, settings.ALLOWED_HOSTS = True, ["*"]
    warnings = said(installation.settings_checks(), "warn")
    assert any("DEBUG is on" in sentence for sentence in warnings)
    assert any("ALLOWED_HOSTS takes any name" in sentence for sentence in warnings)


def test_a_tick_that_does_not_come_is_named():
    assert any(sentence.startswith("No tick reached a worker") for sentence in said(work.heartbeat_checks(), "fail"))
    schedule.beat_seen(now=database_now())
    assert said(work.heartbeat_checks(), "fail") == []


def test_what_stands_still_is_counted_by_kind():
    late = database_now() - HOUR
    FetchFactory(state="due", next_attempt_at=late)
    RunFactory(state="formatting", finished_at=None, next_attempt_at=late, created_at=late)
    integration = IntegrationFactory(next_due_at=late)
    FileFactory(integration=integration, state="building", created_at=late)
    found = said(work.stuck_checks(now=database_now()), "fail")
    assert [sentence.split(" are due")[0] for sentence in found] == [
        "1 readings", "1 runs", "1 slots", "1 unfinished files",
    ]  # fmt: skip


def test_what_somebody_holds_or_waits_for_its_time_is_not_stuck():
    now = database_now()
    FetchFactory(state="reading", next_attempt_at=now - HOUR, lease_until=now + HOUR)
    FetchFactory(state="due", next_attempt_at=now + HOUR)
    Integration.objects.update(is_enabled=False, next_due_at=now - HOUR)
    assert said(work.stuck_checks(now=now)) == ["Nothing that is due stands still."]


def test_records_that_wait_for_days_are_named_by_integration():
    old = database_now() - timedelta(days=3)
    integration = IntegrationFactory(name="invoices")
    ExportFactory(integration=integration, state="pending", created_at=old)
    ExportFactory(integration=IntegrationFactory(is_enabled=False), state="pending", created_at=old)
    (sentence,) = said(work.waiting_checks(now=database_now()), "warn")
    assert sentence == f"1 records of {integration.tenant.slug}/invoices have waited since {old:%Y-%m-%d}."


def test_what_waits_for_a_person_is_named():
    server = ServerFactory(hold_code="SFTP_HOSTKEY_CHANGED")
    grant = GrantFactory(state="needs_reconnect")
    ProblemFactory()
    checks = list(work.people_checks())
    assert said(checks, "warn") == [
        f"The server {server.tenant.slug}/{server.name} is on hold (SFTP_HOSTKEY_CHANGED).",
        f"Xero asks to reconnect {grant.tenant.slug}/{grant.name}.",
    ]
    assert said(checks, "ok") == ["1 problems are open."]


def test_without_redis_the_rest_is_still_looked_at(settings, tmp_path):
    settings.REDIS_URL = f"unix://{tmp_path}/nothing.sock"
    checks = examine()
    failing = {check.name for check in checks if check.standing == Standing.FAIL}
    assert "redis" in failing
    assert {check.name for check in checks} >= {"database", "clock", "stuck"}
    assert not {"queues", "workers"} & {check.name for check in checks}


def test_looking_changes_nothing():
    ExportFactory(state="pending")
    before = Export.objects.values().get()
    examine()
    assert (Export.objects.values().get(), Event.objects.count()) == (before, 0)


def test_the_command_ends_with_what_it_found():
    code, (shown,) = run_json("doctor")
    assert (code, shown["ok"]) == (1, False)
    workers = next(check for check in shown["checks"] if check["name"] == "workers")
    assert (workers["state"], workers["next"]) == ("fail", "Start one: celery -A connector worker.")
    code, out, _ = run("doctor")
    assert (code, "FAIL  workers     No worker answers." in out) == (1, True)


def test_somebody_is_told_of_problems_or_the_doctor_says_so(settings):
    settings.EMAIL_URL = ""
    assert "Nobody is told of problems" in said(work.alert_checks(), Standing.WARN)[0]
    rule = AlertRuleFactory(tenant__slug="harbor", name="mail")
    assert "1 alert rules send e-mail, but this installation has no mail server." in said(
        work.alert_checks(), Standing.FAIL
    )
    settings.EMAIL_URL = "smtp://mail.example"
    assert said(work.alert_checks()) == ["1 alert rules tell of problems."]
    AlertMessage.objects.create(tenant=rule.tenant, rule=rule, state="failed")
    assert said(work.alert_checks()) == ["Messages of the alert rule harbor/mail did not get through."]
