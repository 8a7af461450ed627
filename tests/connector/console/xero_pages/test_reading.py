"""An organisation's page says how far each stream was read and what is in its way; a cursor is set with a reason."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from core import models
from core.clock import database_now
from core.models import Event, FetchTrigger, Role, StreamCursor
from tests import factories

LONG_AGO = datetime(2026, 10, 20, 21, 14, 8, tzinfo=UTC)


@pytest.fixture
def organisation(ours):
    organisation = ours[models.Organisation]
    StreamCursor.objects.create(organisation=organisation, stream="invoices", read_until=LONG_AGO, read_at=LONG_AGO)
    StreamCursor.objects.create(organisation=organisation, stream="manual_journals", read_until=LONG_AGO)
    return organisation


def page_of(client, row):
    return client.get(reverse(f"admin:core_{row._meta.model_name}_change", args=[row.pk])).content.decode()


def press(client, organisation, action, **posted):
    given = {
        "_form_submitted": "True",
        "request_id": uuid.uuid4(),
        "stream": "invoices",
        "reason": "an import was undone",
        "confirmed": "on",
    }
    address = reverse(f"admin:core_organisation_{action}", args=[organisation.pk])
    return client.post(address, {name: value for name, value in (given | posted).items() if value is not None})


def cursor_of(organisation, stream="invoices"):
    return organisation.cursors.get(stream=stream).read_until


def test_each_stream_shows_its_cursor_in_the_tenants_zone(signed_in, organisation):
    page = page_of(signed_in(), organisation)
    assert "Manual journals" in page
    assert "20 Oct 2026, 16:14:08" in page


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("XERO_PERMISSION", "The person who connected may not see it in Xero."),
        ("XERO_SCOPE", "The connection was not given the permission for it."),
    ],
)
def test_a_stream_that_is_not_read_says_why_and_what_to_do(signed_in, organisation, code, said):
    organisation.cursors.filter(stream="manual_journals").update(blocked_code=code, blocked_at=database_now())
    page = page_of(signed_in(), organisation)
    assert said in page
    assert code in page
    assert "tried again" in page


def test_an_organisation_that_is_not_read_at_all_says_so_first(signed_in, organisation):
    models.Organisation.objects.update(blocked_code="XERO_DISCONNECTED", blocked_at=database_now())
    page = page_of(signed_in(), organisation)
    assert "The organisation no longer allows the app. Nothing of it is read." in page


@pytest.mark.parametrize(("days", "shown"), [(0, "59 days left"), (50, "9 days left"), (70, "0 days left")])
def test_the_days_left_of_a_sign_in_are_shown_on_both_pages(signed_in, organisation, days, shown):
    refreshed_at = database_now() - timedelta(days=days, minutes=5)
    models.Grant.objects.update(state="connected", auth="authorization_code", refreshed_at=refreshed_at)
    client = signed_in()
    assert shown in page_of(client, organisation)
    assert shown in page_of(client, organisation.grant)


def test_a_custom_connection_ends_never(signed_in, organisation):
    models.Grant.objects.update(state="connected", refreshed_at=database_now())
    assert "days left" not in page_of(signed_in(), organisation)


def test_the_calls_of_today_stand_beside_the_days_limit(signed_in, organisation, settings):
    settings.XERO_DAY_LIMIT = 1000
    today = database_now().date()
    models.CallCount.objects.create(organisation=organisation, day=today, calls=96)
    models.CallCount.objects.create(organisation=organisation, day=today - timedelta(days=1), calls=500)
    assert "96 of 1,000" in page_of(signed_in(), organisation)


@pytest.mark.parametrize(
    ("trigger", "said"), [(FetchTrigger.WEBHOOK, "found by a webhook"), (FetchTrigger.POLL, "found by a poll")]
)
def test_a_record_says_which_found_it(signed_in, ours, trigger, said):
    fetch = factories.FetchFactory(organisation=ours[models.Organisation], trigger=trigger)
    models.Record.objects.filter(pk=ours[models.Record].pk).update(fetch=fetch)
    assert said in page_of(signed_in(), ours[models.Export])


def test_an_announced_change_leads_to_the_record_that_came_of_it(signed_in, ours):
    announced, export = ours[models.WebhookEvent], ours[models.Export]
    models.WebhookEvent.objects.filter(pk=announced.pk).update(xero_id=export.xero_id)
    assert reverse("admin:core_export_change", args=[export.pk]) in page_of(signed_in(), announced)


def test_a_tenant_leads_to_its_organisations_and_they_to_the_sign_in(signed_in, ours, organisation):
    client = signed_in(Role.INTEGRATOR)
    assert reverse("admin:core_organisation_change", args=[organisation.pk]) in page_of(client, ours.tenant)
    assert reverse("xero-connection", args=[organisation.pk]) in page_of(client, organisation)


@pytest.mark.parametrize("role", [Role.INTEGRATOR, Role.OWNER])
def test_a_cursor_is_set_in_the_tenants_zone_and_the_trail_says_who_and_why(signed_in, organisation, role):
    client = signed_in(role)
    assert press(client, organisation, "set_cursor", read_until="2026-03-01T08:00")["HX-Redirect"]
    assert cursor_of(organisation) == datetime(2026, 3, 1, 14, 0, tzinfo=UTC)
    assert cursor_of(organisation, "manual_journals") == LONG_AGO
    event = Event.objects.get(event="cursor.set")
    assert (event.actor, event.stream) == (client.person.username, "invoices")
    told = {"from": "2026-10-20T21:14:08+00:00", "to": "2026-03-01T08:00:00-06:00", "reason": "an import was undone"}
    assert event.detail.items() >= told.items()


def test_a_reset_reads_everything_next(signed_in, organisation):
    assert press(signed_in(Role.OWNER), organisation, "reset_cursor")["HX-Redirect"]
    assert cursor_of(organisation) is None
    assert "from the beginning" in page_of(signed_in(), organisation)


@pytest.mark.parametrize("missing", ["reason", "confirmed", "stream"])
@pytest.mark.parametrize("action", ["set_cursor", "reset_cursor"])
def test_nothing_is_set_without_a_reason_a_tick_and_a_stream(signed_in, organisation, action, missing):
    answer = press(signed_in(Role.OWNER), organisation, action, read_until="2026-03-01T08:00", **{missing: None})
    assert "HX-Redirect" not in answer.headers
    assert cursor_of(organisation) == LONG_AGO


def test_a_moment_that_has_not_come_is_refused_in_the_dialog(signed_in, organisation):
    answer = press(signed_in(Role.OWNER), organisation, "set_cursor", read_until="2999-01-01T00:00")
    assert "Choose a moment in the past" in answer.content.decode()
    assert cursor_of(organisation) == LONG_AGO


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
@pytest.mark.parametrize("action", ["set_cursor", "reset_cursor"])
def test_others_may_not(signed_in, organisation, role, action):
    assert press(signed_in(role), organisation, action, read_until="2026-03-01T08:00").status_code == 403
    assert cursor_of(organisation) == LONG_AGO
