"""Keys in AWS KMS and in Vault: the same vault, the same guarantees, and plain words when the service fails."""

import base64
import secrets
import sys

import pytest

from core import vault
from core.keys import remote
from core.keys.provider import KeyRefused, KeyServiceDown
from core.vault import SealBroken, parse_keyring
from tests.core.keys.services import InvalidRequest, Kms, RequestError, Transit, VaultError, modules

ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd"
PLACES = {"kms": f"aws-kms:{ARN}", "transit": "vault-transit:transit/connector"}
PARTS = ["core.server", "password", "tenant", "row"]
HERE = vault.place(PARTS)


@pytest.fixture(params=["kms", "transit"])
def service(request, monkeypatch):
    client = {"kms": Kms, "transit": Transit}[request.param]()
    client.name = request.param
    for name, module in modules(client).items():
        monkeypatch.setitem(sys.modules, name, module)
    yield client
    parse_keyring.cache_clear()


@pytest.fixture
def ring(service):
    parse_keyring.cache_clear()
    return parse_keyring(f"r={PLACES[service.name]}", "r")


def forget(ring):
    """What a new process is: nothing is remembered."""
    ring.keys["r"]._opened.clear()


def test_what_is_sealed_opens_again_in_another_process(ring):
    sealed = vault.seal("geheim", where=HERE, ring=ring)
    assert b"geheim" not in sealed
    assert vault.kek_id_of(sealed) == "r"
    forget(ring)
    assert vault.unseal(sealed, where=HERE, ring=ring) == "geheim"


def test_a_value_moved_elsewhere_does_not_open(ring):
    sealed = vault.seal("geheim", where=HERE, ring=ring)
    for part in range(len(PARTS)):
        elsewhere = vault.place([*PARTS[:part], PARTS[part] + "x", *PARTS[part + 1 :]])
        for _ in range(2):
            with pytest.raises(SealBroken):
                vault.unseal(sealed, where=elsewhere, ring=ring)
            forget(ring)


def test_a_flipped_bit_anywhere_is_noticed(ring):
    sealed = vault.seal("geheim", where=HERE, ring=ring)
    forget(ring)
    for position in range(len(sealed)):
        broken = bytearray(sealed)
        broken[position] ^= 1
        with pytest.raises((SealBroken, vault.KeyMissing)):
            vault.unseal(bytes(broken), where=HERE, ring=ring)


def test_every_truncation_is_noticed(ring):
    sealed = vault.seal("geheim", where=HERE, ring=ring)
    for length in range(len(sealed)):
        with pytest.raises((SealBroken, vault.KeyMissing)):
            vault.unseal(sealed[:length], where=HERE, ring=ring)


def test_what_was_opened_lately_needs_no_call(ring, service):
    sealed = vault.seal("geheim", where=HERE, ring=ring)
    forget(ring)
    calls = len(service.calls)
    for _ in range(5):
        vault.unseal(sealed, where=HERE, ring=ring)
    assert len(service.calls) == calls + 1


def kms(**limits):
    client = Kms()
    return client, remote.Remembering(remote.KmsKey(client, ARN, (), ()), **limits)


def test_what_is_remembered_is_bounded():
    _, key = kms(most=3)
    for _ in range(10):
        key.wrap(bytes(32), where=HERE)
    assert len(key._opened) == 3


def test_what_was_remembered_too_long_is_asked_again():
    client, key = kms(seconds=-1.0)
    key.unwrap(key.wrap(bytes(32), where=HERE), where=HERE)
    assert [verb for verb, _ in client.calls] == ["encrypt", "decrypt"]


def test_a_service_that_is_down_is_temporary_and_said_in_words(ring, service):
    sealed = vault.seal("geheim", where=HERE, ring=ring)
    forget(ring)
    service.is_down, service.error = True, VaultError("sealed")
    with pytest.raises(KeyServiceDown, match="did not do as asked"):
        vault.unseal(sealed, where=HERE, ring=ring)
    with pytest.raises(KeyServiceDown):
        vault.seal("geheim", where=HERE, ring=ring)


def test_secrets_move_from_a_local_key_to_the_service_and_back(ring, service):
    local = f"l={base64.b64encode(secrets.token_bytes(32)).decode()}"
    both = f"{local},r={PLACES[service.name]}"
    sealed = vault.seal("geheim", where=HERE, ring=parse_keyring(local, "l"))
    moved = vault.rewrap(sealed, where=HERE, ring=parse_keyring(both, "r"))
    assert (vault.kek_id_of(moved), moved[-20:]) == ("r", sealed[-20:])
    back = vault.reseal(moved, where=HERE, ring=parse_keyring(both, "l"))
    assert back[-20:] != sealed[-20:]
    assert vault.unseal(back, where=HERE, ring=parse_keyring(local, "l")) == "geheim"


def test_kms_is_told_the_place_in_words_and_never_the_secret():
    client = Kms()
    key = remote.KmsKey(client, ARN, (), ())
    key.wrap(bytes(32), where=HERE)
    assert list(client.calls[0][1].values()) == ["mlc1", *PARTS]


@pytest.mark.parametrize("answer", [{}, [], "a page in HTML", {"data": None}, {"data": {}}])
def test_an_answer_of_vault_that_is_none_is_temporary(answer):
    client = Transit()
    client.answer = answer
    key = remote.TransitKey(client, "transit", "connector", (InvalidRequest,), (VaultError, RequestError))
    with pytest.raises(KeyServiceDown):
        key.wrap(bytes(32), where=HERE)


@pytest.mark.parametrize(("place", "extra"), [(PLACES["kms"], "aws"), (PLACES["transit"], "vault")])
def test_without_the_client_library_the_extra_is_named(monkeypatch, place, extra):
    for name in modules(None):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(KeyRefused) as caught:
        parse_keyring(f"x={place}", "")
    assert caught.value.next_step == f"Install ml-connector[{extra}]."
