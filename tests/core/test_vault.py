"""Sealed secrets open in their own place only."""

import base64
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import vault
from core.errors import PermanentError
from core.vault import KeyMissing, SealBroken
from tests.factories import ServerFactory

KEY, OTHER_KEY = (base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(2))
RING = vault.parse_keyring(f"a={KEY}", "a")
HERE = vault.place(["core.server", "password", "tenant", "row"])


@given(st.text())
def test_what_is_sealed_opens_again(text):
    assert vault.unseal(vault.seal(text, where=HERE, ring=RING), where=HERE, ring=RING) == text


@pytest.mark.parametrize("part", range(4))
def test_a_value_moved_to_another_model_field_tenant_or_row_does_not_open(part):
    names = ["core.server", "password", "tenant", "row"]
    sealed = vault.seal("geheim", where=vault.place(names), ring=RING)
    names[part] += "x"
    with pytest.raises(SealBroken):
        vault.unseal(sealed, where=vault.place(names), ring=RING)


def test_a_flipped_bit_anywhere_is_noticed():
    sealed = vault.seal("geheim", where=HERE, ring=RING)
    for position in range(len(sealed)):
        broken = bytearray(sealed)
        broken[position] ^= 1
        with pytest.raises((SealBroken, KeyMissing)):
            vault.unseal(bytes(broken), where=HERE, ring=RING)


def test_every_truncation_is_noticed():
    sealed = vault.seal("geheim", where=HERE, ring=RING)
    for length in range(len(sealed)):
        with pytest.raises((SealBroken, KeyMissing)):
            vault.unseal(sealed[:length], where=HERE, ring=RING)


def test_no_two_places_share_an_encoding():
    assert vault.place(["a", "bc"]) != vault.place(["ab", "c"])


def test_sealing_twice_gives_different_bytes():
    assert vault.seal("x", where=HERE, ring=RING) != vault.seal("x", where=HERE, ring=RING)


def test_rewrapping_moves_to_the_active_key_and_keeps_the_inner_text():
    both = vault.parse_keyring(f"a={KEY},b={OTHER_KEY}", "b")
    sealed = vault.seal("geheim", where=HERE, ring=RING)
    rewrapped = vault.rewrap(sealed, where=HERE, ring=both)
    assert vault.kek_id_of(rewrapped) == "b"
    assert rewrapped[-20:] == sealed[-20:]
    only_b = vault.parse_keyring(f"b={OTHER_KEY}", "b")
    assert vault.unseal(rewrapped, where=HERE, ring=only_b) == "geheim"


def test_a_key_that_was_removed_too_early_is_named():
    sealed = vault.seal("geheim", where=HERE, ring=RING)
    with pytest.raises(KeyMissing, match="'a'"):
        vault.unseal(sealed, where=HERE, ring=vault.parse_keyring(f"b={OTHER_KEY}", "b"))


@pytest.mark.parametrize(
    "keks",
    ["a=short", "a=%%%", "a=" + base64.b64encode(bytes(32)).decode(), f"={KEY}", f"b={KEY}"],
    ids=["short", "not base64", "zeros", "no name", "active one missing"],
)
def test_a_keyring_that_cannot_work_is_refused(keks):
    with pytest.raises(PermanentError):
        vault.parse_keyring(keks, "a")


@pytest.mark.django_db
def test_a_row_keeps_only_ciphertext_and_opens_to_a_secret_that_hides():
    server = ServerFactory.build()
    server.tenant.save()
    server.seal("password", "geheim")
    server.save()
    server.refresh_from_db()
    assert b"geheim" not in bytes(server.password)
    assert server.unseal("password").reveal() == "geheim"
    assert "geheim" not in f"{server.unseal('password')!r} {server.unseal('password')}"
    assert server.unseal("passphrase") is None
