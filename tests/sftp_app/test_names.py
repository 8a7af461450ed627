"""The last gate for paths, and temporary names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sftp_app.errors import NameRefused
from sftp_app.names import check_path, join, temporary_name


@pytest.mark.parametrize(
    "path", ["x", "/out/x.csv", "out bound/x", "ein/Ümlaut.edi", ".", "/", "a/./b", "x..y", "M\udcfc"]
)
def test_ordinary_paths_pass_unchanged(path):
    assert check_path(path) == path


@pytest.mark.parametrize(
    "path", ["", "..", "../x", "/out/../etc/x", "out/..", "~", "~/x", "~harbor/x", "a\0", "a\nb", "a\rb", "a\x1bb"]
)
def test_what_no_server_may_see_is_refused(path):
    with pytest.raises(NameRefused) as caught:
        check_path(path)
    assert caught.value.code == "SFTP_NAME"


def test_a_part_may_have_255_bytes_and_no_more():
    assert check_path("/out/" + "é" * 127)
    with pytest.raises(NameRefused, match="longer than 255 bytes"):
        check_path("/out/" + "é" * 128)


@given(st.text(max_size=60))
def test_what_passes_stays_inside_and_on_one_line(path):
    try:
        check_path(path)
    except NameRefused:
        return
    assert path
    assert ".." not in path.split("/")
    assert not any(ord(char) < 32 for char in path)


@given(st.from_regex(r"[A-Za-z0-9._-]{1,200}", fullmatch=True), st.integers(1, 10**9), st.integers(1, 10**9))
def test_a_temporary_name_is_unique_by_its_fence_and_short_enough(final, one, other):
    names = {temporary_name(final, fence=one), temporary_name(final, fence=other)}
    assert len(names) == (1 if one == other else 2)
    assert all(name.startswith(".") and name.endswith(".tmp") and len(name) <= 255 for name in names)


def test_a_temporary_name_can_be_visible():
    assert temporary_name("a.csv", fence=3, hidden=False) == "a.csv.3.tmp"


@pytest.mark.parametrize(
    ("folder", "path"), [("", "x"), (".", "x"), ("/", "/x"), ("/out", "/out/x"), ("out/", "out/x"), ("a b", "a b/x")]
)
def test_a_name_is_put_into_a_folder(folder, path):
    assert join(folder, "x") == path
