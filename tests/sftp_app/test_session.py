"""What a session does on any server: simulator and OpenSSH give the same."""

import hashlib
import os

import pytest

from sftp_app.errors import (
    NameRefused,
    SftpNameTaken,
    SftpNoFile,
    SftpNoFolder,
    SftpTooLarge,
    SftpUnreachable,
)
from sftp_app.upload import Evidence
from tests.sftp_app.conftest import session_with

MEGABYTES = os.urandom(3_000_001)


@pytest.fixture
def session(server):
    with session_with(server) as session:
        yield session


def test_a_written_file_is_there_byte_for_byte(session, server):
    stored = session.write("big.bin", [MEGABYTES], size=len(MEGABYTES))
    assert (server.root / "big.bin").read_bytes() == MEGABYTES
    assert (stored.size, stored.evidence) == (len(MEGABYTES), Evidence.SIZE)


def test_chunks_of_any_size_make_the_same_file(session, server):
    pieces = [MEGABYTES[:1], b"", MEGABYTES[1:70_000], MEGABYTES[70_000:]]
    session.write("pieces.bin", iter(pieces), size=len(MEGABYTES))
    assert (server.root / "pieces.bin").read_bytes() == MEGABYTES


def test_an_empty_file_is_a_file(session, server):
    assert session.write("empty", [], size=0).size == 0
    assert (server.root / "empty").read_bytes() == b""


def test_a_longer_leftover_under_the_temporary_name_is_replaced(session, server):
    (server.root / ".x.1.tmp").write_bytes(b"longer than the new one")
    session.write(".x.1.tmp", [b"new"], size=3)
    assert (server.root / ".x.1.tmp").read_bytes() == b"new"


def test_an_exclusive_write_never_touches_what_is_there(session, server):
    (server.root / "final.csv").write_bytes(b"theirs")
    with pytest.raises(SftpNameTaken):
        session.write("final.csv", [b"ours"], size=4, exclusive=True)
    assert (server.root / "final.csv").read_bytes() == b"theirs"


def test_a_size_that_does_not_fit_the_chunks_leaves_nothing(session, server):
    with pytest.raises(ValueError, match="3 bytes came for a file of 4"):
        session.write("wrong", [b"abc"], size=4)
    assert list(server.root.iterdir()) == []


def test_an_error_of_the_caller_comes_through_and_leaves_nothing(session, server):
    def chunks():
        yield b"x" * 100_000
        raise TimeoutError("the database is slow")

    with pytest.raises(TimeoutError, match="the database is slow"):
        session.write("half", chunks(), size=200_000)
    assert session.is_open
    assert list(server.root.iterdir()) == []


def test_a_missing_folder_is_named(session):
    with pytest.raises(SftpNoFolder, match="There is no folder nowhere") as caught:
        session.write("nowhere/x.csv", [b"x"], size=1)
    assert caught.value.code == "SFTP_NO_DIR"


def test_stat_tells_size_time_and_kind_and_none_for_nothing(session, server):
    (server.root / "folder").mkdir()
    (server.root / "file").write_bytes(b"12345")
    (server.root / "link").symlink_to("file")
    file = session.stat("file")
    assert (file.size, file.is_file, file.modified_at.timestamp()) == (
        5,
        True,
        int((server.root / "file").stat().st_mtime),
    )
    assert session.stat("folder").is_folder
    assert session.stat("nothing") is None


def test_a_link_is_shown_as_a_link_and_not_followed(session, server):
    (server.root / "final.csv").symlink_to("/etc/passwd")
    entry = session.stat("final.csv")
    assert entry.is_link
    assert not entry.is_file


def test_many_entries_are_looked_up_in_order(session, server):
    for number in range(0, 150, 2):
        (server.root / f"f{number}").write_bytes(b"x" * number)
    found = session.stat_many([f"f{number}" for number in range(150)])
    assert [entry.size if entry else None for entry in found] == [
        number if number % 2 == 0 else None for number in range(150)
    ]


def test_rename_gives_the_final_name(session, server):
    (server.root / ".a.tmp").write_bytes(b"data")
    session.rename(".a.tmp", "a.csv")
    assert [entry.name for entry in server.root.iterdir()] == ["a.csv"]


def test_rename_never_overwrites(session, server):
    (server.root / ".a.tmp").write_bytes(b"ours")
    (server.root / "a.csv").write_bytes(b"theirs")
    with pytest.raises(SftpNameTaken, match="It was not overwritten"):
        session.rename(".a.tmp", "a.csv")
    assert (server.root / "a.csv").read_bytes() == b"theirs"


def test_rename_does_not_overwrite_a_dangling_link_either(session, server):
    (server.root / ".a.tmp").write_bytes(b"ours")
    (server.root / "a.csv").symlink_to("gone")
    with pytest.raises(SftpNameTaken):
        session.rename(".a.tmp", "a.csv")


def test_rename_of_a_vanished_source_says_so(session):
    with pytest.raises(SftpNoFile, match=r"\.a\.tmp is not there"):
        session.rename(".a.tmp", "a.csv")


def test_rename_into_a_missing_folder_says_so(session, server):
    (server.root / ".a.tmp").write_bytes(b"ours")
    with pytest.raises(SftpNoFolder, match="There is no folder nowhere"):
        session.rename(".a.tmp", "nowhere/a.csv")


def test_reading_gives_the_whole_file_and_its_hash(session, server):
    (server.root / "in.edi").write_bytes(MEGABYTES)
    assert session.read("in.edi", limit=len(MEGABYTES)) == MEGABYTES
    assert session.sha256("in.edi") == hashlib.sha256(MEGABYTES).hexdigest()
    assert session.read("in.edi", limit=len(MEGABYTES)) == MEGABYTES


def test_reading_stops_at_the_limit_and_the_session_goes_on(session, server):
    (server.root / "in.edi").write_bytes(MEGABYTES)
    with pytest.raises(SftpTooLarge, match="larger than 1000000 bytes"):
        session.read("in.edi", limit=1_000_000)
    assert session.stat("in.edi").size == len(MEGABYTES)


def test_listing_gives_files_and_folders_without_dots(session, server):
    (server.root / "folder").mkdir()
    for number in range(120):
        (server.root / f"f{number}").write_bytes(b"")
    names = {entry.name for entry in session.list(".")}
    assert names == {"folder", *(f"f{number}" for number in range(120))}
    with pytest.raises(SftpNoFolder):
        session.list("nowhere")


def test_folders_and_files_are_made_and_removed(session, server):
    session.make_folder("processed")
    session.write("processed/x", [b"x"], size=1)
    session.remove("processed/x")
    session.remove_folder("processed")
    assert list(server.root.iterdir()) == []
    with pytest.raises(SftpNoFile):
        session.remove("processed/x")


def test_the_room_left_is_told(session):
    assert session.free_bytes(".") > 0


@pytest.mark.parametrize("path", ["", "a\0b", "a\nb", "a/../../etc/passwd", "~/in", "x" * 256, "a\x7f"])
def test_odd_paths_are_refused_before_anything_is_sent(session, path):
    with pytest.raises(NameRefused):
        session.write(path, [b"x"], size=1)
    assert session.stat("x") is None


def test_a_name_of_255_bytes_is_taken(session, server):
    session.write("x" * 255, [b"x"], size=1)
    assert [entry.name for entry in server.root.iterdir()] == ["x" * 255]


def test_after_the_end_nothing_is_sent(server):
    with session_with(server) as session:
        pass
    with pytest.raises(SftpUnreachable):
        session.stat("x")
    assert not session.is_open
    with pytest.raises(SftpUnreachable, match="is closed"):
        session.stat("x")
