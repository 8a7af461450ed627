"""The documentation names what the code has: every problem code, no code that is gone, every command."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ["connector", "core", "xero_app", "sftp_app", "edi_app"]
QUOTED = re.compile(r'"([A-Z]+(?:_[A-Z0-9]+)+)"')
ATTRIBUTE = re.compile(r'\bcode = "([A-Z_0-9]{5,})"')
PLANNED_BY_TESTS = {"FAILPOINT"}


def sources():
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if not {"migrations", "simulator", "demo"} & set(path.parts):
                yield path.read_text()


def quoted():
    return {name for text in sources() for name in QUOTED.findall(text)}


def names_of_settings():
    """What begins like a code and is none: settings, and the variables of the environment."""
    places = ["connector/settings.py", "connector/checks.py", ".env.example"]
    return {name for place in places for name in re.findall(r"\b[A-Z]+(?:_[A-Z0-9]+)+\b", (ROOT / place).read_text())}


def codes_of_the_product():
    """Attributes called `code`, and whatever else is written like one: their first word and an underscore."""
    declared = {code for text in sources() for code in ATTRIBUTE.findall(text)} - PLANNED_BY_TESTS
    first_words = {code.partition("_")[0] for code in declared if "_" in code} - {"FILE"}
    alike = {name for name in quoted() - names_of_settings() if name.partition("_")[0] in first_words}
    return declared | alike


def documented():
    rows = [line for line in (ROOT / "docs/problems.md").read_text().splitlines() if line.startswith("| `")]
    return [code for row in rows for code in re.findall(r"`([A-Z_0-9]+)`", row.split("|")[1])]


def test_every_code_has_its_line_in_the_list_of_problems():
    assert len(codes_of_the_product()) > 100
    assert codes_of_the_product() - set(documented()) == set()


def test_the_list_of_problems_names_each_code_once_and_none_that_is_gone():
    assert len(documented()) == len(set(documented()))
    assert set(documented()) - codes_of_the_product() - quoted() == set()


def test_the_readme_names_every_command():
    commands = {path.stem for path in (ROOT / "connector/management/commands").glob("[a-z]*.py")}
    rows = [line.split("|")[1] for line in (ROOT / "README.md").read_text().splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([a-z_]+)", row)}
    assert commands - named == set()
