"""The security checklist is true to the tests; and the few items that no other test proves."""

import re
from pathlib import Path

import pytest
import yaml
from django.contrib.auth.hashers import check_password, identify_hasher, make_password
from django.urls import reverse

from connector import tasks
from connector.celery import app
from tests.factories import UserFactory

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
    hashed = make_password("a long enough passphrase")
    assert hashed.startswith("argon2$argon2id$v=19$m=65536,t=3,p=4$")
    assert check_password("a long enough passphrase", hashed)
    assert not check_password("another passphrase", hashed)


@pytest.mark.django_db
def test_a_hash_of_before_is_replaced_at_the_next_sign_in(client):
    person = UserFactory(username="eva")
    person.password = make_password("a long enough passphrase", hasher="pbkdf2_sha256")
    person.save()
    client.post(reverse("admin:login"), {"username": "eva", "password": "a long enough passphrase"})
    person.refresh_from_db()
    assert identify_hasher(person.password).algorithm == "argon2"


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
