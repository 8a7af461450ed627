"""What can be replayed of what was picked, what goes along, and what a plan says before anything is done."""

from datetime import timedelta

import pytest

from connector.replay import Choice, failed_since, never_delivered_since, newest_of, plan_replay
from core.clock import database_now
from core.models import Export, FileGroup, ReplayMode
from core.states import AckOutcome, ExportState
from tests.connector.replaying import chosen
from tests.factories import ExportContentFactory, ExportFactory, FileFactory, IntegrationFactory, RecordFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def integration():
    return IntegrationFactory()


def delivered(integration, *, file=None, **fields):
    """Make a delivered export with its content, in a file of its own unless one is given."""
    file = file or FileFactory(integration=integration, sha256="0" * 64)
    fields = {"state": ExportState.DELIVERED, "file": file, **fields}
    export = ExportFactory(integration=integration, **fields)
    ExportContentFactory(export=export, file=file)
    return export


def refused(*exports, mode=ReplayMode.MAP_AGAIN):
    return Choice(chosen(*exports), mode=mode).refused


@pytest.mark.parametrize(
    ("state", "reason"),
    [("pending", "in_flight"), ("formatted", "in_flight"), ("held", "held"), ("superseded", "superseded")],
)
@pytest.mark.parametrize("mode", ReplayMode.values)
def test_what_waits_or_was_overtaken_is_left_out_in_every_mode(integration, state, reason, mode):
    assert refused(delivered(integration, state=state), mode=mode) == {reason: 1}


@pytest.mark.parametrize("state", ["delivered", "failed", "unchanged", "skipped", "cancelled", "ignored"])
def test_what_has_ended_can_be_mapped_again(integration, state):
    assert refused(ExportFactory(integration=integration, state=state)) == {}


def test_another_version_on_its_way_stands_in_the_way(integration):
    export = delivered(integration)
    newer = RecordFactory(organisation=integration.organisation, xero_id=export.xero_id, version=2, is_latest=False)
    ExportFactory(integration=integration, record=newer, state="pending")
    assert refused(export) == {"in_flight": 1}


def test_without_a_file_there_are_no_bytes_to_repeat(integration):
    failed = ExportFactory(integration=integration, state="failed")
    for mode in (ReplayMode.SAME_BYTES, ReplayMode.NEW_ENVELOPE):
        assert refused(failed, mode=mode) == {"no_file": 1}


def test_purged_bytes_and_records_are_read_again_or_not_at_all(integration):
    export = delivered(integration, record__payload=b"{}")
    Export.objects.get().content.__class__.objects.update(data=None)
    assert refused(export, mode=ReplayMode.SAME_BYTES) == {"purged": 1}
    assert refused(export, mode=ReplayMode.NEW_ENVELOPE) == {}
    export.record.__class__.objects.update(payload=None)
    assert refused(export) == {"purged": 1}
    assert refused(export, mode=ReplayMode.READ_AGAIN) == {}


def test_one_document_is_mapped_again_once_but_repeats_every_version(integration):
    first = delivered(integration)
    newer = RecordFactory(organisation=integration.organisation, xero_id=first.xero_id, version=2, is_latest=False)
    second = delivered(integration, record=newer)
    assert refused(first, second) == {"older": 1}
    assert list(Choice(chosen(first, second), mode=ReplayMode.MAP_AGAIN).going()) == [second]
    assert refused(first, second, mode=ReplayMode.NEW_ENVELOPE) == {}


def test_a_file_and_a_batch_payment_go_out_whole(integration):
    file = FileFactory(integration=integration, sha256="0" * 64)
    exports = [delivered(integration, file=file) for _ in range(4)]
    group = FileGroup.objects.create(file=file, number=1)
    for export in exports[:2]:
        export.content.group = group
        export.content.save()
    going = {mode: set(Choice(chosen(exports[0]), mode=mode).going()) for mode in ReplayMode.values}
    assert going[ReplayMode.SAME_BYTES] == set(exports)
    assert going[ReplayMode.NEW_ENVELOPE] == going[ReplayMode.MAP_AGAIN] == set(exports[:2])
    (part,) = plan_replay(chosen(exports[0]), mode=ReplayMode.SAME_BYTES).parts
    assert (part.exports, part.files, part.along) == (4, 1, 3)
    assert "3 more go along, because a file goes out whole." in part.warnings


