"""Replays: planned before they begin, with a reason, once a request, one record or all that a list shows."""

import uuid

import pytest
from django.urls import reverse

from core.models import Event, Export, Integration, ReplayItem, Role, Run, RunTrigger
from core.states import ExportState
from tests import factories
from tests.connector.console.worlds import World

MANY = "admin:core_export_replay_many"


@pytest.fixture
def failed(ours):
    return factories.ExportFactory(integration=ours[Integration], state=ExportState.FAILED)


def address_of(export):
    return reverse("admin:core_export_replay", args=[export.pk])


def send(client, address, **posted):
    return client.post(
        address, {"mode": "map_again", "reason": "mapping corrected", "request_id": uuid.uuid4(), **posted}
    )


def replays():
    return Run.objects.filter(trigger=RunTrigger.REPLAY)


def test_a_failed_record_is_replayed_with_a_reason(signed_in, failed):
    client = signed_in(Role.OPERATOR)
    response = send(client, address_of(failed))
    run = replays().get()
    assert response["Location"] == reverse("admin:core_run_change", args=[run.pk])
    assert (run.replay_mode, run.replay_reason, run.requested_by) == ("map_again", "mapping corrected", client.person)
    assert ReplayItem.objects.get(run=run).export == failed


def test_a_double_click_is_one_replay(signed_in, failed):
    client, request = signed_in(Role.OPERATOR), uuid.uuid4()
    first = send(client, address_of(failed), request_id=request)
    assert send(client, address_of(failed), request_id=request)["Location"] == first["Location"]
    assert replays().count() == 1


def test_the_plan_is_shown_before_and_changes_nothing(signed_in, ours):
    page = signed_in(Role.OPERATOR).get(address_of(ours[Export]), {"part": "plan", "mode": "map_again"})
    assert "has 1 of these 1 already and would get them twice" in page.content.decode()
    assert not replays().exists()


@pytest.mark.parametrize("posted", [{"reason": ""}, {"mode": "nonsense"}, {"request_id": "x"}, {"version": "999"}])
def test_an_incomplete_replay_does_not_begin(posted, signed_in, failed):
    response = send(signed_in(Role.OPERATOR), address_of(failed), **posted)
    assert response.status_code == 200
    assert response.context["form"].errors
    assert not replays().exists()


def test_what_cannot_be_replayed_says_why(signed_in, ours):
    held = factories.ExportFactory(integration=ours[Integration], state=ExportState.HELD)
    response = send(signed_in(Role.OPERATOR), address_of(held))
    assert "on hold" in response.content.decode()
    assert not replays().exists()


def test_everything_that_a_list_shows_is_replayed_and_nothing_else(signed_in, failed, ours):
    other = factories.ExportFactory(integration=ours[Integration], state=ExportState.FAILED)
    response = send(signed_in(Role.OPERATOR), reverse(MANY) + "?state__exact=failed")
    assert response.status_code == 302
    assert set(ReplayItem.objects.values_list("export_id", flat=True)) == {failed.pk, other.pk}


def test_many_are_replayed_only_when_their_number_was_typed(signed_in, ours):
    factories.ExportFactory.create_batch(26, integration=ours[Integration], state=ExportState.FAILED)
    client, address = signed_in(Role.OPERATOR), reverse(MANY) + "?state__exact=failed"
    assert "typed" in send(client, address).context["form"].errors
    assert not replays().exists()
    send(client, address, typed="26")
    assert ReplayItem.objects.count() == 26


def test_only_tenants_where_somebody_is_an_operator_are_replayed(signed_in, failed):
    client, other = signed_in(Role.OPERATOR), World.make("other")
    client.person.tenant_access.create(tenant=other.tenant, role=Role.VIEWER)
    factories.ExportFactory(integration=other[Integration], state=ExportState.FAILED)
    send(client, reverse(MANY) + "?state__exact=failed")
    assert list(ReplayItem.objects.values_list("export_id", flat=True)) == [failed.pk]


def test_a_list_with_a_filter_that_there_is_not_is_not_replayed(signed_in, failed):
    assert send(signed_in(Role.OPERATOR), reverse(MANY) + "?nonsense=1").status_code == 404


def test_a_viewer_replays_nothing(signed_in, failed):
    client = signed_in(Role.VIEWER)
    assert send(client, address_of(failed)).status_code == 403
    assert send(client, reverse(MANY)).status_code == 403


def test_the_page_of_a_replay_shows_how_far_it_is(signed_in, failed):
    client = signed_in(Role.OPERATOR)
    send(client, address_of(failed))
    page = client.get(reverse("admin:core_run_change", args=[replays().get().pk])).content.decode()
    assert "0 of 1 records" in page
    assert "mapping corrected" in page


DOWNLOAD = "admin:core_export_download_many"


@pytest.mark.parametrize(("kind", "begins"), [("csv", b"\xef\xbb\xbf"), ("jsonl", b"{"), ("zip", b"PK")])
def test_what_a_list_shows_is_downloaded_and_the_trail_says_who_took_it(kind, begins, signed_in, failed):
    client = signed_in(Role.OPERATOR)
    response = client.post(reverse(DOWNLOAD) + "?state__exact=failed", {"format": kind})
    body = b"".join(response.streaming_content)
    assert body.startswith(begins)
    assert response["Content-Disposition"].startswith("attachment")
    event = Event.objects.get(event="exports.downloaded")
    assert (event.actor, event.detail["count"]) == (client.person.username, 1)


def test_a_download_takes_only_what_the_list_shows(signed_in, failed, ours, theirs):
    body = signed_in(Role.OPERATOR).post(reverse(DOWNLOAD) + "?state__exact=failed", {"format": "jsonl"})
    shown = b"".join(body.streaming_content).decode()
    assert failed.number in shown
    assert "ours-INV-1" not in shown
    assert "theirs" not in shown


def test_viewers_and_links_download_nothing(signed_in, failed):
    assert signed_in(Role.VIEWER).post(reverse(DOWNLOAD), {"format": "csv"}).status_code == 403
    assert signed_in(Role.OPERATOR).get(reverse(DOWNLOAD)).status_code == 404
    assert not Event.objects.filter(event="exports.downloaded").exists()
