"""Takes the pictures of the documentation: `pytest tests/e2e/pictures.py` writes them to docs/pictures."""

import os
from pathlib import Path

import pytest
from django.urls import reverse

from core.models import (
    Export,
    File,
    Integration,
    Mapping,
    Organisation,
    Partner,
    Problem,
    Run,
    Server,
    Tenant,
)

FOLDER = Path(os.environ.get("PICTURES", "docs/pictures"))
LISTS = ("export", "run", "file", "problem", "integration", "event", "server", "mapping", "partner")
ROWS = {
    Export: {"state": "failed"},
    Run: {"state": "done"},
    File: {"state": "delivered"},
    Problem: {},
    Integration: {"partner__name": "erp"},
    Server: {},
    Partner: {},
}


def addresses(**limits):
    """Name the pages to look at, with their addresses; `limits` narrow the rows (`tenant=...`)."""
    yield "overview", reverse("admin:index")
    for name in LISTS:
        yield f"{name}-list", reverse(f"admin:core_{name}_changelist")
    for model, chosen in ROWS.items():
        name, row = model._meta.model_name, model.objects.filter(**chosen, **limits).latest("pk")
        yield name, reverse(f"admin:core_{name}_change", args=[row.pk])
    mapping = Mapping.objects.filter(integrations__partner__name="erp").latest("pk")
    yield "mapping", reverse("admin:core_mapping_change", args=[mapping.pk])


def forms():
    """Name the pages where something is changed, with their addresses."""
    mapping = Mapping.objects.filter(integrations__partner__name="erp").latest("pk")
    for name in ("editor", "whole", "publish"):
        yield f"mapping-{name}", reverse(f"admin:core_mapping_{name}", args=[mapping.pk])
    for model in (Integration, Partner, Server, Organisation, Tenant):
        name = model._meta.model_name
        yield f"{name}-form", reverse(f"admin:core_{name}_change", args=[model.objects.first().pk]) + "?edit=1"


@pytest.mark.e2e
@pytest.mark.parametrize("scheme", os.environ.get("SCHEMES", "light dark").split())
def test_pictures(scheme, signed_in):
    FOLDER.mkdir(parents=True, exist_ok=True)
    page = signed_in(color_scheme=scheme)
    chosen = os.environ.get("PAGES", "").split()
    for name, address in (*addresses(), *forms()):
        if chosen and name not in chosen:
            continue
        page.goto(address)
        page.wait_for_selector("#content")
        page.wait_for_timeout(300)
        page.screenshot(path=FOLDER / f"{name}-{scheme}.png", full_page=True)
        assert page.complaints == [], (name, page.complaints)
