"""Keys are rotated while tokens are renewed and read: no renewal is lost, no reading fails."""

import base64
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from connector.key_rotation import counts, rotate
from core import audit_verify, leases
from core.clock import database_now
from core.models import Grant
from core.secret import Secret
from tests.factories import GrantFactory
from xero_app import grants
from xero_app.oauth import TokenSet

pytestmark = pytest.mark.django_db(transaction=True)
RENEWALS = 12
ROTATIONS = 8
KEYS = ",".join(f"{name}={base64.b64encode(secrets.token_bytes(32)).decode()}" for name in "ab")


@pytest.fixture
def connected(settings):
    settings.CONNECTOR_KEKS, settings.CONNECTOR_KEK_ACTIVE = KEYS, "a"
    rows = [GrantFactory.build(name=f"books-{number}") for number in range(3)]
    for row in rows:
        row.tenant.save()
        row.seal("access_token", "token 0")
        row.seal("client_secret", "client secret")
        row.save()
    return rows


def renew(pk):
    """Store one token after the other, as workers do; each is sealed under the key that is active then."""
    for number in range(1, RENEWALS + 1):
        grant, lease = Grant.objects.get(pk=pk), leases.claim(Grant, pk)
        fresh = TokenSet(Secret(f"token {number}"), Secret(f"refresh {number}"), 1800, ())
        assert grants.store_renewed(grant, fresh, used=None, lease=lease)
    connection.close()


def read(pk, ended):
    """Open the secrets again and again; tokens only ever move forward."""
    last, times = 0, 0
    while not ended.is_set() or not times:
        grant = Grant.objects.get(pk=pk)
        number = int(grant.unseal("access_token").reveal().split()[1])
        assert number >= last
        assert grant.unseal("client_secret").reveal() == "client secret"
        last, times = number, times + 1
    connection.close()
    return times


def turn_keys(settings):
    for number in range(ROTATIONS):
        settings.CONNECTOR_KEK_ACTIVE = "ba"[number % 2]
        rotate(batch=1, reencrypt=number % 4 == 3, now=database_now())
    connection.close()


def test_rotation_under_load_loses_no_renewal_and_no_reading_fails(connected, settings):
    ended = threading.Event()
    with ThreadPoolExecutor(8) as pool:
        readers = [pool.submit(read, grant.pk, ended) for grant in connected]
        writers = [pool.submit(renew, grant.pk) for grant in connected]
        turning = pool.submit(turn_keys, settings)
        try:
            for task in (*writers, turning):
                task.result()
        finally:
            ended.set()
        assert all(reader.result() for reader in readers)
    for grant in Grant.objects.all():
        assert grant.unseal("access_token").reveal() == f"token {RENEWALS}"
        assert grant.unseal("refresh_token").reveal() == f"refresh {RENEWALS}"
    rotate(batch=10, now=database_now())
    assert set(counts()) == {settings.CONNECTOR_KEK_ACTIVE}
    assert not [found for grant in connected for found in audit_verify.verify(grant.tenant_id)]
