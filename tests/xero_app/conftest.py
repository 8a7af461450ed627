"""A simulated Xero over real HTTP, a real Redis with keys of the test's own, and connections in the database."""

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from django.db import connections

from core.models import GrantAuth
from tests.factories import GrantFactory, OrganisationFactory
from xero_app.client import XeroClient
from xero_app.ratelimit import Limits
from xero_app.simulator import CUSTOM_CONNECTION, WEB_APP, Simulator, SimulatorConfig


@pytest.fixture
def config():
    """What the simulator is told; tests override it by parametrizing `config`."""
    return SimulatorConfig(invoices=30, contacts=12, manual_journals=8)


@pytest.fixture
def xero(config, settings):
    """A running simulator that the product's settings point to."""
    simulator = Simulator(config)
    settings.XERO_CLIENT_ID, settings.XERO_CLIENT_SECRET = WEB_APP.client_id, WEB_APP.client_secret
    with simulator.serve() as url:
        settings.XERO_LOGIN_BASE = settings.XERO_IDENTITY_BASE = settings.XERO_API_BASE = url
        yield simulator
    assert simulator.violations == []


@pytest.fixture
def limits(settings):
    """Xero's limits under a key prefix of this test's own, removed afterwards."""
    prefix, url = f"test:{uuid.uuid4().hex}", settings.REDIS_URL
    yield Limits(day=5000, prefix=prefix)
    with redis.Redis.from_url(url) as server:
        for key in server.scan_iter(f"{prefix}:*"):
            server.delete(key)


def custom_connection(xero, **fields):
    """A grant of a custom connection and its organisation, as configured before the first call."""
    grant = GrantFactory.build(client_id=CUSTOM_CONNECTION.client_id)
    grant.tenant.save()
    grant.seal("client_secret", CUSTOM_CONNECTION.client_secret)
    grant.save()
    return OrganisationFactory(grant=grant, tenant=grant.tenant, xero_tenant_id=xero.tenant_id, **fields)


def consent(xero, *, scopes=None, **fields):
    """A grant of the installation's app as it is after a person's consent, its access token long expired."""
    tokens = xero.grant(**({"scopes": scopes} if scopes else {}))
    grant = GrantFactory.build(auth=GrantAuth.AUTHORIZATION_CODE, client_id="", state="connected", **fields)
    grant.tenant.save()
    grant.seal("refresh_token", tokens["refresh_token"])
    grant.save()
    return OrganisationFactory(grant=grant, tenant=grant.tenant, xero_tenant_id=xero.tenant_id)


@pytest.fixture
def books(db, xero):
    """A custom connection to the simulator's organisation."""
    return custom_connection(xero)


@pytest.fixture
def consented(db, xero):
    """An organisation reached by a person's consent."""
    return consent(xero)


@pytest.fixture
def client(books, limits):
    """A client of the custom connection."""
    with XeroClient(books, limits=limits) as client:
        yield client


def in_threads(count, work):
    """Run `work(number)` in so many threads at once; give what each returned."""
    barrier = threading.Barrier(count)

    def begin(number):
        barrier.wait()
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))


def wait_until(condition):
    """Wait for another thread; ten seconds without it are a failure, so that no test hangs."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "the other thread did not get there"
        time.sleep(0.005)
