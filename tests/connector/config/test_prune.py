"""Pruning removes what a file leaves out of its tenants, and refuses what has history."""

import pytest

from core.errors import Invalid
from core.models import Event, HostKey, Integration, Mapping, Partner, Run, Server, Tenant
from sftp_app.keys import generate_key_pair
from tests.connector.config.files import (
    HOST_KEY,
    INTEGRATION,
    MAPPING,
    PARTNER,
    SERVER,
    TENANT,
    actions,
    another,
    apply,
    configuration,
)

pytestmark = pytest.mark.django_db
EXTRA = {
    f"{TENANT}.servers.1": another(SERVER, name="sandbox", host="test.example.com"),
    f"{TENANT}.partners.1": another(PARTNER, name="acme", server="sandbox"),
    f"{TENANT}.mappings.1": another(MAPPING, name="acme-csv"),
    f"{TENANT}.integrations.1": another(
        INTEGRATION, name="to-acme", partner="acme", mapping="acme-csv", file_name="acme_{sequence}.csv"
    ),
}


def test_without_prune_nothing_is_removed(tmp_path):
    apply(tmp_path, configuration(EXTRA))
    assert actions(apply(tmp_path, configuration())) == []
    assert Integration.objects.count() == 2


def test_with_prune_what_the_file_leaves_out_is_removed_in_order(tmp_path):
    apply(tmp_path, configuration(EXTRA))
    removed = actions(apply(tmp_path, configuration(), prune=True))
    assert removed == [
        "removed integration to-acme",
        "removed mapping acme-csv",
        "removed partner acme",
        "removed server sandbox",
    ]
    assert [model.objects.count() for model in (Integration, Mapping, Partner, Server)] == [1, 1, 1, 1]
    assert Event.objects.filter(event="config.removed", actor="configuration file").count() == 4


def test_a_dry_run_prunes_nothing(tmp_path):
    apply(tmp_path, configuration(EXTRA))
    assert len(actions(apply(tmp_path, configuration(), prune=True, dry_run=True))) == 4
    assert Integration.objects.count() == 2


def test_other_tenants_are_never_touched(tmp_path):
    apply(tmp_path, configuration({TENANT + ".slug": "cedar"}))
    apply(tmp_path, configuration(), prune=True)
    assert sorted(Tenant.objects.values_list("slug", flat=True)) == ["cedar", "harbor"]
    assert Integration.objects.count() == 2


def test_what_has_history_stays_and_nothing_else_is_removed(tmp_path):
    apply(tmp_path, configuration(EXTRA))
    integration = Integration.objects.get(name="to-acme")
    Run.objects.create(tenant=integration.tenant, integration=integration, trigger="manual")
    with pytest.raises(Invalid) as refused:
        apply(tmp_path, configuration(), prune=True)
    said = str(refused.value)
    assert "harbor/to-acme: It stays, because runs belong to it." in said
    assert "`enabled: false`" in said
    assert Integration.objects.count() == 2
    assert Mapping.objects.count() == 2


def test_what_is_pruned_cannot_be_named_any_more(tmp_path):
    apply(tmp_path, configuration(EXTRA))
    file = configuration({INTEGRATION + ".partner": "acme"})
    with pytest.raises(Invalid, match="There is no partner acme"):
        apply(tmp_path, file, prune=True)
    assert actions(apply(tmp_path, file)) == ["changed integration invoices-to-erp"]


def test_a_host_key_goes_only_with_prune_and_is_then_rejected(tmp_path):
    second = " ".join(generate_key_pair(comment="x").public.split()[:2])
    apply(tmp_path, configuration({SERVER + ".host_keys": [HOST_KEY, second]}))
    assert actions(apply(tmp_path, configuration({SERVER + ".host_keys": [second]}))) == []
    only = configuration({SERVER + ".host_keys": [second]})
    assert actions(apply(tmp_path, only, prune=True)) == ["changed server erp"]
    states = {f"{key.key_type} {key.key}": key.state for key in HostKey.objects.all()}
    assert states == {second: "approved", " ".join(HOST_KEY.split()[:2]): "rejected"}
    assert Event.objects.filter(event="hostkey.rejected").count() == 1
