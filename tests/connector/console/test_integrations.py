"""Run now: a dialog that opens one run, whoever may, however often it is sent."""

import re
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from core.models import Event, Integration, Role, Run, RunTrigger
from tests.connector.console.worlds import World


@pytest.fixture
def address(ours):
    return reverse("admin:core_integration_run_now", args=[ours[Integration].pk])


def send(client, address, request_id=None):
    return client.post(address, {"_form_submitted": "True", "request_id": request_id or uuid.uuid4()})


def runs_by_hand():
    return Run.objects.filter(trigger=RunTrigger.MANUAL, request_id__isnull=False)


def test_an_operator_opens_a_run_and_is_led_to_its_page(signed_in, address, ours):
    client = signed_in(Role.OPERATOR)
    response = send(client, address)
    run = runs_by_hand().get()
    assert response["HX-Redirect"] == reverse("admin:core_run_change", args=[run.pk])
    assert (run.integration, run.requested_by) == (ours[Integration], client.person)


def test_a_double_click_is_one_run(signed_in, address):
    client, request_id = signed_in(Role.OPERATOR), uuid.uuid4()
    first, second = send(client, address, request_id), send(client, address, request_id)
    assert first["HX-Redirect"] == second["HX-Redirect"]
    assert runs_by_hand().count() == 1


def test_the_dialog_carries_a_new_request_id_each_time_and_opens_nothing(signed_in, address):
    client = signed_in(Role.OPERATOR)
    shown = [client.get(address).content.decode() for _ in range(2)]
    ids = [re.search(r'name="request_id" value="([0-9a-f-]{36})"', page).group(1) for page in shown]
    assert ids[0] != ids[1]
    assert not runs_by_hand().exists()


def test_a_viewer_is_refused_and_sees_no_button(signed_in, address, ours):
    client = signed_in(Role.VIEWER)
    page = client.get(reverse("admin:core_integration_change", args=[ours[Integration].pk]))
    assert address not in page.content.decode()
    assert send(client, address).status_code == 403
    assert not runs_by_hand().exists()


def test_a_form_without_the_token_is_refused(signed_in, address):
    person = signed_in(Role.OPERATOR).person
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person)
    assert send(strict, address).status_code == 403
    assert not runs_by_hand().exists()


def test_an_operator_of_one_tenant_is_a_viewer_in_the_other(signed_in, ours):
    client = signed_in(Role.OPERATOR)
    other = World.make("other")
    client.person.tenant_access.create(tenant=other.tenant, role=Role.VIEWER)
    address = reverse("admin:core_integration_run_now", args=[other[Integration].pk])
    assert send(client, address).status_code == 403
    assert not runs_by_hand().exists()


DAYS = {"_form_submitted": "True", "dated_from": "2026-10-01", "dated_to": "2026-10-31"}


def test_a_backfill_begins_is_stopped_and_taken_up_again(signed_in, ours):
    client = signed_in(Role.OPERATOR)
    address = reverse("admin:core_integration_backfill", args=[ours[Integration].pk])
    client.post(address, {**DAYS, "request_id": uuid.uuid4()})
    run = Run.objects.get(trigger=RunTrigger.BACKFILL)
    page = reverse("admin:core_run_change", args=[run.pk])
    assert "0 of 1 months read" in client.get(page).content.decode()
    stop = {"_form_submitted": "True", "request_id": uuid.uuid4(), "reason": "wrong month"}
    client.post(reverse("admin:core_run_cancel", args=[run.pk]), stop)
    run.refresh_from_db()
    assert run.state == "cancelled"
    assert Event.objects.get(event="backfill.stopped").detail["reason"] == "wrong month"
    client.post(reverse("admin:core_run_resume", args=[run.pk]), stop)
    assert Run.objects.filter(trigger=RunTrigger.BACKFILL).count() == 2


def test_a_backfill_that_ends_before_it_begins_is_refused(signed_in, ours):
    address = reverse("admin:core_integration_backfill", args=[ours[Integration].pk])
    posted = {**DAYS, "dated_to": "2026-09-01", "request_id": uuid.uuid4()}
    assert "before the first" in signed_in(Role.OPERATOR).post(address, posted).content.decode()
    assert not Run.objects.filter(trigger=RunTrigger.BACKFILL).exists()
