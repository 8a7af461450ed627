"""A file's page: what it waits for, how we know that it arrived, who vouched for it, and its exact bytes."""

import gzip
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from connector.console import words
from core import models, waiting
from core.clock import database_now
from core.models import Compression, Role
from tests.outbox_files import sealed_file


@pytest.fixture
def file(ours):
    made, _ = sealed_file(ours[models.Integration])
    return made


def page_of(client, file):
    return client.get(reverse("admin:core_file_change", args=[file.pk])).content.decode()


def test_every_code_of_waiting_has_its_words():
    assert set(words.WAITS) == set(waiting.CODES)


@pytest.mark.parametrize("code", waiting.CODES)
def test_a_file_that_waits_says_for_what_and_until_when(code, signed_in, file):
    at = database_now() + timedelta(hours=3)
    models.File.objects.filter(pk=file.pk).update(problem_code=code, next_attempt_at=at)
    page = page_of(signed_in(Role.VIEWER), file)
    assert words.WAITS[code] in page
    assert at.isoformat() in page


@pytest.mark.parametrize("state", ["retry_wait", "publishing"])
def test_the_next_try_is_shown_and_what_its_server_waits_for(state, signed_in, file):
    now = database_now()
    models.File.objects.filter(pk=file.pk).update(state=state, next_attempt_at=now)
    later = now + timedelta(minutes=30)
    models.Server.objects.filter(pk=file.server_id).update(next_attempt_at=later)
    page = page_of(signed_in(Role.VIEWER), file)
    assert now.isoformat() in page
    assert f'but not before <time class="mlc-time" datetime="{later.isoformat()}"' in page


@pytest.mark.parametrize("evidence", words.EVIDENCE)
def test_how_we_know_is_said_in_words(evidence, signed_in, file):
    models.File.objects.filter(pk=file.pk).update(state="delivered", evidence=evidence, delivered_at=database_now())
    assert words.EVIDENCE[evidence] in page_of(signed_in(Role.VIEWER), file)


def test_who_vouched_for_a_delivery_is_shown_with_the_reason(signed_in, file):
    client = signed_in(Role.OPERATOR)
    models.File.objects.filter(pk=file.pk).update(state="held", problem_code="SFTP_GONE")
    posted = {"_form_submitted": "True", "reason": "They called", "request_id": str(uuid.uuid4())}
    client.post(reverse("admin:core_file_deliver_by_hand", args=[file.pk]), posted)
    page = page_of(client, file)
    assert f"by hand: {client.person.username}, “They called”" in page
    assert words.EVIDENCE["by hand"] in page


def test_a_packed_file_is_downloaded_as_it_lies_on_the_server(signed_in, ours):
    file, content = sealed_file(ours[models.Integration], name="INV_1.csv.gz", compression=Compression.GZIP)
    response = signed_in(Role.OPERATOR).get(reverse("admin:core_file_download", args=[file.pk]))
    assert response["Content-Type"] == "application/gzip"
    assert gzip.decompress(b"".join(response.streaming_content)) == content
