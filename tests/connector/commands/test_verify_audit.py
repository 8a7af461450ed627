"""`verify_audit`: says whether the chains hold, names each break, and keeps heads to compare with later."""

import json
from datetime import UTC, datetime

import pytest

from core import audit
from core.audit import INSTALLATION, EventDraft
from core.models import ChainHead, Event
from tests.connector.commands.running import run, run_json
from tests.factories import TenantFactory
from tests.tampering import tampering

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.fixture
def tenants():
    tenants = [TenantFactory(slug=slug) for slug in ("harbor", "meadow")]
    for tenant in tenants:
        audit.append([EventDraft(tenant.pk, f"step.{number}") for number in range(5)], now=NOW)
    audit.append([EventDraft(INSTALLATION, "signin.accepted", actor="eva")], now=NOW)
    return tenants


def change_a_line(tenant):
    with tampering():
        Event.objects.filter(tenant_id=tenant.pk, sequence=3).update(actor="mallory")


def test_chains_that_hold_are_counted(tenants):
    assert run_json("verify_audit") == (0, [{"state": "ok", "chains": 3, "lines": 11, "breaks": 0}])
    assert run("verify_audit", "harbor")[1] == "5 lines in 1 chains hold together.\n"


def test_a_changed_line_is_named_and_the_command_fails(tenants):
    change_a_line(tenants[1])
    code, (found, end) = run_json("verify_audit")
    assert (code, end["state"], end["breaks"]) == (1, "broken", 1)
    assert (found["tenant"], found["kind"], found["line"]) == ("meadow", "changed", 3)
    assert found["row"] == Event.objects.get(tenant_id=tenants[1].pk, sequence=3).pk
    assert "meadow: Line 3 (step.2) is not what was written" in run("verify_audit")[1]


def test_only_the_tenant_that_was_asked_for_is_read(tenants):
    change_a_line(tenants[1])
    assert run("verify_audit", "harbor")[0] == 0
    assert run("verify_audit", "meadow")[0] == 1


def test_heads_are_exported_and_compared_later(tenants, tmp_path):
    heads = tmp_path / "heads.json"
    assert run("verify_audit", "--export", heads)[0] == 0
    audit.append([EventDraft(tenants[0].pk, "more")], now=NOW)
    assert run("verify_audit", "--compare", heads)[0] == 0
    with tampering():
        Event.objects.filter(tenant_id=tenants[0].pk, sequence__gt=2).delete()
    ChainHead.objects.filter(pk=tenants[0].pk).update(
        sequence=2, hash=Event.objects.get(tenant_id=tenants[0].pk, sequence=2).hash
    )
    assert run("verify_audit")[0] == 0
    code, out, _ = run("verify_audit", "--compare", heads)
    assert code == 1
    assert "harbor: Line 5 was there when the head was exported, and is missing." in out
    assert run("verify_audit", "meadow", "--compare", heads)[0] == 0


def test_heads_of_a_broken_chain_are_not_exported(tenants, tmp_path):
    change_a_line(tenants[0])
    assert run("verify_audit", "--export", tmp_path / "heads.json")[0] == 1
    assert not (tmp_path / "heads.json").exists()


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"heads": [{}]}', '{"heads": "x"}', "\ud800", "[" * 100_000])
def test_a_file_that_holds_no_heads_is_refused_in_words(tenants, tmp_path, text):
    path = tmp_path / "heads.json"
    path.write_bytes(text.encode(errors="surrogatepass"))
    code, (shown,) = run_json("verify_audit", "--compare", path)
    assert (code, shown["code"]) == (1, "AUDIT_HEADS")


def test_a_file_that_cannot_be_read_or_written_is_named(tenants, tmp_path):
    assert "No such file" in run("verify_audit", "--compare", tmp_path / "none")[2]
    assert "Is a directory" in run("verify_audit", "--export", tmp_path)[2]


def test_an_unknown_tenant_is_refused_with_the_nearest(tenants):
    code, _, err = run("verify_audit", "harbour")
    assert (code, "Did you mean harbor?" in err) == (1, True)


def test_what_is_exported_is_plain_json(tenants, tmp_path):
    run("verify_audit", "harbor", "--export", tmp_path / "heads.json")
    (head,) = json.loads((tmp_path / "heads.json").read_text())["heads"]
    assert (head["tenant"], head["sequence"], len(head["hash"])) == ("harbor", 5, 64)
