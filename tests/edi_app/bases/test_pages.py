"""The format guide cannot go stale: pages are compared with the bases, names with the code."""

from pathlib import Path

import pytest

from edi_app.bases.pages import pages
from edi_app.mapping import findings
from edi_app.mapping.field_reading import FIELD_KEYS, SIGNS
from edi_app.mapping.functions import FUNCTION_NAMES
from edi_app.mapping.options import OPTIONS
from edi_app.mapping.spec import RecordKind
from edi_app.mapping.transforms import STEP_NAMES

DOCS = Path(__file__).resolve().parents[3] / "docs" / "formats"


@pytest.mark.parametrize("name", sorted(pages()))
def test_page_of_a_base_is_what_the_base_says(name):
    written = (DOCS / name).read_text("utf-8")
    assert written == pages()[name], "run: python -m edi_app.bases.pages docs/formats"


@pytest.mark.parametrize(
    "names",
    [
        [key for keys in FIELD_KEYS.values() for key in keys],
        [option for options in OPTIONS.values() for option in options],
        STEP_NAMES,
        FUNCTION_NAMES,
        SIGNS,
        [str(kind) for kind in RecordKind],
        [code for code in vars(findings).values() if isinstance(code, str) and code.startswith(("MAP_", "EDI_"))],
    ],
    ids=["field keys", "options", "steps", "functions", "signs", "records", "codes"],
)
def test_guide_names_everything_that_can_be_written(names):
    guide = (DOCS / "README.md").read_text("utf-8")
    assert [name for name in names if name not in guide] == []


def test_guide_links_every_page():
    guide = (DOCS / "README.md").read_text("utf-8")
    assert [name for name in pages() if f"]({name})" not in guide] == []
