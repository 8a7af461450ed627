"""Each kind of server is recognised, and the profile suggested for it is proved by a delivery."""

import pytest

from sftp_app.capabilities import probe, suggest
from sftp_app.names import join, temporary_name
from sftp_app.simulator import RenameAnswer, Sizes
from sftp_app.target import Publish
from tests.sftp_app.conftest import session_with


def examine(server):
    with session_with(server) as session:
        return probe(session, folder=".")


def test_a_healthy_server_can_do_everything_and_is_left_clean(server):
    seen = examine(server)
    assert seen.rename
    assert seen.tells_size
    assert seen.lists
    assert seen.fsync
    assert seen.statvfs
    assert seen.posix_rename
    assert seen.hidden_names
    assert seen.empty_files
    assert seen.deletes
    assert not (seen.overwrites_on_rename or seen.taken_at_once or seen.temporary_taken)
    assert suggest(seen).notes == ()
    assert list(server.root.iterdir()) == []


@pytest.mark.parametrize(
    ("fault", "value", "ability", "there"),
    [
        ("rename", RenameAnswer.UNSUPPORTED, "rename", False),
        ("rename", RenameAnswer.OVERWRITES, "overwrites_on_rename", True),
        ("sizes", Sizes.MISSING, "tells_size", False),
        ("sizes", Sizes.ONLY_LISTED, "tells_size", True),
        ("no_list", True, "lists", False),
        ("no_extensions", True, "fsync", False),
        ("no_hidden_names", True, "hidden_names", False),
        ("no_empty_files", True, "empty_files", False),
        ("takes_files", True, "taken_at_once", True),
        ("takes_everything", True, "temporary_taken", True),
        ("write_only", True, "lists", False),
    ],
)
def test_each_peculiarity_is_seen(sim, fault, value, ability, there):
    setattr(sim.faults, fault, value)
    assert getattr(examine(sim), ability) is there
    assert list(sim.root.iterdir()) == []


PROFILES = [
    ("rename", RenameAnswer.UNSUPPORTED, Publish.DIRECT, "does not rename"),
    ("rename", RenameAnswer.OVERWRITES, Publish.RENAME, "replaces files"),
    ("sizes", Sizes.MISSING, Publish.RENAME, "shows no sizes"),
    ("write_only", True, Publish.RENAME, "shows no sizes"),
    ("no_hidden_names", True, Publish.RENAME, "leading dot"),
    ("no_empty_files", True, Publish.RENAME, "Empty files are refused"),
    ("takes_files", True, Publish.RENAME, "counts as received"),
    ("takes_everything", True, Publish.STAGING, "staging folder"),
]


@pytest.mark.parametrize(("fault", "value", "publish", "note"), PROFILES)
def test_the_profile_fits_the_server(sim, fault, value, publish, note):
    setattr(sim.faults, fault, value)
    profile = suggest(examine(sim))
    assert profile.publish is publish
    assert any(note in text for text in profile.notes)


@pytest.mark.parametrize(("fault", "value"), [(fault, value) for fault, value, *_ in PROFILES[:-1]])
def test_a_delivery_as_suggested_arrives(sim, fault, value):
    setattr(sim.faults, fault, value)
    with session_with(sim) as session:
        profile = suggest(probe(session, folder="."))
        before = len(sim.taken)
        if profile.publish is Publish.DIRECT:
            session.write("a.csv", [b"whole"], size=5, exclusive=True)
        else:
            temporary = join(".", temporary_name("a.csv", fence=1, hidden=profile.hidden_temporary))
            session.write(temporary, [b"whole"], size=5)
            session.rename(temporary, "a.csv")
    arrived = [(entry.name, entry.read_bytes()) for entry in sim.root.iterdir()]
    assert [*arrived, *sim.taken[before:]] == [("a.csv", b"whole")]
