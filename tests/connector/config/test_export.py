"""Exporting writes a file that, applied again, changes nothing; it holds no secret."""

import json

import pytest

from connector.config.apply import apply_file
from connector.config.export import as_yaml, export, variables
from core.models import Mapping, Tenant
from tests.connector.config.files import (
    ENVIRONMENT,
    INTEGRATION,
    NOW,
    PARTNER,
    SECRETS,
    SERVER,
    TENANT,
    actions,
    another,
    apply,
    configuration,
    write,
)

pytestmark = pytest.mark.django_db
MORE = {
    f"{TENANT}.servers.1": another(
        SERVER, name="sand box", host="test.example.com", publish="staging", staging_folder="/s"
    ),
    PARTNER + ".test": {"server": "sand box", "folders": {"send_to": "/test"}},
    INTEGRATION + ".mapping": "invoices-csv@1",
    INTEGRATION + ".batch": 500,
    f"{TENANT}.integrations.1": another(
        INTEGRATION, name="later", file_name="later_{sequence}.csv", after=["invoices-to-erp"], enabled=False
    ),
}
NAMES = {
    "HARBOR_BOOKS_CLIENT_SECRET": ENVIRONMENT["XERO_SECRET"],
    "HARBOR_BOOKS_WEBHOOK_KEY_1": ENVIRONMENT["XERO_WEBHOOK"],
    "HARBOR_ERP_PRIVATE_KEY": ENVIRONMENT["SFTP_KEY"],
    "HARBOR_SAND_BOX_PRIVATE_KEY": ENVIRONMENT["SFTP_KEY"],
}


def exported():
    return export(list(Tenant.objects.order_by("slug")))


def test_an_exported_file_changes_nothing_when_it_is_applied(tmp_path):
    apply(tmp_path, configuration(MORE))
    path = write(tmp_path, as_yaml(exported()).encode())
    assert actions(apply_file(path, environment=NAMES, now=NOW)) == []
    assert actions(apply_file(path, environment=NAMES, prune=True, now=NOW)) == []


def test_it_makes_the_same_again_from_nothing(tmp_path):
    apply(tmp_path, configuration(MORE))
    first = as_yaml(exported())
    path = write(tmp_path, first.replace("slug: harbor", "slug: cedar").encode())
    apply_file(path, environment=NAMES, now=NOW)
    second = as_yaml(export([Tenant.objects.get(slug="cedar")]))
    assert second.replace("cedar", "harbor").replace("CEDAR", "HARBOR") == first


def test_secrets_are_names_of_variables_only(tmp_path):
    apply(tmp_path, configuration(MORE))
    text = as_yaml(exported())
    assert variables(exported()) == sorted(NAMES)
    assert all(f"#   {name}\n" in text for name in NAMES)
    assert not any(secret.strip() in text for secret in SECRETS)


def test_words_that_look_like_numbers_stay_words(tmp_path):
    apply(tmp_path, configuration({PARTNER + ".x12.sender": ["01", "004010"], TENANT + ".name": "no"}))
    path = write(tmp_path, as_yaml(exported()).encode())
    assert actions(apply_file(path, environment=NAMES, now=NOW)) == []
    assert exported()["tenants"][0]["partners"][0]["x12"]["sender"] == ["01", "004010"]


def test_json_is_a_configuration_file_as_well(tmp_path):
    apply(tmp_path, configuration(MORE))
    path = write(tmp_path, json.dumps(exported(), default=str).encode())
    assert actions(apply_file(path, environment=NAMES, now=NOW)) == []


def test_a_draft_that_was_never_published_is_not_in_the_file(tmp_path):
    apply(tmp_path, configuration())
    Mapping.objects.create(tenant=Tenant.objects.get(), name="draft", draft={"format": "csv"})
    assert [item["name"] for item in exported()["tenants"][0]["mappings"]] == ["invoices-csv"]
