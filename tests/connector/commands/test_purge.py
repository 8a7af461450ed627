"""`purge`: by each tenant's own limits, counted beforehand where asked."""

from datetime import UTC, datetime

import pytest

from core import audit, audit_verify
from core.audit import INSTALLATION, EventDraft
from core.models import Event, Record, Tenant
from tests.connector.commands.running import run, run_json
from tests.connector.config.files import write
from tests.factories import RecordFactory, TenantFactory

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def harbor():
    tenant = TenantFactory(slug="harbor", options={"retention": {"payload_days": 400, "event_months": 12}})
    RecordFactory(organisation__tenant=tenant, organisation__grant__tenant=tenant, is_latest=False, read_at=LONG_AGO)
    audit.append([EventDraft(tenant.pk, "old")], now=LONG_AGO)
    return tenant


def test_a_dry_run_counts_and_changes_nothing(harbor):
    code, (shown,) = run_json("purge", "harbor", "--dry-run")
    assert (code, shown) == (
        0,
        {"tenant": "harbor", "state": "would be purged", "counts": {"payloads": 1, "events": 1}},
    )
    assert Record.objects.get().payload is not None


def test_each_tenant_is_purged_by_its_own_limits(harbor):
    meadow = TenantFactory(slug="meadow")
    audit.append([EventDraft(meadow.pk, "old")], now=LONG_AGO)
    code, out, _ = run("purge")
    assert code == 0
    assert out == "harbor: 1 payloads, 1 events purged.\nmeadow: nothing purged.\ninstallation: nothing purged.\n"
    assert Record.objects.get().payload is None
    assert Event.objects.filter(tenant_id=meadow.pk).count() == 1
    assert run("verify_audit")[0] == 0


def test_the_installations_own_chain_has_a_limit_in_the_settings(settings):
    settings.RETENTION_EVENT_MONTHS = 24
    audit.append([EventDraft(INSTALLATION, "old")], now=LONG_AGO)
    assert run_json("purge")[1] == [{"tenant": "installation", "state": "purged", "counts": {"events": 1}}]
    assert list(audit_verify.verify(INSTALLATION)) == []


def test_limits_come_from_the_configuration_file_and_go_back_into_one(tmp_path):
    limits = {"payload_days": 400, "event_months": 84}
    path = write(tmp_path, {"version": 1, "tenants": [{"slug": "harbor", "retention": limits}]})
    assert run("apply", path)[0] == 0
    assert Tenant.objects.get().options["retention"] == limits
    assert "unchanged" in run("apply", path)[1]
    assert run_json("export_config")[1][0]["tenants"][0]["retention"] == limits


@pytest.mark.parametrize("limits", [{"payload_days": 0}, {"payload_days": "x"}, {"payload_day": 3}, [], "forever"])
def test_limits_that_cannot_be_are_refused_with_their_place(tmp_path, limits):
    path = write(tmp_path, {"version": 1, "tenants": [{"slug": "harbor", "retention": limits}]})
    code, _, err = run("apply", path)
    assert (code, "tenants[0].retention" in err) == (1, True)
