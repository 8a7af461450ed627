"""A person of one tenant gets nothing of another: every address of the console, from its own address list."""

import uuid

import pytest
from django.contrib import admin
from django.db.models import ForeignKey, ManyToManyField
from django.urls import reverse

from core.models import Role
from tests.connector.console.addresses import all_addresses, page_families, snapshot

ADDRESSES = all_addresses()
ABOUT_ROWS = [address for address in ADDRESSES if address.about_a_row]
LISTS = [address for address in ADDRESSES if not address.about_a_row]
POSTED = {"_form_submitted": "True", "post": "yes", "reason": "because", "name": "taken over"}
REFUSALS = {302, 403, 404, 405}


def text(response):
    return b"".join(response.streaming_content if response.streaming else [response.content]).decode()


@pytest.mark.parametrize("model", page_families(), ids=lambda model: model._meta.label)
def test_every_page_family_has_a_row_in_the_worlds(model, theirs):
    assert theirs[model].pk


def test_a_row_of_another_tenant_is_not_shown(signed_in, theirs):
    client, shown = signed_in(Role.OWNER), []
    for address in ABOUT_ROWS:
        response = client.get(address.of(theirs))
        if response.status_code not in REFUSALS or "theirs" in text(response):
            shown.append(address.name)
    assert shown == []


def test_a_row_of_another_tenant_cannot_be_changed(signed_in, theirs):
    client, before, changed = signed_in(Role.OWNER), snapshot(theirs), []
    for address in ABOUT_ROWS:
        response = client.post(address.of(theirs), {**POSTED, "request_id": str(uuid.uuid4())})
        if response.status_code not in REFUSALS or snapshot(theirs) != before:
            changed.append(address.name)
    assert changed == []


def test_lists_and_forms_show_nothing_of_another_tenant(signed_in, theirs):
    client, shown = signed_in(Role.OWNER), []
    for address in LISTS:
        for query in ("", "?q=theirs", "?s=theirs&extended=1"):
            page = text(client.get(address.of(theirs) + query))
            if f"{theirs.name}-" in page or f"{theirs.name} tenant" in page:
                shown.append(address.name + query)
    assert shown == []


def test_lists_cannot_be_used_to_change_another_tenant(signed_in, theirs):
    client, before, changed = signed_in(Role.OWNER), snapshot(theirs), []
    for address in LISTS:
        chosen = [str(theirs[address.model].pk)] if address.model else []
        for action in ("delete_selected", *_list_actions(address)):
            client.post(address.of(theirs), {**POSTED, "action": action, "_selected_action": chosen})
        if snapshot(theirs) != before:
            changed.append(address.name)
    assert changed == []


def _list_actions(address):
    page = admin.site._registry.get(address.model)
    return [getattr(action, "__name__", action) for action in (page.actions or [])] if page else []


def foreign_keys():
    for model in page_families():
        for field in model._meta.get_fields():
            if isinstance(field, ForeignKey | ManyToManyField) and field.related_model in admin.site._registry:
                yield pytest.param(field, id=f"{model._meta.label}.{field.name}")


@pytest.mark.parametrize("field", list(foreign_keys()))
def test_choices_of_another_tenant_are_not_offered(field, signed_in, theirs):
    meta = field.model._meta
    query = {"app_label": meta.app_label, "model_name": meta.model_name, "field_name": field.name, "term": ""}
    response = signed_in(Role.OWNER).get(reverse("admin:autocomplete"), query)
    assert "theirs" not in text(response)


def test_a_viewer_changes_nothing_of_the_own_tenant(signed_in, ours):
    client, before, changed = signed_in(Role.VIEWER), snapshot(ours), []
    for address in ABOUT_ROWS:
        client.post(address.of(ours), {**POSTED, "request_id": str(uuid.uuid4())})
        if snapshot(ours) != before:
            changed.append(address.name)
    assert changed == []


def test_nothing_is_shown_to_somebody_who_is_not_signed_in(client, ours):
    answers = {address.name: client.get(address.of(ours)) for address in ADDRESSES}
    sign_in = reverse("admin:login")
    assert [
        name for name, answer in answers.items() if not answer.headers.get("Location", "").startswith(sign_in)
    ] == []


def test_somebody_without_a_role_sees_nothing(signed_in, ours):
    client = signed_in()
    client.person.tenant_access.all().delete()
    assert [address.name for address in ADDRESSES if "ours" in text(client.get(address.of(ours)))] == []
