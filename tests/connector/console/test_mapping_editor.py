"""The mapping editor: a live preview of what is not saved, errors at the row, compare and publish."""

import json

import pytest
from django.urls import reverse

from connector.console.mapping_editor.rows import rows_of
from connector.console.mapping_editor.trial import at_rows
from core import models
from core.errors import Finding
from core.models import Mapping, Role
from tests import factories


@pytest.fixture
def mapping(ours):
    record = ours[models.Record]
    values = {
        "InvoiceID": record.xero_id,
        "InvoiceNumber": "ours-INV-1",
        "Type": "ACCREC",
        "Status": "AUTHORISED",
        "UpdatedDateUTC": "/Date(1573755038314)/",
        "DateString": "2026-11-25T00:00:00",
        "Date": "/Date(1795564800000+0000)/",
        "Contact": {"ContactID": "b" * 8 + "-0000-0000-0000-" + "0" * 12, "Name": "Café Brûlé"},
        "Total": 120.50,
    }
    models.Record.objects.filter(pk=record.pk).update(payload=json.dumps(values).encode())
    return ours[Mapping]


@pytest.fixture
def editor(signed_in, mapping):
    return Editor(signed_in(Role.INTEGRATOR), mapping)


class Editor:
    """Posts an editor's form as a browser would: everything as shown, with changes by field name."""

    def __init__(self, client, mapping):
        self.client, self.mapping = client, mapping

    def address(self, page):
        return reverse(f"admin:core_mapping_{page}", args=[self.mapping.pk])

    def posted(self, **changes):
        context = self.client.get(self.address("editor")).context
        posted = {
            "seen": context["frame"]["seen"].value(),
            "options": context["frame"]["options"].value(),
            "sample": "",
        }
        for form in (context["rows"].management_form, *context["rows"]):
            for field in form:
                if field.value() not in (None, False):
                    posted[field.html_name] = field.value()
        return {**posted, **changes}

    def post(self, page, **changes):
        return self.client.post(self.address(page), self.posted(**changes))


def test_the_preview_shows_rows_that_are_not_saved(editor, mapping):
    before = dict(mapping.draft)
    shown = editor.post("live_preview", **{"rows-2-source": "Status"}).content.decode()
    assert "ours-INV-1,2026-11-25,AUTHORISED,120.50,new" in shown
    mapping.refresh_from_db()
    assert mapping.draft == before


def test_a_wrong_field_is_named_at_its_row_with_the_nearest_name(editor):
    shown = editor.post("live_preview", **{"rows-3-source": "Totall"}).content.decode()
    assert 'href="#row-4"' in shown
    assert "Row 4, amount" in shown
    assert "Total" in shown
    assert "mlc-notes" not in shown


def test_what_is_noted_beside_a_file_does_not_look_like_an_error(editor, mapping):
    cut = {"source": "Status", "max": 4, "overflow": "cut"}
    fields = [row | cut if at == 2 else row for at, row in enumerate(mapping.draft["fields"])]
    mapping.draft = mapping.draft | {"fields": fields}
    mapping.save()
    shown = editor.post("live_preview").content.decode()
    assert "ours-INV-1,2026-11-25,AUTH,120.50,new" in shown
    assert '<ul class="mlc-complaints mlc-notes">' in shown


def test_another_record_is_shown_by_its_number(editor, ours):
    integration = ours[models.Integration]
    payload = b'{"InvoiceID":"%s","InvoiceNumber":"INV-77","UpdatedDateUTC":"/Date(1573755038314)/","Total":7.10}'
    other = factories.RecordFactory.build(organisation=integration.organisation, number="INV-77")
    other.payload = payload % other.xero_id.encode()
    other.save()
    assert "INV-77,,,7.10,new" in editor.post("live_preview", sample="INV-77").content.decode()


def test_without_a_record_a_shipped_sample_is_shown(editor, mapping):
    models.ExportContent.objects.all().delete()
    models.Problem.objects.all().delete()
    models.Export.objects.all().delete()
    models.Record.objects.all().delete()
    assert "a shipped sample" in editor.post("live_preview").content.decode()


def test_saving_keeps_the_order_that_was_numbered_and_drops_what_was_removed(editor, mapping):
    changes = {"rows-0-position": "9", "rows-4-removed": "on", "rows-5-name": "kind", "rows-5-source": "Type"}
    assert editor.post("editor", **changes).status_code == 302
    mapping.refresh_from_db()
    assert [field["name"] for field in mapping.draft["fields"]] == ["date", "contact", "amount", "kind", "invoice_no"]
    event = models.Event.objects.get(event="mapping.draft_saved")
    assert event.actor == editor.client.person.username


