"""Inbound files: never half, never twice under one name, never something that is no file."""

import os
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sftp_app.errors import SftpNoFile, SftpNoFolder, SftpTooLarge, SftpUnsettled
from sftp_app.packets import RemoteFile
from sftp_app.pickup import Look, look, put_away, read_inbound, settled
from sftp_app.simulator import Sizes
from tests.sftp_app.conftest import session_with

CONTENT = b"ISA*00*...~" * 5000


@pytest.fixture
def session(server):
    for name in ("inbound", "processed"):
        (server.root / name).mkdir()
    with session_with(server) as session:
        yield session


def inbound(server, name="997.edi", content=CONTENT):
    (server.root / "inbound" / name).write_bytes(content)


def test_a_look_gives_plain_files_by_name_and_says_what_it_passes_over(session, server):
    for name in ("b.edi", "a.edi", ".hidden", "c.edi.part", "D.FILEPART", "e.tmp"):
        inbound(server, name)
    (server.root / "inbound" / "folder").mkdir()
    (server.root / "inbound" / "link.edi").symlink_to("/etc/passwd")
    seen = look(session, folder="inbound")
    assert [file.name for file in seen.files] == ["a.edi", "b.edi"]
    reasons = {item.name: item.reason for item in seen.ignored}
    assert set(reasons) == {".hidden", "c.edi.part", "D.FILEPART", "e.tmp", "link.edi"}
    assert "link" in reasons["link.edi"]


def test_a_missing_folder_is_told_by_name(session):
    with pytest.raises(SftpNoFolder, match="There is no folder nowhere on"):
        look(session, folder="nowhere")


def test_a_file_settles_when_two_looks_are_alike(session, server):
    inbound(server)
    first = look(session, folder="inbound")
    assert settled([], first) == []
    assert settled(first.files, look(session, folder="inbound")) == list(first.files)
    inbound(server, content=CONTENT + b"more")
    assert settled(first.files, look(session, folder="inbound")) == []


FILES = st.builds(
    RemoteFile,
    name=st.sampled_from("abc"),
    size=st.one_of(st.none(), st.integers(0, 3)),
    modified_at=st.sampled_from([datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2)]),
)


@given(st.lists(FILES, max_size=6), st.lists(FILES, max_size=6))
def test_what_settles_was_in_both_looks_unchanged(before, after):
    for file in settled(before, Look(tuple(after))):
        assert file in after
        assert any((file.name, file.size, file.modified_at) == (x.name, x.size, x.modified_at) for x in before)


def test_a_file_is_read_whole(session, server):
    inbound(server)
    (file,) = look(session, folder="inbound").files
    read = read_inbound(session, folder="inbound", file=file, limit=1 << 20)
    assert (read.name, read.data, read.modified_at) == ("997.edi", CONTENT, file.modified_at)


def test_a_file_that_grew_since_the_look_is_left_for_the_next_time(session, server):
    inbound(server)
    (file,) = look(session, folder="inbound").files
    inbound(server, content=CONTENT + b"more")
    with pytest.raises(SftpUnsettled, match="changed while it was read"):
        read_inbound(session, folder="inbound", file=file, limit=1 << 20)


def test_a_file_rewritten_with_the_same_length_is_left_for_the_next_time(session, server):
    inbound(server)
    (file,) = look(session, folder="inbound").files
    os.utime(server.root / "inbound" / "997.edi", (0, 0))
    with pytest.raises(SftpUnsettled):
        read_inbound(session, folder="inbound", file=file, limit=1 << 20)


def test_a_file_that_is_gone_or_too_large_is_told(session, server):
    inbound(server)
    (file,) = look(session, folder="inbound").files
    with pytest.raises(SftpTooLarge):
        read_inbound(session, folder="inbound", file=file, limit=100)
    (server.root / "inbound" / "997.edi").unlink()
    with pytest.raises(SftpNoFile):
        read_inbound(session, folder="inbound", file=file, limit=1 << 20)


def test_a_server_without_sizes_still_gives_whole_files(sim):
    sim.faults.sizes = Sizes.MISSING
    (sim.root / "997.edi").write_bytes(CONTENT)
    with session_with(sim) as session:
        (file,) = look(session, folder=".").files
        assert read_inbound(session, folder=".", file=file, limit=1 << 20).data == CONTENT


def test_a_dealt_with_file_is_put_away_and_nothing_there_is_replaced(session, server):
    names = []
    for number in range(3):
        inbound(server, content=b"%d" % number)
        names.append(put_away(session, folder="inbound", name="997.edi", destination="processed"))
    assert names == ["997.edi", "997.edi.1", "997.edi.2"]
    assert [(server.root / "processed" / name).read_bytes() for name in names] == [b"0", b"1", b"2"]
    assert list((server.root / "inbound").iterdir()) == []


def test_putting_away_what_is_gone_or_to_nowhere_is_told(session, server):
    with pytest.raises(SftpNoFile):
        put_away(session, folder="inbound", name="997.edi", destination="processed")
    inbound(server)
    with pytest.raises(SftpNoFolder):
        put_away(session, folder="inbound", name="997.edi", destination="nowhere")
