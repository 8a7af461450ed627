"""Servers that break, stall and lie in the middle of the work (simulated)."""

import io
import threading

import paramiko
import pytest

from core.errors import TemporaryError
from sftp_app.errors import (
    SftpDiskFull,
    SftpFailed,
    SftpPermissionDenied,
    SftpShortWrite,
    SftpTimedOut,
    SftpUnreachable,
    SftpUnsupported,
    SftpVanished,
)
from sftp_app.simulator import RenameAnswer, Sizes
from sftp_app.upload import Evidence
from tests.sftp_app.conftest import PASSWORD, QUICK, session_with

MEGABYTES = b"0123456789abcdef" * 65536 * 3


def write(session, path=".a.1.tmp", data=MEGABYTES):
    return session.write(path, [data], size=len(data))


def test_a_connection_dropped_in_mid_file_is_temporary_and_ends_the_session(sim):
    sim.faults.drop_after_bytes = 1_000_000
    with session_with(sim) as session:
        with pytest.raises(SftpUnreachable, match=r"broke the connection while we tried to write \.a\.1\.tmp"):
            write(session)
        assert not session.is_open
    with session_with(sim) as session:
        assert write(session).size == len(MEGABYTES)


@pytest.mark.parametrize("fault", [{"freeze_after_bytes": 1_000_000}, {"freeze_on": "close"}, {"freeze_on": "lstat"}])
def test_a_server_that_stops_answering_times_out(sim, fault):
    for name, value in fault.items():
        setattr(sim.faults, name, value)
    with session_with(sim, timeouts=QUICK) as session:
        with pytest.raises(SftpTimedOut, match="stopped answering"):
            write(session)
        assert not session.is_open


def test_a_slow_drip_ends_at_the_hard_deadline(sim):
    sim.faults.bytes_per_second = 200_000
    with (
        session_with(sim, deadline_seconds=0.7) as session,
        pytest.raises(SftpTimedOut, match="took too long and was ended"),
    ):
        write(session)


def test_the_deadline_wakes_whoever_waits(sim):
    sim.faults.freeze_on = "lstat"
    with session_with(sim, deadline_seconds=0.5) as session, pytest.raises(SftpTimedOut):
        session.stat("x")


def test_nothing_of_a_session_is_left_running(sim):
    before = set(threading.enumerate())
    with session_with(sim) as session:
        session.stat("x")
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive(), thread.name


def test_the_disk_full_upload_that_pipelining_calls_a_success_is_caught(sim):
    sim.faults.room = 1 << 20
    with _library_client(sim) as client:
        client.putfo(io.BytesIO(MEGABYTES), "library.bin", confirm=False)
    assert (sim.root / "library.bin").stat().st_size == 1 << 20
    (sim.root / "library.bin").unlink()
    with session_with(sim) as session:
        with pytest.raises(SftpDiskFull, match="has no room for partner") as caught:
            write(session)
        assert session.free_bytes(".") == 1 << 20
    assert isinstance(caught.value, TemporaryError)
    assert list(sim.root.iterdir()) == []


def _library_client(sim):
    transport = paramiko.Transport((sim.host, sim.port))
    transport.connect(username="partner", password=PASSWORD)
    return paramiko.SFTPClient.from_transport(transport)


def test_a_quota_that_answers_ok_is_caught_by_the_size(sim):
    sim.faults.silent_quota = 1 << 20
    with session_with(sim) as session, pytest.raises(SftpShortWrite) as caught:
        write(session)
    assert (caught.value.stored, caught.value.size) == (1 << 20, len(MEGABYTES))
    assert caught.value.sentence == f"The transfer stopped after {1 << 20} of {len(MEGABYTES)} bytes of .a.1.tmp."
    assert list(sim.root.iterdir()) == []


@pytest.mark.parametrize("limit", [1, 10_000, 32_767])
def test_short_reads_still_give_the_whole_file(sim, limit):
    content = MEGABYTES[: limit * 50 + 7]
    (sim.root / "in.edi").write_bytes(content)
    sim.faults.short_reads = limit
    with session_with(sim) as session:
        assert session.read("in.edi", limit=len(content)) == content


def test_a_wrong_size_is_never_taken_for_success(sim):
    sim.faults.sizes = Sizes.WRONG
    with session_with(sim) as session, pytest.raises(SftpShortWrite):
        write(session, data=b"12345")


