"""The security checklist is true to the tests; and the few items that no other test proves."""

import re
from pathlib import Path

import pytest
import yaml
from django.contrib.auth.hashers import get_hashers, identify_hasher, make_password

from connector import tasks
from connector.celery import app

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "docs" / "security" / "checklist.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)))


def test_every_item_has_its_row_and_every_row_names_a_test():
    rows = {int(number): row for number, row in re.findall(r"^\| S(\d+) (\|.*)$", TEXT, re.M)}
    assert sorted(rows) == list(range(1, 41))
    assert all(re.search(r"`tests/[\w/]+\.py::\w+`", row) for row in rows.values())


@pytest.mark.parametrize(("path", "name"), NAMED, ids=[name for _, name in NAMED])
def test_the_tests_that_the_checklist_names_exist(path, name):
    assert re.search(rf"^\s*def {name}\(", (ROOT / path).read_text(), re.M)


def test_the_pages_lead_somewhere():
    for page in (ROOT / "SECURITY.md", *(ROOT / "docs" / "security").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_passwords_are_hashed_slowly():
    strongest = get_hashers()[0]
    assert identify_hasher(make_password("a long enough passphrase")).algorithm == strongest.algorithm
    assert strongest.algorithm.startswith("argon2") or strongest.iterations >= 600_000


def test_messages_are_json_with_ids_only():
    assert (app.conf.accept_content, app.conf.task_serializer, app.conf.result_backend) == (["json"], "json", None)
    ours = [task for name, task in app.tasks.items() if name.startswith("connector.tasks.")]
    assert len(ours) > 5
    for task in ours:
        names = set(task.run.__code__.co_varnames[: task.run.__code__.co_kwonlyargcount])
        assert all(name.endswith("_id") for name in names), task.name
    assert tasks.ring.__doc__


def test_containers_cannot_write_to_their_disk():
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    for name in ("web", "worker", "beat", "migrate"):
        assert services[name]["read_only"] is True
        assert services[name]["security_opt"] == ["no-new-privileges:true"]


def test_lint_runs_every_check():
    recipe = re.search(r"^lint:.*?\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.M)[1]
    for tool in ("ruff check", "ruff format", "mypy", "lint-imports", "bandit", "scan_secrets", "pip-licenses"):
        assert tool in recipe