def test_somebody_elses_draft_is_not_overwritten(editor, mapping):
    posted = editor.posted()
    Mapping.objects.filter(pk=mapping.pk).update(draft={"base": "csv-invoices"})
    response = editor.client.post(editor.address("editor"), posted)
    assert "Somebody else saved this mapping" in response.content.decode()
    mapping.refresh_from_db()
    assert mapping.draft == {"base": "csv-invoices"}


def test_publishing_shows_the_difference_and_makes_a_version(editor, mapping):
    editor.post("editor", **{"rows-3-source": "SubTotal"})
    page = editor.client.get(editor.address("publish")).content.decode()
    assert "SubTotal" in page
    editor.client.post(editor.address("publish"), {"note": "net amounts"})
    version = mapping.versions.order_by("-number").first()
    assert (version.number, version.note, version.published_by) == (2, "net amounts", editor.client.person)
    assert version.definition["fields"][3]["source"] == "SubTotal"


def test_a_draft_with_a_mistake_is_saved_but_not_published(editor, mapping):
    editor.post("editor", **{"rows-3-source": "Totall"})
    refused = editor.client.post(editor.address("publish"), {"note": "oops"}).content.decode()
    assert "cannot be published yet" in refused
    assert "Totall" in refused
    assert mapping.versions.count() == 1


def test_records_that_would_fail_are_named_before_publishing(editor):
    assert "All of the last 1 records" in editor.post("tried").content.decode()
    failing = editor.post("tried", **{"rows-2-max": "3"}).content.decode()
    assert "1 of the last 1 records cannot be sent" in failing
    assert "ours-INV-1" in failing


def test_the_whole_draft_is_edited_as_text(editor, mapping):
    ids = {"version": "004010", "sender": ["ZZ", "US"], "receiver": ["ZZ", "THEM"]}
    models.Partner.objects.update(x12=ids)
    context = editor.client.get(editor.address("whole")).context
    posted = {"seen": context["form"]["seen"].value(), "text": "base: x12-810\nset: {BIG07: \"'DI'\"}\n"}
    editor.client.post(editor.address("whole"), posted)
    mapping.refresh_from_db()
    assert mapping.draft == {"base": "x12-810", "set": {"BIG07": "'DI'"}}
    page = editor.client.get(editor.address("editor")).content.decode()
    assert "Invoice number, AN, 1 to 22 characters" in page
    models.Record.objects.update(payload=None)
    assert "ISA*" in editor.post("live_preview").content.decode()


@pytest.mark.parametrize("text", ["a: [", "[1]", "&a [*a]", "!!python/object:os.system x"])
def test_odd_text_is_refused_politely(text, editor):
    assert editor.client.post(editor.address("whole"), {"seen": "x", "text": text}).context["form"].errors


def test_a_new_mapping_begins_with_a_base(signed_in, ours):
    client = signed_in(Role.INTEGRATOR)
    client.post(reverse("admin:core_mapping_add"), {"name": "erp-csv", "base": "csv-invoices"})
    mapping = Mapping.objects.get(name="erp-csv")
    assert (mapping.draft, mapping.versions.count()) == ({"base": "csv-invoices"}, 0)
    again = client.post(reverse("admin:core_mapping_add"), {"name": "ERP-CSV", "base": ""})
    assert again.context["form"].errors["name"]


@pytest.mark.parametrize("page", ["editor", "live_preview", "tried", "whole", "publish"])
def test_an_operator_does_not_edit(page, signed_in, mapping):
    address = reverse(f"admin:core_mapping_{page}", args=[mapping.pk])
    client = signed_in(Role.OPERATOR)
    assert client.get(address).status_code == 403
    assert client.post(address, {}).status_code == 403


@pytest.mark.parametrize("path", ["BIG02", "INV-7 BIG02", "set.BIG02.source"])
def test_what_is_wrong_with_an_element_stands_at_its_row(path):
    rows = rows_of({"base": "x12-810"})
    (complaint,) = at_rows((Finding(path, "It is empty."),), rows)
    assert (complaint.name, rows[complaint.number - 1].key) == ("BIG02", "BIG02")
