"""Detail pages tell the story: steps, content, progress, downloads, search."""

import pytest
from django.urls import reverse

from connector.console.exports import readable_json
from connector.console.story import steps_of
from core import models
from core.models import Role
from core.states import AckOutcome, ExportState, FileState, RunState
from tests import factories
from tests.connector.console.worlds import NOW


def page_of(row):
    return reverse(f"admin:core_{row._meta.model_name}_change", args=[row.pk])


def tones(export):
    return {step.name: step.tone for step in steps_of(export)}


STORIES = [
    ({"state": ExportState.PENDING}, None, ["good", "idle", "idle", "idle", "wait"]),
    ({"state": ExportState.FAILED}, None, ["good", "bad", "idle", "idle", "wait"]),
    ({"state": ExportState.UNCHANGED}, None, ["good", "wait", "wait", "idle", "wait"]),
    ({"state": ExportState.FORMATTED}, FileState.UPLOADING, ["good", "good", "good", "busy", "wait"]),
    ({"state": ExportState.FORMATTED}, FileState.FAILED, ["good", "good", "good", "bad", "wait"]),
    (
        {"state": ExportState.DELIVERED, "ack_outcome": AckOutcome.REJECTED},
        FileState.DELIVERED,
        ["good", "good", "good", "good", "bad"],
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("export", "file_state", "expected"), STORIES)
def test_the_story_says_how_far_a_record_came(export, file_state, expected):
    file = factories.FileFactory(state=file_state) if file_state else None
    shown = tones(factories.ExportFactory(**export, file=file))
    assert list(shown) == ["Read", "Mapped", "File", "Delivered", "Acknowledged"]
    assert list(shown.values()) == expected


def test_the_page_of_a_record_shows_what_xero_sent_and_what_the_partner_got(signed_in, ours):
    page = signed_in().get(page_of(ours[models.Export])).content.decode()
    assert "&quot;Total&quot;: 120.50" in page
    assert "ours-INV-1,120.50" in page
    assert ours[models.File].name in page


def test_amounts_keep_the_digits_that_xero_wrote():
    assert readable_json(b'{"Total":120.50,"Rate":1.0E+3}') == '{\n  "Total": 120.50,\n  "Rate": 1.0E+3\n}'
    assert readable_json(None) is None
    assert readable_json(b"\xff{") == "\ufffd{"


def test_a_purged_record_says_so(signed_in, ours):
    models.Record.objects.update(payload=None)
    assert "was purged" in signed_in().get(page_of(ours[models.Export])).content.decode()


def test_a_file_is_downloaded_byte_for_byte_as_plain_text(signed_in, ours):
    file = ours[models.File]
    models.File.objects.filter(pk=file.pk).update(sealed_at=NOW, name='a"b.csv')
    response = signed_in(Role.OPERATOR).get(reverse("admin:core_file_download", args=[file.pk]))
    assert b"".join(response.streaming_content) == b"invoice_no,amount\r\nours-INV-1,120.50\r\n"
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="a\\"b.csv"'
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_viewer_sees_the_content_but_does_not_download_it(signed_in, ours):
    file, client = ours[models.File], signed_in(Role.VIEWER)
    models.File.objects.filter(pk=file.pk).update(sealed_at=NOW)
    page = client.get(page_of(file)).content.decode()
    address = reverse("admin:core_file_download", args=[file.pk])
    assert "ours-INV-1,120.50" in page
    assert address not in page
    assert client.get(address).status_code == 403


def test_a_long_file_is_cut_on_its_page(signed_in, ours):
    file = ours[models.File]
    models.File.objects.filter(pk=file.pk).update(sealed_at=NOW, size=200_000)
    models.ExportContent.objects.update(data=b"x" * 200_000)
    response = signed_in().get(page_of(file))
    assert response.context["preview"]["is_cut"]
    assert len(response.context["preview"]["text"]) == 64 * 1024


@pytest.mark.parametrize(("state", "asks_again"), [(RunState.FETCHING, True), (RunState.DONE, False)])
def test_progress_is_asked_for_again_until_the_run_ends(state, asks_again, signed_in, ours):
    run = ours[models.Run]
    models.Run.objects.filter(pk=run.pk).update(state=state, finished_at=None if asks_again else NOW)
    address = reverse("admin:core_run_progress", args=[run.pk])
    assert (f'hx-get="{address}"' in signed_in().get(address).content.decode()) is asks_again


@pytest.mark.parametrize("term", ["ours-INV", "000000777", "ours-fi"])
def test_a_record_is_found_by_number_control_number_and_file(term, signed_in, ours):
    models.ExportContent.objects.update(control_number="000000777")
    found = signed_in().get(reverse("admin:core_export_changelist"), {"q": term})
    assert [row.pk for row in found.context["cl"].result_list] == [ours[models.Export].pk]


def test_a_record_is_found_by_its_xero_id_from_everywhere(signed_in, ours):
    term = ours[models.Export].xero_id[:13].upper()
    found = signed_in().get(reverse("admin:search"), {"s": term, "extended": 1}).content.decode()
    assert page_of(ours[models.Export]) in found


def test_problems_of_a_kind_stand_together(signed_in, ours):
    for _ in range(3):
        factories.ProblemFactory(tenant=ours.tenant, integration=ours[models.Integration], code="MAP_TOO_LONG")
    shown = signed_in().get(reverse("admin:core_problem_changelist"))
    assert [(group["code"], group["count"]) for group in shown.context["groups"]] == [("MAP_TOO_LONG", 3)]


def test_lists_say_why_they_are_empty(signed_in, ours):
    models.Problem.objects.all().delete()
    page = signed_in().get(reverse("admin:core_problem_changelist")).content.decode()
    assert "Nothing needs your attention" in page


def test_pages_beyond_the_newest_rows_lead_back_to_the_first(signed_in, ours):
    response = signed_in().get(reverse("admin:core_export_changelist"), {"p": "99999999"})
    assert response.status_code == 302


@pytest.mark.parametrize("model", [models.Export, models.File, models.Run, models.Problem, models.Acknowledgment])
def test_every_view_of_a_list_is_a_filter_that_works(model, signed_in, ours):
    client, address = signed_in(), reverse(f"admin:core_{model._meta.model_name}_changelist")
    views = client.get(address).context["views"]
    assert views
    for _, query, _ in views:
        shown = client.get(address + query)
        assert shown.status_code == 200
        assert shown.context["cl"].has_active_filters
        assert [is_here for _, other, is_here in shown.context["views"] if other == query] == [True]


def test_views_show_what_they_say(signed_in, ours):
    failed = factories.ExportFactory(integration=ours[models.Integration], state=ExportState.FAILED)
    shown = signed_in().get(reverse("admin:core_export_changelist") + "?state__exact=failed")
    assert [row.pk for row in shown.context["cl"].result_list] == [failed.pk]
