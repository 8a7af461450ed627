"""Due times: in the integration's own zone or its tenant's; none without a schedule or a folder."""

from datetime import UTC, datetime

import pytest

from connector.due_times import next_due, next_pickup, next_poll, reschedule
from core.models import Integration
from tests.factories import IntegrationFactory, OrganisationFactory, PartnerFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 10, 7, tzinfo=UTC)


def test_an_integration_is_due_in_its_own_zone_or_its_tenants():
    assert next_due(IntegrationFactory(cron="0 6 * * *"), now=NOW) == datetime(2026, 11, 25, 12, tzinfo=UTC)
    paris = IntegrationFactory(cron="0 6 * * *", time_zone="Europe/Paris")
    assert next_due(paris, now=NOW) == datetime(2026, 11, 26, 5, tzinfo=UTC)
    assert next_due(IntegrationFactory(), now=NOW) is None


def test_a_poll_and_a_pickup_follow_the_tenants_zone():
    assert next_poll(OrganisationFactory(poll="0 6 * * *"), now=NOW) == datetime(2026, 11, 25, 12, tzinfo=UTC)
    partner = PartnerFactory(folders={"pick_up_from": "/in"}, acks={"pick_up": "0 6 * * *"})
    assert next_pickup(partner, now=NOW) == datetime(2026, 11, 25, 12, tzinfo=UTC)
    usual = PartnerFactory(folders={"pick_up_from": "/in"})
    assert next_pickup(usual, now=NOW) == datetime(2026, 11, 25, 10, 10, tzinfo=UTC)
    assert next_pickup(PartnerFactory(), now=NOW) is None


def test_rescheduling_leaves_zones_of_their_own_alone():
    own = IntegrationFactory(cron="0 6 * * *", time_zone="Europe/Paris", next_due_at=NOW)
    shared = IntegrationFactory(cron="0 6 * * *", tenant=own.tenant, next_due_at=NOW)
    reschedule(own.tenant, now=NOW)
    due = dict(Integration.objects.values_list("pk", "next_due_at"))
    assert due == {own.pk: NOW, shared.pk: datetime(2026, 11, 25, 12, tzinfo=UTC)}
