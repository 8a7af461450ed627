"""What is past its retention is purged, what is still needed stays, and the audit trail still verifies."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from core import audit, audit_verify, outbox, retention
from core.audit import INSTALLATION, EventDraft
from core.models import Attempt, Event, ExportContent, FileGroup, Inbound, Record, WebhookMessage
from core.outbox import ContentPurged
from core.retention import first_of_month
from core.states import ExportState, FileState
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
LONG_AGO, LATELY = NOW - timedelta(days=500), NOW - timedelta(days=3)
LIMITS = {
    "payload_days": 400, "content_days": 400, "inbound_days": 90, "webhook_days": 30,
    "attempt_months": 12, "event_months": 12,
}  # fmt: skip


@pytest.fixture
def tenant():
    return factories.TenantFactory(options={"retention": LIMITS})


@pytest.fixture
def integration(tenant):
    return factories.IntegrationFactory(tenant=tenant)


def purge(tenant):
    return retention.purge(tenant, actor="eva", now=NOW)


def make_record(integration, **fields):
    fields = {"is_latest": False, "read_at": LONG_AGO} | fields
    return factories.RecordFactory(organisation=integration.organisation, **fields)


def is_purged(record):
    return Record.objects.get(pk=record.pk).payload is None


def test_an_old_version_that_nobody_needs_is_purged_but_not_its_hash(tenant, integration):
    record = make_record(integration)
    assert purge(tenant)["payloads"] == 1
    assert is_purged(record)
    assert Record.objects.get(pk=record.pk).sha256 == record.sha256


@pytest.mark.parametrize("fields", [{"is_latest": True}, {"read_at": LATELY}])
def test_latest_and_young_versions_stay(tenant, integration, fields):
    record = make_record(integration, **fields)
    purge(tenant)
    assert not is_purged(record)


@pytest.mark.parametrize("state", retention.OPEN_EXPORTS)
def test_what_is_still_to_be_sent_stays(tenant, integration, state):
    record = make_record(integration)
    factories.ExportFactory(integration=integration, record=record, state=state)
    purge(tenant)
    assert not is_purged(record)


def test_what_the_partner_has_last_stays_and_what_it_had_before_goes(tenant, integration):
    before = make_record(integration, version=1)
    last = make_record(integration, version=2, xero_id=before.xero_id)
    for record in (before, last):
        factories.ExportFactory(integration=integration, record=record, state=ExportState.DELIVERED)
    purge(tenant)
    assert (is_purged(before), is_purged(last)) == (True, False)


def test_another_tenants_payloads_stay(tenant, integration):
    record = make_record(factories.IntegrationFactory())
    purge(tenant)
    assert not is_purged(record)


def make_content(integration, *, state=FileState.DELIVERED, at=LONG_AGO):
    file = factories.FileFactory(integration=integration, state=state, delivered_at=at)
    export = factories.ExportFactory(integration=integration, file=file, state=ExportState.DELIVERED)
    return factories.ExportContentFactory(export=export, file=file)


def test_contents_of_old_files_are_purged_and_the_file_says_so(tenant, integration):
    content = make_content(integration)
    young = make_content(integration, at=LATELY)
    assert purge(tenant)["contents"] == 1
    with pytest.raises(ContentPurged, match="was purged"):
        list(outbox.read(content.file))
    assert b"".join(outbox.read(young.file)).endswith(b"120.50\r\n")


def test_the_head_and_tail_of_a_group_go_with_its_contents(tenant, integration):
    content = make_content(integration)
    group = FileGroup.objects.create(file=content.file, number=1, head=b"ST*820", tail=b"SE*9")
    ExportContent.objects.filter(pk=content.pk).update(group=group)
    purge(tenant)
    group.refresh_from_db()
    assert (bytes(group.head), bytes(group.tail)) == (b"", b"")


@pytest.mark.parametrize("state", [FileState.HELD, FileState.RETRY_WAIT, FileState.PUBLISHING, FileState.READY])
def test_contents_of_files_that_have_not_ended_stay(tenant, integration, state):
    make_content(integration, state=state)
    assert purge(tenant)["contents"] == 0


def test_what_partners_sent_is_purged_once_it_was_processed(tenant, integration):
    fields = {"tenant": tenant, "partner": integration.partner, "size": 3, "sha256": "", "created_at": LONG_AGO}
    for state in ("processed", "stored"):
        Inbound.objects.create(name=state, state=state, content=b"ISA", **fields)
    assert purge(tenant)["inbound"] == 1
    assert {row.name: row.content is None for row in Inbound.objects.all()} == {"processed": True, "stored": False}


def make_webhook(organisation, *, state="fetched", at=LONG_AGO):
    event = factories.WebhookEventFactory(organisation=organisation, state=state)
    WebhookMessage.objects.filter(pk=event.message_id).update(received_at=at)
    return event.message


def test_webhook_bodies_go_once_their_events_were_read(tenant, integration):
    old = make_webhook(integration.organisation)
    kept = [make_webhook(integration.organisation, state="waiting"), make_webhook(integration.organisation, at=LATELY)]
    shared = make_webhook(integration.organisation)
    factories.WebhookEventFactory(message=shared)
    assert purge(tenant)["webhooks"] == 1
    purged = set(WebhookMessage.objects.filter(body=None).values_list("pk", flat=True))
    assert purged == {old.pk}
    retention.purge_installation(webhook_days=30, event_months=0, actor="eva", now=NOW)
    left = set(WebhookMessage.objects.exclude(body=None).values_list("pk", flat=True))
    assert left == {message.pk for message in kept} | {
        event.message_id for event in shared.events.filter(state="waiting")
    }


def test_old_attempts_go_unless_a_temporary_file_may_still_be_there(tenant, integration):
    file = factories.FileFactory(integration=integration)
    fields = {"file": file, "finished_at": LONG_AGO, "temp_name": ".a.1.tmp"}
    gone = [factories.AttemptFactory(**fields), factories.AttemptFactory(**fields, result="failed", is_swept=True)]
    kept = [factories.AttemptFactory(**fields, result="lost"), factories.AttemptFactory(file=file, finished_at=LATELY)]
    assert purge(tenant)["attempts"] == len(gone)
    assert set(Attempt.objects.all()) == set(kept)


def write_lines(tenant_id, *moments):
    for number, moment in enumerate(moments):
        audit.append([EventDraft(tenant_id, f"step.{number}", detail={"n": number})], now=moment)


def test_the_trail_is_cut_by_whole_months_and_still_verifies(tenant):
    months = [NOW - timedelta(days=30 * number) for number in range(20, 0, -1)]
    write_lines(tenant.pk, *months)
    oldest_kept = first_of_month(NOW, months=12)
    expected = sum(moment < oldest_kept for moment in months)
    assert purge(tenant)["events"] == expected > 0
    kept = Event.objects.filter(tenant_id=tenant.pk)
    assert kept.earliest("sequence").at >= oldest_kept
    assert list(audit_verify.verify(tenant.pk)) == []
    told = kept.get(event=audit.PURGED)
    assert (told.actor, told.detail["through"], told.detail["count"]) == ("eva", expected, expected)


def test_a_trail_that_was_cut_twice_in_parts_still_verifies_and_agrees_with_its_heads(tenant):
    write_lines(tenant.pk, *[LONG_AGO + timedelta(days=number) for number in range(25)])
    known = audit_verify.heads([tenant.pk])
    limits = {"before": first_of_month(NOW, months=12), "actor": "eva", "now": NOW}
    assert list(retention.delete_lines(tenant.pk, **limits, at_a_time=10)) == [10, 10, 5]
    assert Event.objects.filter(tenant_id=tenant.pk, event=audit.PURGED).count() == 3
    later = NOW + timedelta(days=500)
    write_lines(tenant.pk, later)
    assert retention.purge(tenant, actor="eva", now=later)["events"] == 3
    assert list(audit_verify.verify(tenant.pk)) == []
    assert [found for head in known for found in audit_verify.compare(head)] == []


def test_lines_removed_without_a_purge_are_missing(tenant):
    write_lines(tenant.pk, LONG_AGO, LONG_AGO, NOW)
    with transaction.atomic(), audit.retention_open():
        Event.objects.filter(tenant_id=tenant.pk, sequence=1).delete()
    assert [found.kind for found in audit_verify.verify(tenant.pk)] == ["missing"]


def test_the_switch_is_closed_again_even_after_a_failure(tenant):
    write_lines(tenant.pk, LONG_AGO)
    with pytest.raises(RuntimeError), transaction.atomic(), audit.retention_open():
        raise RuntimeError
    purge(tenant)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Event.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_the_switch_is_opened_inside_a_transaction_only():
    with pytest.raises(transaction.TransactionManagementError), audit.retention_open():
        pass


def test_a_tenant_without_limits_keeps_everything():
    tenant = factories.TenantFactory()
    integration = factories.IntegrationFactory(tenant=tenant)
    make_record(integration)
    make_content(integration)
    write_lines(tenant.pk, LONG_AGO)
    assert sum(purge(tenant).values()) == 0
    assert Event.objects.filter(tenant_id=tenant.pk).count() == 1


def test_every_purge_is_an_event_and_counting_beforehand_agrees(tenant, integration):
    make_record(integration)
    content = make_content(integration)
    write_lines(tenant.pk, LONG_AGO)
    due = retention.due(tenant, now=NOW)
    assert purge(tenant) == due
    told = {event.detail["what"]: event.detail["count"] for event in Event.objects.filter(event="payloads.purged")}
    assert told == {"payloads": 1, "contents": 1}
    assert sum(purge(tenant).values()) == 0
    assert ExportContent.objects.get(pk=content.pk).action == "new"


def test_the_installations_own_chain_has_its_own_limit():
    write_lines(INSTALLATION, LONG_AGO, LATELY)
    done = retention.purge_installation(webhook_days=0, event_months=6, actor="eva", now=NOW)
    assert done["events"] == 1
    assert list(audit_verify.verify(INSTALLATION)) == []


@pytest.mark.parametrize(
    ("months", "day"), [(1, (2026, 10)), (11, (2025, 12)), (10, (2026, 1)), (12, (2025, 11)), (36, (2023, 11))]
)
def test_whole_months_are_kept(months, day):
    assert first_of_month(NOW, months=months) == datetime(*day, 1, tzinfo=UTC)
