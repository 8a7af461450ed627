"""One worker at a time; who slept past the lease changes nothing."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from core import leases
from core.leases import LeaseLost
from core.models import Server
from tests.factories import ServerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def server():
    return ServerFactory()


def run_out(server):
    Server.objects.filter(pk=server.pk).update(lease_until=Now() - timedelta(seconds=1))


def test_a_unit_is_claimed_once(server):
    assert leases.claim(Server, server.pk) is not None
    assert leases.claim(Server, server.pk) is None


def test_a_released_unit_can_be_claimed_again(server):
    leases.claim(Server, server.pk).release()
    assert leases.claim(Server, server.pk) is not None


def test_a_lease_that_ran_out_can_be_taken_over_and_the_first_holder_has_lost_it(server):
    first = leases.claim(Server, server.pk)
    run_out(server)
    second = leases.claim(Server, server.pk)
    assert second.fence == first.fence + 1
    for use in (first.renew, first.check):
        with pytest.raises(LeaseLost):
            use()
    first.release()
    assert leases.claim(Server, server.pk) is None


def test_a_lease_lasts_longer_when_it_is_kept(server):
    lease = leases.claim(Server, server.pk, seconds=0)
    lease.seconds = 60
    lease.keep()
    assert leases.claim(Server, server.pk) is None


def test_conditions_are_part_of_the_claim(server):
    assert leases.claim(Server, server.pk, hold_code="ANOTHER") is None
    assert leases.claim(Server, server.pk, hold_code="") is not None
