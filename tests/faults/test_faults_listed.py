"""The list of delivery faults is true to the tests."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "docs" / "faults.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)))


def test_every_fault_has_its_row_and_every_row_names_a_test():
    rows = {int(number): row for number, row in re.findall(r"^\| F(\d+) (.*)$", TEXT, re.M)}
    assert sorted(rows) == [1, 2, 3, 4, *range(20, 45)]
    assert all(re.search(r"`tests/[\w/]+\.py::\w+`", row) for row in rows.values())


@pytest.mark.parametrize(("path", "name"), NAMED, ids=[name for _, name in NAMED])
def test_the_tests_that_the_list_names_exist(path, name):
    assert re.search(rf"^def {name}\(", (ROOT / path).read_text(), re.M)
