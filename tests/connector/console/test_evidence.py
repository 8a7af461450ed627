"""Evidence is shown whole and never edited; secrets and hostile text never get through."""

import base64
from html.parser import HTMLParser

import pytest
from django.contrib import admin
from django.urls import reverse

from connector.console.evidence import EvidenceAdmin
from core import models
from core.models import Role
from tests import factories
from tests.connector.console.addresses import all_addresses, page_families
from tests.connector.console.worlds import World

ADDRESSES = all_addresses()
EVIDENCE = [model for model in page_families() if isinstance(admin.site._registry[model], EvidenceAdmin)]
HOSTILE = '<img src=x onerror="alert(1)">{{constructor}}'


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
    world = World.make("hostile")
    for model, row in world.rows.items():
        if model is models.Event or not model._meta.label.startswith("core."):
            continue
        texts = [field.name for field in model._meta.fields if _takes_any_text(field)]
        model.objects.filter(pk=row.pk).update(**dict.fromkeys(texts, HOSTILE))
    models.Record.objects.update(payload=b'{"Contact":{"Name":"%s"}}' % HOSTILE.replace('"', "'").encode())
    models.ExportContent.objects.update(data=HOSTILE.encode())
    return world


def _takes_any_text(field):
    kinds = ("CharField", "TextField")
    free = field.get_internal_type() in kinds and not field.choices and (field.max_length or 999) >= 100
    return free and field.name not in ("time_zone", "sha256")


def test_hostile_text_stays_text(superuser_client, hostile):
    for address in ADDRESSES:
        found = Attributes()
        for query in ({"q": HOSTILE}, {"edit": "1"}):
            found.feed(superuser_client.get(address.of(hostile), query).content.decode())
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
