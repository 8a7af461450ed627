"""What only a real OpenSSH shows: rekeying, refusals by its own rules, full devices, broken lines."""

import contextlib
import threading
import tracemalloc
from pathlib import Path

import pytest

from sftp_app.errors import (
    SftpFailed,
    SftpPermissionDenied,
    SftpTimedOut,
    SftpUnreachable,
    SftpUnsupported,
)
from sftp_app.names import temporary_name
from sftp_app.upload import Evidence
from tests.relay import Relay
from tests.sftp_app.conftest import QUICK, session_with
from tests.sshd import running_sshd

MEMORY_DISK = Path("/dev/shm")  # noqa: S108
pytestmark = pytest.mark.sshd
MEGABYTES = b"0123456789abcdef" * 65536 * 8


@pytest.fixture
def special(tmp_path):
    """Run an sshd whose SFTP has options of its own (`internal-sftp -R`, `-P rename`)."""
    with contextlib.ExitStack() as stack:
        yield lambda flags, *options: stack.enter_context(
            running_sshd(tmp_path / "special", options=options, sftp_options=flags)
        )


def test_a_large_file_survives_new_keys_on_the_way(special):
    server = special("", "RekeyLimit 1M", "LogLevel DEBUG1")
    with session_with(server) as session:
        stored = session.write("big", [MEGABYTES], size=len(MEGABYTES))
        assert session.read("big", limit=len(MEGABYTES)) == MEGABYTES
    assert stored.evidence is Evidence.SIZE
    assert server.log.count("SSH2_MSG_NEWKEYS received") > 3


def test_an_account_that_may_only_read_is_told(special):
    with session_with(special("-R")) as session, pytest.raises(SftpPermissionDenied, match="may not write"):
        session.write("x", [b"x"], size=1)


def test_a_rename_that_is_forbidden_is_told_and_the_file_stays_under_its_temporary_name(special):
    server = special("-P rename")
    with session_with(server) as session:
        session.write(".x.tmp", [b"x"], size=1)
        with pytest.raises(SftpPermissionDenied, match=r"may not rename \.x\.tmp"):
            session.rename(".x.tmp", "x")
    assert [entry.name for entry in server.root.iterdir()] == [".x.tmp"]


def test_a_server_that_shows_nothing_leaves_the_acknowledged_writes_as_evidence(special):
    with session_with(special("-P lstat,stat,fstat,opendir,readdir")) as session:
        assert session.write(".x.tmp", [b"x"], size=1).evidence is Evidence.ACKNOWLEDGED
        session.rename(".x.tmp", "x")
        assert session.read("x", limit=10) == b"x"


def test_a_device_that_is_full_is_never_a_success(sshd):
    (sshd.root / "full").symlink_to("/dev/full")
    with session_with(sshd) as session:
        with pytest.raises(SftpFailed, match="refused to write full"):
            session.write("full", [MEGABYTES], size=len(MEGABYTES))
        assert session.is_open


def test_a_staging_folder_on_another_disk_is_a_matter_of_the_profile(sshd, tmp_path):
    if MEMORY_DISK.stat().st_dev == sshd.root.stat().st_dev:
        pytest.fail("this test needs /dev/shm on a disk of its own")
    other = MEMORY_DISK / f"staging-{tmp_path.name}-{sshd.port}"
    other.mkdir()
    (sshd.root / "staging").symlink_to(other)
    try:
        with session_with(sshd) as session:
            session.write("staging/x", [b"x"], size=1)
            with pytest.raises(SftpUnsupported, match="probably on different disks"):
                session.rename("staging/x", "x")
            session.remove("staging/x")
    finally:
        other.rmdir()


def test_a_name_in_a_foreign_encoding_survives_the_round_trip(sshd):
    name = b"M\xfcller.edi".decode("utf-8", "surrogateescape")
    (sshd.root / name).write_bytes(b"x")
    with session_with(sshd) as session:
        (entry,) = session.list(".")
        assert session.read(entry.name, limit=10) == b"x"


def test_a_line_cut_in_mid_file_leaves_no_final_name_and_the_next_try_delivers(sshd):
    with Relay(sshd.host, sshd.port) as relay:
        relay.drop_after = 1_000_000
        with session_with(sshd, port=relay.port) as session, pytest.raises(SftpUnreachable):
            session.write(".x.1.tmp", [MEGABYTES], size=len(MEGABYTES))
        assert (sshd.root / ".x.1.tmp").stat().st_size < len(MEGABYTES)
        relay.drop_after = None
        with session_with(sshd, port=relay.port) as session:
            session.write(".x.2.tmp", [MEGABYTES], size=len(MEGABYTES))
            session.rename(".x.2.tmp", "x")
    assert (sshd.root / "x").read_bytes() == MEGABYTES


def test_a_line_that_goes_dead_in_mid_file_times_out(sshd):
    with Relay(sshd.host, sshd.port) as relay:
        relay.freeze_after = 1_000_000
        with session_with(sshd, port=relay.port, timeouts=QUICK) as session:
            with pytest.raises(SftpTimedOut):
                session.write(".x.1.tmp", [MEGABYTES], size=len(MEGABYTES))
            assert not session.is_open


def test_a_reader_never_sees_a_part_under_the_final_name(sshd):
    sizes, done = set(), threading.Event()

    def watch():
        while not done.wait(0.01):
            sizes.update(entry.stat().st_size for entry in sshd.root.glob("f*.csv"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with session_with(sshd) as session:
            for number in range(8):
                temporary = temporary_name(f"f{number}.csv", fence=1)
                session.write(temporary, [MEGABYTES], size=len(MEGABYTES))
                session.rename(temporary, f"f{number}.csv")
    finally:
        done.set()
        watcher.join()
    assert sizes == {len(MEGABYTES)}


def test_memory_does_not_grow_with_the_file(sshd):
    block = bytes(1 << 20)
    tracemalloc.start()
    try:
        with session_with(sshd) as session:
            tracemalloc.reset_peak()
            session.write("big", (block for _ in range(96)), size=96 << 20)
            _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 << 20


def test_sshd_going_down_and_up_again_is_followed(tmp_path):
    with running_sshd(tmp_path / "own") as server:
        server.stop()
        with pytest.raises(SftpUnreachable), session_with(server):
            pass
        server.start()
        with session_with(server) as session:
            assert session.list(".") == []
