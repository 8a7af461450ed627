"""Evidence is shown whole and never edited; secrets and hostile text never get through."""

import base64
from html.parser import HTMLParser

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from connector.console.evidence import EvidenceAdmin
from core import models
from core.models import Role
from tests import factories
from tests.connector.console.addresses import all_addresses, page_families
from tests.connector.console.worlds import HOSTILE, World

ADDRESSES = all_addresses()
WORKED_OUT = {"admin:core_export_replay", "admin:core_mapping_publish", "admin:core_tenant_configuration"}
"""Pages that work something out first: a plan, what a mapping changes, a file."""
EVIDENCE = [model for model in page_families() if isinstance(admin.site._registry[model], EvidenceAdmin)]


def label(model):
    return model._meta.label


@pytest.mark.parametrize("model", page_families(), ids=label)
def test_the_list_and_the_page_of_a_row_open(model, superuser_client, ours):
    page = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    assert superuser_client.get(reverse(f"{page}_changelist")).status_code == 200
    assert superuser_client.get(reverse(f"{page}_change", args=[ours[model].pk])).status_code == 200


@pytest.mark.parametrize("model", EVIDENCE, ids=label)
@pytest.mark.parametrize("what", ["add", "delete", "history"])
def test_evidence_is_not_added_deleted_or_edited(model, what, superuser_client, ours):
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}"
    address = reverse(name, args=[] if what == "add" else [ours[model].pk])
    assert superuser_client.get(address).status_code == 403
    assert superuser_client.post(address, {"post": "yes"}).status_code == 403


@pytest.mark.long
def test_sealed_values_are_on_no_page(superuser_client, ours):
    holders = (ours[models.Grant], ours[models.Server])
    sealed = [bytes(getattr(holder, name)) for holder in holders for name in holder.sealed_fields()]
    secrets = [ours.secret, *(text for data in sealed for text in (data.hex(), base64.b64encode(data).decode()))]
    for address in ADDRESSES:
        page = superuser_client.get(address.of(ours)).content.decode()
        assert not any(secret in page for secret in secrets), address.name


@pytest.mark.parametrize("model", [models.Grant, models.Server], ids=label)
def test_sealed_values_cannot_be_searched_for(model, superuser_client, ours):
    name = model.sealed_fields()[0]
    address = reverse(f"admin:core_{model._meta.model_name}_changelist")
    response = superuser_client.get(address, {f"{name}__isnull": "0"})
    assert response.status_code in (302, 400)


class Attributes(HTMLParser):
    """Collects the attributes that the theme's scripts evaluate."""

    def __init__(self):
        super().__init__()
        self.evaluated, self.tags = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.evaluated += [value or "" for key, value in attrs if key.startswith(("x-", "hx-on", ":", "@", "on"))]


@pytest.fixture
def hostile(db):
    return World.make_hostile("hostile")


@pytest.mark.long
def test_hostile_text_stays_text(superuser_client, hostile):
    for address in ADDRESSES:
        found = Attributes()
        for query in ({"q": HOSTILE}, {"edit": "1"}):
            response = superuser_client.get(address.of(hostile), query)
            found.feed(response.content.decode() if response["Content-Type"].startswith("text/html") else "")
        assert not [tag for tag, attrs in found.tags if tag == "img" and attrs.get("src") == "x"], address.name
        assert not [value for value in found.evaluated if "constructor" in value], address.name


@pytest.mark.parametrize("model", page_families(), ids=label)
def test_a_list_takes_at_most_ten_queries(model, signed_in, ours, django_assert_max_num_queries):
    client = signed_in(Role.OWNER)
    for number in range(3):
        World.make(f"more-{number}")
        factories.TenantAccessFactory(
            tenant=models.Tenant.objects.get(slug=f"more-{number}"), user=client.person, role=Role.OWNER
        )
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    for query in ({}, {"q": "more"}):
        with django_assert_max_num_queries(10):
            client.get(address, query)


def test_a_page_about_a_row_takes_at_most_ten_queries(signed_in, ours):
    client, over = signed_in(Role.OWNER), {}
    for address in ADDRESSES:
        if not address.about_a_row or address.name in WORKED_OUT:
            continue
        with CaptureQueriesContext(connection) as captured:
            client.get(address.of(ours))
        if len(captured) > 10:
            over[address.name] = len(captured)
    assert over == {}
