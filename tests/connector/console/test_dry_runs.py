"""Dry runs in the console: the real files of the next run, shown and taken back to the last number."""

import json
import uuid

import pytest
from django.urls import reverse

from core import models
from core.models import Export, File, Integration, Role, Run, RunTrigger
from core.states import ExportState, RunState
from tests import factories


@pytest.fixture
def integration(ours):
    row = ours[Integration]
    Integration.objects.filter(pk=row.pk).update(file_name="try-{sequence}.csv", start_on="2000-01-01")
    record = ours[models.Record]
    values = {"InvoiceID": record.xero_id, "InvoiceNumber": "INV-9", "Type": "ACCREC", "Status": "AUTHORISED"}
    values |= {"Total": 7.1, "Date": "/Date(1795564800000+0000)/", "UpdatedDateUTC": "/Date(1573755038314)/"}
    models.Record.objects.update(payload=json.dumps(values).encode())
    return Integration.objects.get(pk=row.pk)


@pytest.fixture
def pending(integration, ours):
    Export.objects.update(state=ExportState.PENDING, file=None)
    models.ExportContent.objects.all().delete()
    return integration


def tried(client, integration, **posted):
    address = reverse("admin:core_integration_dry_run", args=[integration.pk])
    return client.post(address, {"request_id": uuid.uuid4(), **posted})


def test_the_files_are_shown_and_nothing_of_them_stays(signed_in, pending):
    before = (File.objects.count(), pending.file_sequence)
    response = tried(signed_in(Role.OPERATOR), pending)
    ((file, shown),) = response.context["found"].files
    assert "INV-9" in shown["text"]
    assert file.name == f"try-{pending.file_sequence + 1}.csv"
    pending.refresh_from_db()
    assert (File.objects.count(), pending.file_sequence) == before
    assert not Export.objects.exclude(state=ExportState.PENDING).exists()


def test_that_it_was_tried_is_noted_as_a_run_once(signed_in, pending):
    client, request = signed_in(Role.OPERATOR), uuid.uuid4()
    for _ in range(2):
        tried(client, pending, request_id=request)
    run = Run.objects.get(trigger=RunTrigger.DRY_RUN)
    assert (run.state, run.requested_by) == (RunState.DONE, client.person)


def test_an_integration_that_is_not_live_is_tried_as_if_it_were(signed_in, integration):
    models.ExportContent.objects.all().delete()
    models.Problem.objects.all().delete()
    Export.objects.all().delete()
    Integration.objects.filter(pk=integration.pk).update(is_enabled=False, enabled_at=None, opening="all")
    response = tried(signed_in(Role.OPERATOR), integration)
    assert response.context["found"].total == 1
    integration.refresh_from_db()
    assert integration.enabled_at is None
    assert not Export.objects.exists()


def test_records_that_get_into_no_file_are_named_with_the_reason(signed_in, pending):
    definition = {"format": "csv", "fields": [{"name": "no", "source": "InvoiceNumber", "max": 2}]}
    factories.MappingVersionFactory(mapping=pending.mapping, number=9, definition=definition, sha256="9" * 64)
    found = tried(signed_in(Role.OPERATOR), pending).context["found"]
    assert found.files == []
    assert [state for _, state, _ in found.left] == [ExportState.FAILED]


def test_what_stands_in_the_way_is_said(signed_in, pending):
    Integration.objects.filter(pk=pending.pk).update(lease_until="2999-01-01T00:00:00Z")
    assert "being formatted" in tried(signed_in(Role.OPERATOR), pending).content.decode()


def test_a_viewer_tries_nothing(signed_in, pending):
    assert tried(signed_in(Role.VIEWER), pending).status_code == 403
    assert not Run.objects.filter(trigger=RunTrigger.DRY_RUN).exists()
