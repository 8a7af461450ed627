"""The format guide's X12 pages say what the bases and settings say."""

from pathlib import Path

import pytest

from edi_app.x12.judging import check_interchanges
from edi_app.x12.pages import pages

FOLDER = Path(__file__).resolve().parent.parent.parent.parent / "docs" / "formats"
PAGES = pages()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_base_says(name):
    assert (FOLDER / name).read_text("utf-8") == PAGES[name], "run python -m edi_app.x12.pages docs/formats"


@pytest.mark.parametrize("name", PAGES)
def test_the_example_on_a_page_is_valid(name):
    example = PAGES[name].partition("```text\n")[2].partition("```")[0].encode()
    (checked,) = check_interchanges([example])
    assert checked.faults == ()
    assert [fault for group in checked.groups for one in group.sets for fault in one.faults] == []
    assert [group.faults for group in checked.groups] == [()]
