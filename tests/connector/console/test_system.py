"""The page about the installation: what runs, how quick it answers, and what the doctor finds; superusers only."""

from datetime import timedelta

import pytest
from django.urls import reverse

from core.clock import database_now
from core.models import Heartbeat, Role

PAGES = ["admin:system", "admin:system_checks"]


def facts(response):
    return {label: str(value) for card in response.context["cards"] for label, value in card.facts}


def test_it_names_versions_keys_and_what_waits(superuser_client):
    shown = facts(superuser_client.get(reverse("admin:system")))
    assert shown["Newest migration"].startswith("0")
    assert shown["Database"].split()[0] in ("SQLite", "PostgreSQL")
    assert shown["Seals new secrets"]
    assert "ms" in shown["Redis"] or "No answer" in shown["Redis"]


@pytest.mark.parametrize(("minutes", "word"), [(0, "Alive"), (10, "Not heard of lately")])
def test_a_silent_beat_is_seen(minutes, word, superuser_client):
    Heartbeat.objects.create(name="tick", seen_at=database_now() - timedelta(minutes=minutes))
    assert word in facts(superuser_client.get(reverse("admin:system")))["Beat, through a worker"]


def test_the_doctors_findings_stand_worst_first(superuser_client):
    tones = [look.tone for look, _ in superuser_client.get(reverse("admin:system_checks")).context["checks"]]
    assert tones == sorted(tones, key=["bad", "warn", "good"].index)
    assert "good" in tones


@pytest.mark.parametrize("page", PAGES)
def test_it_is_for_superusers_only(page, signed_in):
    client = signed_in(Role.OWNER)
    assert client.get(reverse(page)).status_code == 403
    assert reverse("admin:system") not in client.get(reverse("admin:index")).content.decode()
