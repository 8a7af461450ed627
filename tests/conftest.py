"""What every test stands on: a Redis of its own, and a database that is empty again behind each test."""

import os
import tempfile
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import TransactionTestCase

from connector.celery import app
from connector.embedded import start_valkey
from tests.emptying import empty_tables


def pytest_configure():
    """Tests speak plain HTTP and sign in with a password alone, unless they are about exactly that."""
    plain = {"SECURE_SSL_REDIRECT": False, "SECURE_HSTS_SECONDS": 0, "SECOND_FACTOR": False}
    plain |= {"SESSION_COOKIE_SECURE": False, "SESSION_COOKIE_NAME": "sessionid"}
    plain |= {"CSRF_COOKIE_SECURE": False, "CSRF_COOKIE_NAME": "csrftoken"}
    for name, value in plain.items():
        setattr(django_settings, name, value)
    TransactionTestCase._fixture_teardown = empty_tables


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
