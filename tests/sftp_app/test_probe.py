"""The connection test as people see it, step by step."""

import pytest

from core.secret import Secret
from sftp_app.hostkeys import read_host_keys
from sftp_app.keys import generate_key_pair
from sftp_app.probe import Outcome, check, fetch_host_keys
from sftp_app.simulator import Greeting, RenameAnswer, Sizes
from sftp_app.target import Publish
from tests.sftp_app.conftest import NOW, QUICK, target_of

ALL = ["name", "TCP", "host key", "sign in", "folder", "write", "size", "rename", "delete"]


def steps(server, *, folder=".", **changes):
    return list(check(target_of(server, **changes), folder=folder, now=NOW))


def test_a_healthy_server_passes_every_step_and_is_left_clean(server):
    seen = steps(server)
    assert [step.name for step in seen] == ALL
    assert {step.outcome for step in seen} == {Outcome.OK}
    assert all(step.seconds >= 0 and step.detail for step in seen)
    assert list(server.root.iterdir()) == []


def test_one_connection_is_enough(sim):
    steps(sim)
    assert len(sim.seen("connection")) == 1


OTHER = read_host_keys(generate_key_pair(comment="other").public)


@pytest.mark.parametrize(
    ("changes", "last", "code"),
    [
        ({"host": "nobody.invalid"}, "name", "SFTP_UNREACHABLE"),
        ({"host": "2130706433"}, "name", "SFTP_ADDRESS"),
        ({"allowed_nets": ()}, "name", "SFTP_ADDRESS"),
        ({"host_keys": ()}, "host key", "SFTP_HOSTKEY_MISSING"),
        ({"host_keys": OTHER}, "host key", "SFTP_HOSTKEY_CHANGED"),
        ({"password": Secret("wrong")}, "sign in", "SFTP_AUTH"),
    ],
)
def test_the_first_failure_is_the_last_step_with_its_cause(sim, changes, last, code):
    failed = steps(sim, **changes)[-1]
    assert (failed.name, failed.outcome, failed.code) == (last, Outcome.FAILED, code)
    assert failed.detail
    assert failed.next_step


@pytest.mark.parametrize(
    ("fault", "value", "last", "code"),
    [
        ("greeting", Greeting.HTTP, "host key", "SFTP_UNREACHABLE"),
        ("greeting", Greeting.SILENT, "host key", "SFTP_TIMEOUT"),
        ("no_sftp", True, "sign in", "SFTP_UNSUPPORTED"),
        ("room", 0, "write", "SFTP_DISK_FULL"),
        ("silent_quota", 0, "size", "SFTP_PARTIAL"),
        ("takes_everything", True, "size", "SFTP_VANISHED"),
        ("rename", RenameAnswer.UNSUPPORTED, "rename", "SFTP_UNSUPPORTED"),
        ("no_hidden_names", True, "write", "SFTP_UNSUPPORTED"),
    ],
)
def test_a_fault_shows_in_its_step(sim, fault, value, last, code):
    setattr(sim.faults, fault, value)
    failed = steps(sim, timeouts=QUICK)[-1]
    assert (failed.name, failed.outcome, failed.code) == (last, Outcome.FAILED, code)
    assert list(sim.root.iterdir()) == []


def test_a_server_that_is_down_fails_at_tcp(sim):
    sim.stop()
    assert [step.name for step in steps(sim)] == ["name", "TCP"]


def test_a_missing_folder_is_told(server):
    failed = steps(server, folder="nowhere")[-1]
    assert (failed.name, failed.code) == ("folder", "SFTP_NO_DIR")


@pytest.mark.parametrize(
    ("fault", "value", "warned"), [("write_only", True, ["folder", "size"]), ("sizes", Sizes.MISSING, ["size"])]
)
def test_what_is_no_obstacle_is_a_warning(sim, fault, value, warned):
    setattr(sim.faults, fault, value)
    seen = steps(sim)
    assert [step.name for step in seen] == ALL
    assert [step.name for step in seen if step.outcome is Outcome.WARNING] == warned


def test_a_partner_who_takes_at_once_is_seen_at_the_end(sim):
    sim.faults.takes_files = True
    assert steps(sim)[-1].detail == "The partner took the file at once."


def test_hidden_names_are_not_tried_where_they_are_switched_off(sim):
    sim.faults.no_hidden_names = True
    assert steps(sim, hidden_temporary=False)[-1].name == "delete"


def test_a_direct_server_is_tried_without_rename(sim):
    sim.faults.rename = RenameAnswer.UNSUPPORTED
    seen = steps(sim, publish=Publish.DIRECT)
    assert {step.outcome for step in seen} == {Outcome.OK}
    assert seen[7].detail.startswith("Not used")


def test_a_staging_folder_is_what_is_written_to(sim):
    (sim.root / "staging").mkdir()
    (sim.root / "out").mkdir()
    seen = steps(sim, folder="out", publish=Publish.STAGING, staging_folder="staging")
    assert seen[-1].name == "delete"
    assert sim.seen("file")[0].startswith("staging/.connection-test-")
    assert sim.seen("rename")[0].split()[1].startswith("out/")


def test_host_keys_are_fetched_without_any_sign_in(sim):
    assert fetch_host_keys(target_of(sim, host_keys=())) == read_host_keys(sim.host_key_line)
    assert sim.seen("sign-in") == []