def test_a_size_that_only_the_listing_tells_is_used(sim):
    sim.faults.sizes = Sizes.ONLY_LISTED
    with session_with(sim) as session:
        assert write(session).evidence is Evidence.SIZE
        assert session.stat(".a.1.tmp").size == len(MEGABYTES)


def test_a_server_that_knows_no_stat_is_asked_for_the_listing(sim):
    sim.faults.no_stat = True
    with session_with(sim) as session:
        assert session.stat("a.txt") is None
        assert write(session).evidence is Evidence.SIZE


@pytest.mark.parametrize("faults", [("no_stat", "no_list"), ("write_only",)])
def test_without_any_look_the_acknowledged_writes_are_the_evidence(sim, faults):
    for fault in faults:
        setattr(sim.faults, fault, True)
    with session_with(sim) as session:
        assert write(session).evidence is Evidence.ACKNOWLEDGED
        session.rename(".a.1.tmp", "a.csv")
    assert (sim.root / "a.csv").read_bytes() == MEGABYTES


def test_sizes_nowhere_leave_the_acknowledged_writes_as_evidence(sim):
    sim.faults.sizes = Sizes.MISSING
    with session_with(sim) as session:
        assert write(session).evidence is Evidence.ACKNOWLEDGED
        assert session.stat(".a.1.tmp").size is None


def test_a_file_taken_under_its_temporary_name_is_told(sim):
    sim.faults.takes_everything = True
    with session_with(sim) as session, pytest.raises(SftpVanished, match="gone right after the upload"):
        write(session)
    assert sim.taken == [(".a.1.tmp", MEGABYTES)]


def test_a_partner_who_takes_at_once_gets_the_whole_file(sim):
    sim.faults.takes_files = True
    with session_with(sim) as session:
        write(session)
        session.rename(".a.1.tmp", "a.csv")
        assert session.stat("a.csv") is None
    assert sim.taken == [("a.csv", MEGABYTES)]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (RenameAnswer.UNSUPPORTED, SftpUnsupported),
        (RenameAnswer.DENIED, SftpPermissionDenied),
        (RenameAnswer.FAILURE, SftpFailed),
    ],
)
def test_a_refused_rename_is_told_by_its_kind(sim, answer, error):
    sim.faults.rename = answer
    with session_with(sim) as session:
        write(session)
        with pytest.raises(error):
            session.rename(".a.1.tmp", "a.csv")
        assert session.is_open


def test_a_server_whose_rename_overwrites_still_overwrites_nothing(sim):
    sim.faults.rename = RenameAnswer.OVERWRITES
    (sim.root / "a.csv").write_bytes(b"theirs")
    with session_with(sim) as session:
        write(session)
        (outcome,) = session.rename_many([(".a.1.tmp", "a.csv")])
    assert outcome.error.code == "SFTP_NAME_TAKEN"
    assert (sim.root / "a.csv").read_bytes() == b"theirs"


def test_a_lost_reply_to_a_rename_is_uncertain_and_it_happened(sim):
    sim.faults.lose_reply = "rename"
    with session_with(sim) as session:
        write(session)
        (outcome,) = session.rename_many([(".a.1.tmp", "a.csv")])
    assert outcome.uncertain
    assert outcome.error.code == "SFTP_UNREACHABLE"
    assert (sim.root / "a.csv").exists()


def test_a_server_that_closes_after_some_files_leaves_the_rest_for_later(sim):
    sim.faults.close_after_files = 2
    with session_with(sim) as session:
        write(session, ".1.tmp")
        with pytest.raises(SftpUnreachable):
            write(session, ".2.tmp")


def test_hidden_names_that_are_refused_are_told(sim):
    sim.faults.no_hidden_names = True
    with session_with(sim) as session:
        with pytest.raises(SftpFailed, match=r"refused to write \.a\.1\.tmp"):
            write(session)
        assert write(session, "a.1.tmp").size == len(MEGABYTES)


def test_a_server_without_extensions_works_plainly(sim):
    sim.faults.no_extensions = True
    with session_with(sim) as session:
        assert session.extensions == frozenset()
        assert session.free_bytes(".") is None
        assert write(session).size == len(MEGABYTES)


def test_a_full_disk_without_statvfs_is_still_a_failure(sim):
    sim.faults.no_extensions = True
    sim.faults.room = 1 << 20
    with session_with(sim) as session, pytest.raises(SftpFailed):
        write(session)
    assert list(sim.root.iterdir()) == []