def test_a_plan_names_who_gets_what_twice(integration):
    exports = [delivered(integration), ExportFactory(integration=integration, state="failed")]
    other = IntegrationFactory(tenant=integration.tenant, batch="record")
    exports += [delivered(other) for _ in range(3)]
    plan = plan_replay(chosen(*exports), mode=ReplayMode.MAP_AGAIN)
    assert plan.total == 5
    found = {part.integration: (part.exports, part.files, part.already) for part in plan.parts}
    assert found == {integration: (2, 1, 1), other: (3, 3, 3)}
    name = integration.partner.name
    assert f"{name} has 1 of these 2 already and would get them twice, in a new file." in plan.warnings


def test_a_rejected_document_is_not_counted_as_one_that_the_partner_has(integration):
    export = delivered(integration, ack_outcome=AckOutcome.REJECTED)
    assert plan_replay(chosen(export), mode=ReplayMode.MAP_AGAIN).warnings == []


def test_a_plan_warns_of_newer_versions_unless_xero_is_asked(integration):
    export = delivered(integration)
    export.record.__class__.objects.update(is_latest=False)
    RecordFactory(organisation=integration.organisation, xero_id=export.xero_id, version=2)
    assert any("newer version" in item for item in plan_replay(chosen(export), mode=ReplayMode.MAP_AGAIN).warnings)
    again = plan_replay(chosen(export), mode=ReplayMode.READ_AGAIN)
    assert (again.parts[0].newer, again.parts[0].calls) == (0, 1)


def test_a_plan_says_in_words_what_is_left_out(integration):
    exports = [
        ExportFactory(integration=integration, state=state) for state in ("held", "pending", "failed", "pending")
    ]
    plan = plan_replay(chosen(*exports), mode=ReplayMode.MAP_AGAIN)
    assert (plan.total, plan.refused) == (1, {"in_flight": 2, "held": 1})
    assert plan.left_out == (
        "Left out: 2 are on the way to the partner already; 1 is on hold: send or ignore them instead."
    )


def test_planning_asks_the_same_few_queries_for_any_number(integration, django_assert_max_num_queries):
    for _ in range(20):
        delivered(integration)
    with django_assert_max_num_queries(7):
        assert plan_replay(Export.objects.all(), mode=ReplayMode.NEW_ENVELOPE).total == 20


def test_failed_since_keeps_what_failed_lately(integration):
    now = database_now()
    old, new = (ExportFactory(integration=integration, state="failed", ended_at=now - age) for age in AGES)
    ExportFactory(integration=integration, state="superseded", ended_at=now)
    assert list(failed_since(Export.objects.all(), since=now - timedelta(hours=1))) == [new]
    assert old.ended_at < now


AGES = (timedelta(hours=2), timedelta(minutes=5))


def test_never_delivered_since_leaves_out_what_arrived_in_another_version(integration):
    since = database_now() - timedelta(hours=1)
    lost = ExportFactory(integration=integration, state="failed", created_at=database_now())
    came = delivered(integration)
    newer = RecordFactory(organisation=integration.organisation, xero_id=came.xero_id, version=2, is_latest=False)
    ExportFactory(integration=integration, record=newer, state="failed", created_at=database_now())
    ExportFactory(integration=integration, state="ignored", created_at=database_now())
    assert list(never_delivered_since(Export.objects.all(), since=since)) == [lost]


def test_the_newest_export_of_a_document_is_what_its_number_means(integration):
    first = delivered(integration)
    newer = RecordFactory(organisation=integration.organisation, xero_id=first.xero_id, version=2, is_latest=False)
    second = delivered(integration, record=newer)
    third = RecordFactory(organisation=integration.organisation, xero_id=first.xero_id, version=3, is_latest=False)
    ExportFactory(integration=integration, record=third, state="superseded")
    assert list(newest_of(Export.objects.all())) == [second]
