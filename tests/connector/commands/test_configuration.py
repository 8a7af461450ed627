"""`apply` and `export_config` from the command line: diff, dry run, JSON, exit codes."""

from pathlib import Path

import pytest

import connector
from core.models import Tenant
from tests.connector.commands.running import run, run_json
from tests.connector.config.files import ENVIRONMENT, HOST_KEY, INTEGRATION, SERVER, configuration, write

pytestmark = pytest.mark.django_db
EXAMPLES = Path(connector.__file__).parent / "examples"
VALUES = {
    "XERO_CC_ID": "id",
    "XERO_CC_SECRET": "a-secret",
    "ERP_SFTP_HOST": "127.0.0.1",
    "ERP_SFTP_PORT": "2222",
    "ERP_SFTP_PASSWORD": "a-password",
    "ERP_SFTP_HOST_KEY": HOST_KEY,
    "CEDAR_XERO_ID": "id",
    "CEDAR_XERO_SECRET": "a-secret",
    "CEDAR_XERO_WEBHOOK": "a-key",
    "CEDAR_SFTP_HOST": "sftp.example.com",
    "CEDAR_SFTP_HOST_KEY": HOST_KEY,
    "ALERT_URL": "https://hooks.example.com/services/T0",
    "ALERT_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def test_applying_shows_what_changed(tmp_path):
    path = write(tmp_path, configuration())
    code, out, _ = run("apply", path)
    assert code == 0
    assert "created   integration harbor/invoices-to-erp" in out
    assert "Applied: 7 created, 0 changed, 0 removed, 0 unchanged." in out
    changed = configuration({SERVER + ".port": 2222, INTEGRATION + ".schedule.cron": "30 6 * * *"})
    _, out, _ = run("apply", write(tmp_path, changed))
    assert "          port: 22 → 2222" in out
    assert "          schedule.cron: 0 * * * * → 30 6 * * *" in out


def test_a_dry_run_changes_nothing(tmp_path):
    code, out, _ = run("apply", write(tmp_path, configuration()), "--dry-run")
    assert code == 0
    assert "Dry run, nothing was changed: 7 created" in out
    assert not Tenant.objects.exists()


def test_json_lists_every_change(tmp_path):
    code, (shown,) = run_json("apply", write(tmp_path, configuration()))
    assert code == 0
    assert (shown["dry_run"], shown["created"], shown["unchanged"]) == (False, 7, 0)
    first = {"action": "created", "kind": "tenant", "tenant": "harbor", "name": "harbor", "keys": {}, "notes": []}
    assert shown["changes"][0] == first
    code, (shown,) = run_json("apply", write(tmp_path, configuration()))
    assert (code, shown["created"], shown["unchanged"]) == (0, 0, 7)


def test_a_wrong_file_ends_with_one_and_says_every_place(tmp_path):
    path = write(tmp_path, configuration({SERVER + ".port": 0, INTEGRATION + ".partner": "erpp"}))
    code, out, err = run("apply", path)
    assert (code, out) == (1, "")
    assert "tenants[0].servers[0].port" in err
    assert "Did you mean erp?" in err
    code, (shown,) = run_json("apply", path)
    assert (code, shown["code"]) == (1, "CONFIG_INVALID")
    assert [item["path"] for item in shown["findings"]] == [
        "tenants[0].servers[0].port",
        "tenants[0].integrations[0].partner",
    ]


def test_a_file_that_is_not_there_is_a_sentence(tmp_path):
    code, _, err = run("apply", tmp_path / "none.yaml")
    assert code == 1
    assert "cannot be read: No such file" in err


def test_an_export_is_a_file_that_changes_nothing(tmp_path, monkeypatch):
    run("apply", write(tmp_path, configuration()))
    code, text, _ = run("export_config", "harbor")
    assert code == 0
    path = write(tmp_path, text.encode())
    names = {"CLIENT_SECRET": "XERO_SECRET", "WEBHOOK_KEY_1": "XERO_WEBHOOK"}
    for name, source in names.items():
        monkeypatch.setenv(f"HARBOR_BOOKS_{name}", ENVIRONMENT[source])
    monkeypatch.setenv("HARBOR_ERP_PRIVATE_KEY", ENVIRONMENT["SFTP_KEY"])
    assert "0 created, 0 changed, 0 removed, 7 unchanged" in run("apply", path)[1]


def test_an_unknown_tenant_is_named_with_the_nearest(tmp_path):
    run("apply", write(tmp_path, configuration()))
    code, _, err = run("export_config", "habor")
    assert code == 1
    assert "Did you mean harbor?" in err


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_shipped_example_can_be_applied_and_then_changes_nothing(tmp_path, monkeypatch, settings, example):
    settings.ALLOWED_PRIVATE_NETS = ["127.0.0.0/8"]
    for name in VALUES:
        monkeypatch.setenv(name, VALUES[name])
    (tmp_path / "cedar.key").write_text(ENVIRONMENT["SFTP_KEY"])
    path = write(tmp_path, example.read_bytes())
    code, _, err = run("apply", path)
    assert (code, err) == (0, "")
    code, (shown,) = run_json("apply", path)
    assert (code, shown["created"], shown["changed"]) == (0, 0, 0)
