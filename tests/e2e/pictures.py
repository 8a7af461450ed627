"""Takes the pictures of the documentation: `make pictures` writes them to docs/pictures, light and dark."""

import os
from pathlib import Path

import pytest
from django.urls import reverse

from core.models import Export, File, Mapping, Run
from core.states import ExportState, FileState, RunState

FOLDER = Path(os.environ.get("PICTURES", "docs/pictures"))
SIZE = {"width": 1440, "height": 810}


def shown(scene):
    """Name the main pages, with their addresses."""
    erp, acme = scene.integrations[0], scene.integrations[1]
    delivered = Export.objects.filter(integration=acme, file__state=FileState.DELIVERED).latest("pk")
    file = File.objects.filter(integration=acme, state=FileState.DELIVERED).latest("pk")
    run = Run.objects.filter(files=file, state=RunState.DONE).get()
    return {
        "overview": reverse("admin:index"),
        "problems": reverse("admin:core_problem_changelist"),
        "exports": reverse("admin:core_export_changelist"),
        "export": page_of(delivered),
        "export-failed": page_of(Export.objects.get(state=ExportState.FAILED)),
        "file": page_of(file),
        "run": page_of(run),
        "integration": page_of(erp),
        "mapping-csv": editor_of(erp.mapping),
        "mapping-x12": editor_of(acme.mapping),
    }


def page_of(row):
    return reverse(f"admin:core_{row._meta.model_name}_change", args=[row.pk])


def editor_of(mapping: Mapping):
    return reverse("admin:core_mapping_editor", args=[mapping.pk])


@pytest.mark.e2e
@pytest.mark.timeout(900)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures(scheme, signed_in, scene):
    FOLDER.mkdir(parents=True, exist_ok=True)
    page = signed_in(color_scheme=scheme, viewport=SIZE)
    for name, address in shown(scene).items():
        page.goto(address)
        page.wait_for_selector("#content")
        page.wait_for_function("!document.body.innerText.includes('Loading…')")
        page.wait_for_timeout(700)  # what moves has come to rest, fonts are there
        page.screenshot(path=FOLDER / f"{name}-{scheme}.png")
        assert page.complaints == [], (name, page.complaints)
