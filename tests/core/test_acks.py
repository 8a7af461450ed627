"""The writers of acknowledgments: in sets, by conditional updates, with one line of the audit trail a change."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import acks, inbound
from core.acks import Said
from core.awaiting import await_answers, mark_overdue, review
from core.clock import database_now
from core.inbound import Seen
from core.leases import LeaseLost, claim
from core.models import Export, FileGroup, Inbound, Partner, Problem, Sighting
from core.states import ACK_MOVES, ANSWERED, AckOutcome
from tests.factories import ExportContentFactory, ExportFactory, FileFactory, IntegrationFactory, PartnerFactory

NOW = datetime(2026, 11, 25, 20, 0, tzinfo=UTC)


@pytest.fixture
def partner():
    return PartnerFactory(name="acme", acks={"want": "997", "overdue_hours": {"820": 48}})


@pytest.fixture
def file(partner):
    integration = IntegrationFactory(tenant=partner.tenant, partner=partner)
    return FileFactory(integration=integration, interchange_number="57", group_number="57")


def fill(file, count, **fields):
    """Put exports into a file, each one a document of its own unless a group is given."""
    for position in range(1, count + 1):
        export = ExportFactory(integration=file.integration, file=file, state="delivered")
        number = f"{position:04d}"
        ExportContentFactory(export=export, file=file, position=position, control_number=number, **fields)


def hear(file, outcome, **said):
    """Record what a partner said about a file."""
    row = Inbound.objects.create(tenant=file.tenant, partner=file.partner, name="997.edi", size=0, sha256="")
    facts = {"position": 1, "sender": "ZZ:ACME", "receiver": "ZZ:HARBOR", "sha256": "", "state": "taken"}
    interchange = inbound.add_interchange(row, file.partner, facts=facts, now=NOW)
    answer = Said("997", outcome, "57", "57", [file], **said)
    return acks.record_theirs(answer, partner=file.partner, inbound=row, interchange=interchange, now=NOW)


@pytest.mark.django_db
def test_an_answer_to_many_documents_takes_no_query_per_document(file, django_assert_max_num_queries):
    fill(file, 120)
    rejected = {f"{position:04d}": AckOutcome.REJECTED for position in range(1, 101)}
    with django_assert_max_num_queries(30):
        events = hear(file, AckOutcome.PARTIALLY_ACCEPTED, rest=AckOutcome.ACCEPTED, documents=rejected)
    assert Export.objects.filter(ack_outcome="rejected").count() == 100
    assert Export.objects.filter(ack_outcome="accepted").count() == 20
    assert len(events) == 121
    assert Problem.objects.get().subject == f"ack:{file.pk}"


@pytest.mark.django_db
def test_payments_of_a_batch_share_the_answer_to_their_document(file):
    group = FileGroup.objects.create(file=file, number=1)
    fill(file, 3, group=group)
    hear(file, AckOutcome.REJECTED, documents={"0001": AckOutcome.REJECTED}, reasons={"0001": ["Wrong bank."]})
    assert set(Export.objects.values_list("ack_outcome", flat=True)) == {"rejected"}
    assert all("Wrong bank." in problem.sentence for problem in Problem.objects.all())
    assert Problem.objects.count() == 3


@pytest.mark.django_db
def test_an_answer_that_does_not_count_is_kept_and_changes_nothing(file):
    fill(file, 1)
    (event,) = hear(file, AckOutcome.REJECTED, counts=False)
    file.refresh_from_db()
    assert (event.event, file.ack_outcome, Problem.objects.count()) == ("ack.kept", "none", 0)
    assert file.acknowledgments.get().outcome == "rejected"


@given(st.lists(st.sampled_from(list(AckOutcome)), max_size=6))
def test_an_answer_is_never_forgotten_again(steps):
    state = AckOutcome.NONE
    for step in steps:
        state = step if step in ACK_MOVES[state] else state
    answered = [step for step in steps if step in ANSWERED]
    assert (state in ANSWERED) == bool(answered)
    assert not answered or state == answered[-1]


@pytest.mark.django_db
def test_only_what_was_not_answered_yet_awaits_an_answer(file, partner):
    fill(file, 2)
    Export.objects.filter(pk=Export.objects.first().pk).update(ack_outcome="rejected")
    (event,) = await_answers([file], now=NOW)
    file.refresh_from_db()
    assert (file.ack_outcome, file.ack_due_at, event.event) == ("awaited", NOW + timedelta(hours=24), "ack.awaited")
    assert sorted(Export.objects.values_list("ack_outcome", flat=True)) == ["awaited", "rejected"]
    assert await_answers([file], now=NOW) == []


@pytest.mark.django_db
def test_acknowledgments_of_ours_await_nothing(partner):
    file = FileFactory(integration=None, tenant=partner.tenant, partner=partner, kind="ack", interchange_number="5")
    assert await_answers([file], now=NOW) == []


@pytest.mark.django_db
def test_nothing_is_overdue_before_its_time_or_once_it_was_answered(file):
    fill(file, 1)
    await_answers([file], now=NOW)
    assert mark_overdue(now=NOW + timedelta(hours=23)) == 0
    hear(file, AckOutcome.ACCEPTED)
    assert mark_overdue(now=NOW + timedelta(days=9)) == 0
    assert not Problem.objects.exists()


@pytest.mark.django_db
def test_a_review_needs_something_to_answer(file):
    assert review(file, outcome=AckOutcome.ACCEPTED, comment="", actor="eva", now=NOW) is False


@pytest.mark.django_db
def test_a_file_settles_when_it_is_seen_alike_for_long_enough(partner):
    seen, grown = Seen("a.edi", 10, NOW), Seen("a.edi", 20, NOW)
    steps = [(seen, 0, 0), (seen, 4, 0), (grown, 6, 0), (grown, 10, 0), (grown, 11, 1)]
    for item, second, count in steps:
        now = NOW + timedelta(seconds=second)
        assert len(inbound.settle(partner, folder="/in", seen=[item], seconds=5, now=now)) == count
    inbound.settle(partner, folder="/in", seen=[], seconds=5, now=NOW)
    assert not Sighting.objects.exists()


@pytest.mark.django_db
def test_a_worker_that_lost_its_lease_stores_nothing(partner):
    lease = claim(Partner, partner.pk)
    Partner.objects.update(lease_until=database_now() - timedelta(seconds=1))
    claim(Partner, partner.pk)
    with pytest.raises(LeaseLost):
        inbound.store(partner, lease, folder="/in", seen=Seen("a"), data=b"x", now=NOW)
    assert not Inbound.objects.exists()


@pytest.mark.django_db
def test_a_stored_file_is_known_until_it_is_put_away_and_then_a_new_one(partner):
    lease, seen = claim(Partner, partner.pk), Seen("a", 1, NOW)
    row = inbound.store(partner, lease, folder="/in", seen=seen, data=b"x", now=NOW)
    assert inbound.known([partner], folder="/in", seen=[seen]) == {"a": row}
    touched = Seen("a", 1, NOW + timedelta(minutes=1))
    assert inbound.store(partner, lease, folder="/in", seen=touched, data=b"x", now=NOW) == row
    inbound.put_away(row, where="/done/a")
    assert inbound.known([partner], folder="/in", seen=[touched]) == {}
    assert inbound.store(partner, lease, folder="/in", seen=touched, data=b"x", now=NOW) != row
