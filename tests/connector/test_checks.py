"""Settings that cannot work, or must not, are refused at the start with a sentence and a hint."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from connector.checks import check_settings

ROOT = Path(__file__).resolve().parent.parent.parent


def ids():
    return [message.id for message in check_settings()]


@pytest.fixture(autouse=True)
def _sound(settings):
    """Whatever the environment of this test run says, it starts from settings that are in order."""
    settings.DEBUG = False
    settings.XERO_CLIENT_ID = settings.XERO_CLIENT_SECRET = ""


def test_settings_in_order_are_let_through():
    assert ids() == []


@pytest.mark.parametrize("name", ["XERO_LOGIN_BASE", "XERO_IDENTITY_BASE", "XERO_API_BASE"])
@pytest.mark.parametrize(
    "base",
    [
        "http://api.xero.com",
        "http://10.0.0.5:8000",
        "https://api.xero.com/api.xro/2.0",
        "https://user:secret@api.xero.com",
        "ftp://api.xero.com",
        "api.xero.com",
        "",
        "https://[",
        "http://localhost.example.com",
    ],
)
def test_credentials_go_over_https_to_a_host_alone(settings, name, base):
    setattr(settings, name, base)
    assert ids() == ["connector.E003"]


@pytest.mark.parametrize("base", ["http://127.0.0.1:9000", "http://localhost:9000", "http://[::1]:9", "https://x.test"])
def test_a_simulator_on_this_machine_is_fine(settings, base):
    settings.XERO_API_BASE = base
    assert ids() == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"SECRET_KEY": ""}, "connector.E001"),
        ({"CONNECTOR_KEKS": "", "CONNECTOR_KEK_ACTIVE": ""}, "connector.E002"),
        ({"CONNECTOR_KEKS": "k=AAAA", "CONNECTOR_KEK_ACTIVE": "k"}, "connector.E002"),
        ({"DEBUG": True, "EMBEDDED": False}, "connector.E004"),
        ({"XERO_CLIENT_ID": "an-id"}, "connector.E005"),
        ({"XERO_SCOPES": "offline_access accounting.invoices"}, "connector.E006"),
        ({"XERO_SCOPES": "accounting.invoices.read"}, "connector.W001"),
        ({"ALLOWED_PRIVATE_NETS": ["10.0.0.0/33"]}, "connector.E007"),
        ({"LEASE_SECONDS": 0}, "connector.E008"),
        ({"WEBHOOKS_PER_SECOND": -1}, "connector.E008"),
        ({"WEBHOOKS_AT_ONCE": 0}, "connector.E008"),
        ({"XERO_SWEEP_DAYS": -1}, "connector.E008"),
        ({"PUBLIC_URL": "http://conn.example"}, "connector.E009"),
        ({"EMAIL_URL": "http://mail.example"}, "connector.E010"),
        ({"EMAIL_URL": "smtp://mail.example", "ALERT_FROM": ""}, "connector.E010"),
    ],
)
def test_what_cannot_work_is_named(settings, changes, expected):
    for name, value in changes.items():
        setattr(settings, name, value)
    (message,) = check_settings()
    assert (message.id, bool(message.hint)) == (expected, True)


def test_debug_is_fine_with_a_simulator(settings):
    settings.DEBUG, settings.EMBEDDED, settings.XERO_API_BASE = True, False, "http://127.0.0.1:9000"
    assert ids() == []


def test_no_secret_is_shown(settings):
    settings.CONNECTOR_KEKS = "k=a-secret-that-is-no-key"
    settings.XERO_API_BASE = "http://user:a-password@xero.example"
    assert "a-secret" not in str(check_settings())
    settings.EMAIL_URL = "pop://user:a-mail-password@mail.example"
    assert "a-password" not in str(check_settings())
    assert "a-mail-password" not in str(check_settings())


def test_a_command_refuses_to_start_with_them(tmp_path):
    environment = os.environ | {
        "XERO_API_BASE": "http://api.xero.com",
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
    }
    environment |= {"SECRET_KEY": "x" * 50, "CONNECTOR_KEKS": "k=" + "QUJD" * 10 + "QUI=", "CONNECTOR_KEK_ACTIVE": "k"}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "connector.E003" in done.stderr
    assert "Traceback" not in done.stderr
