"""What every test stands on: a Redis of its own, and an audit trail that gives way to the test flush."""

import os
import tempfile
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from connector.celery import app
from connector.embedded import start_valkey
from tests.retention import set_audit_retention


def pytest_configure():
    """Tests speak plain HTTP and sign in with a password alone, unless they are about exactly that."""
    plain = {"SECURE_SSL_REDIRECT": False, "SECURE_HSTS_SECONDS": 0, "SECOND_FACTOR": False}
    plain |= {"SESSION_COOKIE_SECURE": False, "SESSION_COOKIE_NAME": "sessionid"}
    plain |= {"CSRF_COOKIE_SECURE": False, "CSRF_COOKIE_NAME": "csrftoken"}
    for name, value in plain.items():
        setattr(django_settings, name, value)


@pytest.fixture(scope="session", autouse=True)
def _own_redis():
    """Where the environment names no Redis, the embedded one runs for this test process."""
    if os.environ.get("REDIS_URL"):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="mlc") as folder:
        valkey = start_valkey(Path(folder))
        django_settings.REDIS_URL = f"unix://{folder}/valkey.sock"
        app.conf.update(broker_url=f"redis+socket://{folder}/valkey.sock")
        yield
        valkey.terminate()
        valkey.wait()


@pytest.fixture(autouse=True)
def _flush_may_empty_the_audit_trail(request):
    """Tests that end with a flush open the retention switch behind themselves, as purging does."""
    marker = request.node.get_closest_marker("django_db")
    is_transactional = marker is not None and marker.kwargs.get("transaction", False)
    if not is_transactional and "transactional_db" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("transactional_db")
    set_audit_retention("1970-01-01 00:00:00")
    yield
    set_audit_retention("2999-01-01 00:00:00")
