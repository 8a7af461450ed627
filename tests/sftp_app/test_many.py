"""Many files at once: each with its own outcome, also when the connection ends among them."""

import pytest

from sftp_app.bulk import Upload
from sftp_app.simulator import RenameAnswer, Sizes
from sftp_app.upload import Evidence
from tests.sftp_app.conftest import QUICK, session_with

LARGE = b"x" * 700_000


def uploads(count, content=b"data"):
    return [Upload(f".f{number}.tmp", [content], len(content)) for number in range(count)]


def codes(outcomes):
    return [outcome.error.code if outcome.error else "" for outcome in outcomes]


def test_small_and_large_files_arrive_in_order_and_whole(server):
    files = [*uploads(70), Upload("large", [LARGE[:10], LARGE[10:]], len(LARGE)), Upload("empty", [], 0)]
    with session_with(server) as session:
        written = list(session.write_many(files))
        renamed = session.rename_many([(f".f{number}.tmp", f"f{number}") for number in range(70)])
    assert [outcome.path for outcome in written] == [file.path for file in files]
    assert {outcome.stored.evidence for outcome in written} == {Evidence.SIZE}
    assert codes(renamed) == [""] * 70
    names = {entry.name: entry.read_bytes() for entry in server.root.iterdir()}
    assert names == {**{f"f{number}": b"data" for number in range(70)}, "large": LARGE, "empty": b""}


def test_files_are_asked_for_only_when_their_group_comes(sim):
    asked = []

    def files():
        for number in range(200):
            asked.append(number)
            yield Upload(f"f{number}", [b"x"], 1)

    with session_with(sim) as session:
        first = next(session.write_many(files()))
    assert first.error is None
    assert len(asked) <= 65


def test_one_bad_folder_fails_alone(server):
    files = [Upload("good", [b"1"], 1), Upload("nowhere/bad", [b"2"], 1), Upload("fine", [b"3"], 1)]
    with session_with(server) as session:
        assert codes(session.write_many(files)) == ["", "SFTP_NO_DIR", ""]
    assert sorted(entry.name for entry in server.root.iterdir()) == ["fine", "good"]


def test_exclusive_writes_refuse_the_taken_names_only(server):
    (server.root / "b").write_bytes(b"theirs")
    files = [Upload(name, [b"ours"], 4) for name in "abc"]
    with session_with(server) as session:
        assert codes(session.write_many(files, exclusive=True)) == ["", "SFTP_NAME_TAKEN", ""]
    assert (server.root / "b").read_bytes() == b"theirs"


@pytest.mark.parametrize("exclusive", [False, True])
def test_a_disk_that_fills_up_keeps_what_fitted_and_leaves_no_halves(sim, exclusive):
    sim.faults.room = 250_000
    with session_with(sim) as session:
        outcomes = list(session.write_many(uploads(4, b"z" * 100_000), exclusive=exclusive))
    assert sorted(codes(outcomes)) == ["", "", "SFTP_DISK_FULL", "SFTP_DISK_FULL"]
    kept = {outcome.path for outcome in outcomes if outcome.stored}
    assert {entry.name for entry in sim.root.iterdir()} == kept


def test_a_refusal_that_comes_only_at_the_close_is_heard(sim):
    sim.faults.no_empty_files = True
    with session_with(sim) as session:
        assert codes(session.write_many([Upload("empty", [], 0), Upload("full", [b"x"], 1)])) == ["SFTP_FAILED", ""]


def test_a_silent_quota_is_caught_for_each_file(sim):
    sim.faults.silent_quota = 3
    with session_with(sim) as session:
        assert codes(session.write_many(uploads(3))) == ["SFTP_PARTIAL"] * 3
    assert list(sim.root.iterdir()) == []


@pytest.mark.parametrize(
    ("fault", "value", "evidence"),
    [
        ("sizes", Sizes.ONLY_LISTED, Evidence.SIZE),
        ("sizes", Sizes.MISSING, Evidence.ACKNOWLEDGED),
        ("no_stat", True, Evidence.SIZE),
        ("write_only", True, Evidence.ACKNOWLEDGED),
    ],
)
def test_servers_that_show_little_are_served_with_what_they_show(sim, fault, value, evidence):
    setattr(sim.faults, fault, value)
    with session_with(sim) as session:
        assert {outcome.stored.evidence for outcome in session.write_many(uploads(3))} == {evidence}
        assert codes(session.rename_many([(".f0.tmp", "f0")])) == [""]


def test_files_taken_under_temporary_names_are_told(sim):
    sim.faults.takes_everything = True
    with session_with(sim) as session:
        assert codes(session.write_many(uploads(2))) == ["SFTP_VANISHED"] * 2


def test_a_connection_that_ends_among_the_writes_gives_every_file_an_outcome(sim):
    sim.faults.close_after_files = 70
    with session_with(sim) as session:
        outcomes = list(session.write_many(uploads(130)))
        assert not session.is_open
    assert codes(outcomes) == [""] * 64 + ["SFTP_UNREACHABLE"] * 66


def test_a_server_that_stops_among_the_writes_times_out_once(sim):
    sim.faults.freeze_on = "close"
    with session_with(sim, timeouts=QUICK) as session:
        outcomes = list(session.write_many(uploads(70)))
    assert codes(outcomes)[0] == "SFTP_TIMEOUT"
    assert len(outcomes) == 70


def test_a_lost_reply_among_renames_leaves_the_asked_ones_uncertain(sim):
    with session_with(sim) as session:
        list(session.write_many(uploads(70)))
        sim.faults.lose_reply = "rename"
        outcomes = session.rename_many([(f".f{number}.tmp", f"f{number}") for number in range(70)])
    assert [outcome.uncertain for outcome in outcomes] == [True] * 64 + [False] * 6
    assert all(outcome.error for outcome in outcomes)
    assert (sim.root / "f0").exists()


def test_each_refused_rename_has_its_own_reason(server):
    with session_with(server) as session:
        list(session.write_many(uploads(3)))
        (server.root / "taken").write_bytes(b"theirs")
        pairs = [
            (".f0.tmp", "f0"),
            (".f1.tmp", "taken"),
            ("gone", "f2"),
            (".f1.tmp", "nowhere/f1"),
            (".f2.tmp", "f0"),
        ]
        outcomes = session.rename_many(pairs)
    assert codes(outcomes) == ["", "SFTP_NAME_TAKEN", "SFTP_NO_FILE", "SFTP_NO_DIR", "SFTP_NAME_TAKEN"]
    assert [(outcome.source, outcome.final) for outcome in outcomes] == pairs
    assert (server.root / "taken").read_bytes() == b"theirs"


def test_two_files_for_one_name_never_meet_even_where_rename_overwrites(sim):
    sim.faults.rename = RenameAnswer.OVERWRITES
    with session_with(sim) as session:
        list(session.write_many([Upload("a", [b"first"], 5), Upload("b", [b"second"], 6)]))
        assert codes(session.rename_many([("a", "final"), ("b", "final")])) == ["", "SFTP_NAME_TAKEN"]
    assert (sim.root / "final").read_bytes() == b"first"


def test_a_move_that_a_server_cannot_make_between_folders_is_a_matter_of_its_profile(sim):
    (sim.root / "staging").mkdir()
    (sim.root / "staging" / "x").write_bytes(b"x")
    sim.faults.rename = RenameAnswer.FAILURE
    with session_with(sim) as session:
        (outcome,) = session.rename_many([("staging/x", "x")])
    assert outcome.error.code == "SFTP_UNSUPPORTED"
    assert "probably on different disks" in outcome.error.sentence
