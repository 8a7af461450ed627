"""Keys from the environment and from files: what works, and what is refused in words."""

import base64
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import vault
from core.errors import PermanentError
from core.keys.provider import KeyRefused
from core.vault import parse_keyring

KEY = base64.b64encode(secrets.token_bytes(32)).decode()
HERE = vault.place(["core.server", "password", "tenant", "row"])


def key_file(folder, text, mode=0o400):
    path = folder / "kek"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_key_from_a_file_opens_what_the_same_key_from_the_environment_sealed(tmp_path):
    sealed = vault.seal("geheim", where=HERE, ring=parse_keyring(f"a={KEY}", ""))
    ring = parse_keyring(f"a=file:{key_file(tmp_path, KEY + chr(10))}", "a")
    assert vault.unseal(sealed, where=HERE, ring=ring) == "geheim"


@pytest.mark.parametrize("mode", [0o440, 0o404, 0o644, 0o420, 0o402, 0o777])
def test_a_file_that_others_can_read_or_write_is_refused(tmp_path, mode):
    path = key_file(tmp_path, KEY, mode)
    with pytest.raises(KeyRefused, match=f"mode {mode:04o}") as caught:
        parse_keyring(f"a=file:{path}", "")
    assert caught.value.next_step == f"Run chmod 0400 {path}."


@pytest.mark.parametrize("text", ["", "short", "%%%", "é" * 44, base64.b64encode(bytes(32)).decode(), "A" * 10_000])
def test_a_file_that_holds_no_key_is_refused_without_showing_what_it_holds(tmp_path, text):
    with pytest.raises(KeyRefused, match="not 32 random bytes") as caught:
        parse_keyring(f"a=file:{key_file(tmp_path, text)}", "")
    assert not text or text not in caught.value.sentence


def test_a_file_that_is_missing_or_no_file_is_refused(tmp_path):
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(KeyRefused, match="cannot be read"):
            parse_keyring(f"a=file:{path}", "")


NO_PLACES = ["gcp:x", "aws-kms:x", "aws-kms:arn:aws:s3:::b", "vault-transit:x", "vault-transit:/x", "file:", ""]


@pytest.mark.parametrize(
    "keks",
    ["a", f"={KEY}", f"a={KEY},a={KEY}", f"{'x' * 256}={KEY}", *(f"a={place}" for place in NO_PLACES)],
    ids=["no value", "no name", "twice", "long name", *NO_PLACES],
)
def test_keys_that_cannot_be_are_refused(keks):
    with pytest.raises(KeyRefused):
        parse_keyring(keks, "")


@given(st.text(max_size=80), st.text(max_size=10))
def test_any_text_is_a_keyring_or_refused_in_words(keks, active):
    try:
        parse_keyring(keks, active)
    except PermanentError as refused:
        assert refused.sentence


def test_the_first_key_seals_where_none_is_named():
    other = base64.b64encode(secrets.token_bytes(32)).decode()
    assert parse_keyring(f"b={KEY},a={other}", "").active == "b"


def test_no_key_shows_itself():
    assert KEY not in repr(parse_keyring(f"a={KEY}", ""))
    assert repr(base64.b64decode(KEY)) not in repr(parse_keyring(f"a={KEY}", "").keys["a"])
