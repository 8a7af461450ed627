"""Records are numbered versions; repeats are no-ops."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from core import records
from core.documents import Document
from core.models import Record
from core.records import Read
from tests.factories import OrganisationFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.fixture
def organisation():
    return OrganisationFactory()


def read(xero_id="a", payload=b"{}", minutes=0, total="10.00"):
    updated_at = NOW + timedelta(minutes=minutes)
    document = Document("invoices", xero_id, {}, updated_at, number=f"INV-{xero_id}", total=Decimal(total))
    return Read(document, payload)


def store(organisation, *reads):
    with transaction.atomic():
        return records.store(reads, organisation=organisation, stream="invoices", fetch=None, now=NOW)


def test_the_bytes_are_kept_exactly_as_they_came(organisation):
    payload = b'{"Total": 1019.7200,\r\n "x": "\xc3\xa9"}'
    store(organisation, read(payload=payload))
    record = Record.objects.get()
    assert (bytes(record.payload), record.version, record.is_latest) == (payload, 1, True)


def test_the_same_bytes_again_are_a_repeat(organisation):
    store(organisation, read())
    stored = store(organisation, read(minutes=5))
    assert (stored.new, stored.repeated) == ((), 1)
    assert Record.objects.count() == 1


def test_a_change_is_the_next_version_and_the_only_latest_one(organisation):
    store(organisation, read(payload=b"1"))
    store(organisation, read(payload=b"2", minutes=1))
    versions = list(Record.objects.order_by("version").values_list("version", "is_latest"))
    assert versions == [(1, False), (2, True)]


def test_a_change_that_did_not_bump_the_update_time_is_a_version_too(organisation):
    store(organisation, read(payload=b"1"))
    assert len(store(organisation, read(payload=b"2")).new) == 1


def test_going_back_to_earlier_bytes_is_a_new_version(organisation):
    for payload in (b"1", b"2", b"1"):
        store(organisation, read(payload=payload))
    assert Record.objects.get(is_latest=True).version == 3


def test_what_a_newer_version_overtook_is_counted_and_not_stored(organisation):
    store(organisation, read(payload=b"new", minutes=5))
    stored = store(organisation, read(payload=b"old", minutes=1))
    assert (stored.stale, Record.objects.count()) == (1, 1)


def test_an_object_twice_on_one_page_is_stored_once(organisation):
    stored = store(organisation, read(payload=b"1"), read(payload=b"2"))
    assert [bytes(record.payload) for record, _ in stored.new] == [b"2"]


def test_streams_and_organisations_do_not_mix(organisation):
    store(organisation, read())
    store(OrganisationFactory(), read())
    assert Record.objects.filter(version=1, is_latest=True).count() == 2
