"""Every way to tamper with the audit trail is found, and the line is named."""

import uuid
from datetime import UTC, datetime

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import audit, audit_verify
from core.audit import EventDraft
from core.models import ChainHead, Event
from tests.tampering import tampering

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 12, 0, 0, 123456, tzinfo=UTC)
LINES = 12


@pytest.fixture
def tenant():
    tenant = uuid.uuid4()
    for number in range(LINES):
        audit.append([EventDraft(tenant, f"step.{number}", number=f"INV-{number}", detail={"n": number})], now=NOW)
    return tenant


def breaks(tenant):
    return [(found.kind, found.sequence) for found in audit_verify.verify(tenant)]


def line(tenant, sequence):
    return Event.objects.filter(tenant_id=tenant, sequence=sequence)


def test_a_chain_that_nobody_touched_holds(tenant):
    assert breaks(tenant) == []


def test_a_chain_that_does_not_exist_holds():
    assert breaks(uuid.uuid4()) == []


COLUMNS = {
    "tenant_id": uuid.UUID(int=7),
    "at": datetime(2026, 11, 25, 12, 0, 0, 123457, tzinfo=UTC),
    "fetch_id": 1,
    "run_id": 2,
    "export_id": 3,
    "file_id": 4,
    "detail": {"n": 5, "more": True},
    "prev_hash": "0" * 64,
    "hash": "1" * 64,
} | dict.fromkeys(("event", "actor", "integration", "stream", "xero_id", "number", "file", "state"), "tampered")


def test_every_column_is_tried():
    assert set(COLUMNS) == {field.attname for field in Event._meta.concrete_fields} - {"id", "sequence"}


@pytest.mark.parametrize("column", sorted(COLUMNS))
@pytest.mark.parametrize("sequence", [1, 5, LINES])
def test_any_change_of_any_line_is_found(tenant, column, sequence):
    row_id = line(tenant, sequence).get().pk
    with tampering():
        line(tenant, sequence).update(**{column: COLUMNS[column]})
    first = next(audit_verify.verify(tenant))
    assert first.sequence == sequence
    if column == "tenant_id":
        assert first.kind == "missing"
    else:
        assert (first.kind, first.row_id) == ("changed", row_id)


@pytest.mark.parametrize("sequence", [2, 5, LINES])
def test_a_changed_line_with_a_new_hash_is_found(tenant, sequence):
    event = line(tenant, sequence).get()
    event.number = "INV-9999"
    with tampering():
        line(tenant, sequence).update(number=event.number, hash=audit.line_hash(event))
    assert breaks(tenant) == [("rewritten", sequence)]


@pytest.mark.parametrize("sequence", [1, 5, LINES])
def test_a_missing_line_is_found(tenant, sequence):
    with tampering():
        line(tenant, sequence).delete()
    assert breaks(tenant) == [("missing", sequence)]


def test_many_missing_lines_are_one_break(tenant):
    with tampering():
        Event.objects.filter(tenant_id=tenant, sequence__gte=3, sequence__lte=7).delete()
    (found,) = audit_verify.verify(tenant)
    assert (found.kind, found.sequence, found.sentence) == ("missing", 3, "Lines 3 to 7 are missing.")


def test_a_chain_whose_lines_are_all_gone_is_missing_them(tenant):
    with tampering():
        Event.objects.filter(tenant_id=tenant).delete()
    assert breaks(tenant) == [("missing", 1)]


@pytest.mark.parametrize(("one", "other"), [(5, 6), (2, 9), (1, LINES)])
def test_lines_that_changed_places_are_named(tenant, one, other):
    with tampering():
        line(tenant, one).update(sequence=0)
        line(tenant, other).update(sequence=one)
        line(tenant, 0).update(sequence=other)
    found = list(audit_verify.verify(tenant))
    assert [(item.kind, item.sequence) for item in found] == [("reordered", one), ("reordered", other)]
    assert found[0].sentence == f"Line {one} was line {other}: the order was changed."


def test_a_line_behind_the_end_is_found(tenant):
    Event.objects.create(tenant_id=tenant, sequence=LINES + 1, at=NOW, event="made.up", prev_hash="x", hash="y")
    assert breaks(tenant) == [("extra", LINES + 1)]


def test_a_head_that_is_gone_or_moved_is_found(tenant):
    ChainHead.objects.filter(pk=tenant).update(hash="f" * 64)
    assert breaks(tenant) == [("rewritten", LINES)]
    ChainHead.objects.filter(pk=tenant).delete()
    assert breaks(tenant) == [("missing", LINES)]
    assert tenant in audit_verify.chains()


def test_a_chain_written_anew_from_some_line_on_differs_from_an_exported_head(tenant):
    (known,) = audit_verify.heads([tenant])
    rewrite(tenant, since=4)
    assert breaks(tenant) == []
    assert [(found.kind, found.sequence) for found in audit_verify.compare(known)] == [("rewritten", LINES)]


def rewrite(tenant, *, since):
    """What an attacker with the whole database does: change a line, then hash everything behind it anew."""
    last = line(tenant, since - 1).get().hash
    with tampering():
        for event in Event.objects.filter(tenant_id=tenant, sequence__gte=since).order_by("sequence"):
            event.number, event.prev_hash = "INV-9999", last
            last = event.hash = audit.line_hash(event)
            event.save()
    ChainHead.objects.filter(pk=tenant).update(hash=last)


def test_a_chain_that_was_cut_short_differs_from_an_exported_head(tenant):
    (known,) = audit_verify.heads([tenant])
    with tampering():
        Event.objects.filter(tenant_id=tenant, sequence__gt=8).delete()
    ChainHead.objects.filter(pk=tenant).update(sequence=8, hash=line(tenant, 8).get().hash)
    assert breaks(tenant) == []
    assert [(found.kind, found.sequence) for found in audit_verify.compare(known)] == [("missing", LINES)]


def test_a_chain_that_only_grew_agrees_with_an_exported_head(tenant):
    (known,) = audit_verify.heads([tenant])
    audit.append([EventDraft(tenant, "more")], now=NOW)
    assert list(audit_verify.compare(known)) == []


def test_a_long_chain_is_read_in_parts(tenant):
    drafts = [EventDraft(tenant, "many", detail={"n": number}) for number in range(2 * audit_verify.LINES_AT_A_TIME)]
    audit.append(drafts, now=NOW)
    assert breaks(tenant) == []
    with tampering():
        line(tenant, audit_verify.LINES_AT_A_TIME + 1).update(actor="eva")
    assert breaks(tenant) == [("changed", audit_verify.LINES_AT_A_TIME + 1)]


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_edit_of_the_rows_is_found(tenant, data):
    """Whatever one statement does to the rows: a value, a deletion, two places."""
    sequence = data.draw(st.integers(1, LINES))
    column = data.draw(st.sampled_from(["number", "actor", "state", "event"]))
    kind = data.draw(st.sampled_from(["value", "delete", "renumber"]))
    with transaction.atomic():
        with tampering():
            if kind == "value":
                line(tenant, sequence).update(
                    **{column: data.draw(st.text(st.characters(codec="ascii"), min_size=1, max_size=9).map(repr))}
                )
            elif kind == "delete":
                line(tenant, sequence).delete()
            else:
                line(tenant, sequence).update(sequence=LINES + data.draw(st.integers(1, 50)))
        found = breaks(tenant)
        transaction.set_rollback(True)
    assert found
    assert found[0][1] == sequence
