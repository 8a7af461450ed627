"""The vault: envelope encryption of every stored secret, bound to its tenant, model, row and field.

A value is sealed with a random data key (AES-256-GCM); the data key is wrapped by the active key-encryption
key (KEK, also AES-256-GCM). The associated data names where the value lives, so a ciphertext moved to another
row, field, model or tenant does not open. The KEK's id is bound into the wrapping layer only: re-wrapping
under a new KEK leaves the inner text readable.

Layout: `MLC1 | algorithm u8 | KEK id length u8 + id | nonce + wrapped data key 60 | nonce 12 | text + tag`.
"""

import base64
import binascii
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

from core.errors import PermanentError
from core.secret import Secret

MAGIC = b"MLC1"
AES_256_GCM = 1
NONCE = 12
WRAPPED_KEY = 32 + 16


class KeyMissing(PermanentError):
    """The key-encryption key that sealed a value is not configured. The work waits."""

    code = "VAULT_KEY_MISSING"
    holds = True
    next_step = "Put the key back into CONNECTOR_KEKS, or enter the secret again."


class SealBroken(PermanentError):
    """A sealed value does not belong to this place, or was altered."""

    code = "VAULT_SEAL_BROKEN"
    holds = True
    next_step = "Enter the secret again."


@dataclass(frozen=True, slots=True)
class Keyring:
    """The configured key-encryption keys by id, and the one that seals new values."""

    keys: dict[str, bytes]
    active: str

    def key(self, kek_id: str) -> bytes:
        """Give a key by id, or raise `KeyMissing`."""
        if kek_id not in self.keys:
            raise KeyMissing(f"The key {kek_id!r} that sealed this secret is not configured.")
        return self.keys[kek_id]


@lru_cache(maxsize=8)
def parse_keyring(text: str, active: str) -> Keyring:
    """Read `id=BASE64,id=BASE64`; every key is 32 bytes. Raises `PermanentError` with the reason."""
    keys = {}
    for part in filter(None, (item.strip() for item in text.split(","))):
        kek_id, _, encoded = part.partition("=")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            key = b""
        if len(key) != 32 or len(set(key)) == 1 or not 0 < len(kek_id) < 256:
            raise PermanentError(f"CONNECTOR_KEKS: the key {kek_id!r} is not 32 random bytes in base64.")
        keys[kek_id] = key
    active = active or next(iter(keys), "")
    if active not in keys:
        raise PermanentError(f"CONNECTOR_KEK_ACTIVE names {active!r}, which CONNECTOR_KEKS does not hold.")
    return Keyring(keys, active)


def keyring() -> Keyring:
    """Give the keys of this installation."""
    return parse_keyring(settings.CONNECTOR_KEKS, settings.CONNECTOR_KEK_ACTIVE)


def place(parts: Iterable[str]) -> bytes:
    """Encode where a value lives: length prefixes, so that no two places share an encoding."""
    return b"".join(len(part.encode()).to_bytes(2, "big") + part.encode() for part in ("mlc1", *parts))


def _seal(key: bytes, data: bytes, where: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, where)


def _open(key: bytes, sealed: bytes, where: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], where)
    except (InvalidTag, ValueError) as error:
        raise SealBroken("A stored secret does not belong here or was altered.") from error


def _wrap_place(where: bytes, kek_id: str) -> bytes:
    return where + place([kek_id])


def seal(text: str, *, where: bytes, ring: Keyring) -> bytes:
    """Seal a text for one place under the active key."""
    data_key = secrets.token_bytes(32)
    return _compose(ring, ring.active, data_key, _seal(data_key, text.encode(), where), where)


def _compose(ring: Keyring, kek_id: str, data_key: bytes, inner: bytes, where: bytes) -> bytes:
    wrapped = _seal(ring.key(kek_id), data_key, _wrap_place(where, kek_id))
    name = kek_id.encode()
    return MAGIC + bytes([AES_256_GCM, len(name)]) + name + wrapped + inner


def _split(sealed: bytes) -> tuple[str, bytes, bytes]:
    start = len(MAGIC) + 2
    if sealed[: len(MAGIC)] != MAGIC or len(sealed) < start or sealed[len(MAGIC)] != AES_256_GCM:
        raise SealBroken("A stored secret is not in the vault's format.")
    middle = start + sealed[start - 1]
    end = middle + NONCE + WRAPPED_KEY
    return sealed[start:middle].decode(errors="replace"), sealed[middle:end], sealed[end:]


def kek_id_of(sealed: bytes) -> str:
    """Say which key-encryption key a value is wrapped under."""
    return _split(sealed)[0]


def _data_key(sealed: bytes, where: bytes, ring: Keyring) -> tuple[bytes, bytes]:
    kek_id, wrapped, inner = _split(sealed)
    return _open(ring.key(kek_id), wrapped, _wrap_place(where, kek_id)), inner


def unseal(sealed: bytes, *, where: bytes, ring: Keyring) -> str:
    """Open a sealed value at its place. Raises `KeyMissing` or `SealBroken`."""
    data_key, inner = _data_key(sealed, where, ring)
    return _open(data_key, inner, where).decode()


def rewrap(sealed: bytes, *, where: bytes, ring: Keyring) -> bytes:
    """Wrap the same data key under the active key; the inner text is untouched."""
    data_key, inner = _data_key(sealed, where, ring)
    return _compose(ring, ring.active, data_key, inner, where)


class SealedField(models.BinaryField):  # type: ignore[type-arg]  # generic in the stubs only
    """A column that holds a sealed value or NULL. Its Python value is the ciphertext, never the secret."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.update(null=True, blank=True, editable=False, default=None)
        super().__init__(*args, **kwargs)


class SecretHolder(models.Model):
    """A model with sealed fields. Needs `tenant_id` and a UUID primary key made before the insert."""

    class Meta:
        abstract = True

    def secret_place(self, field: str) -> bytes:
        """Encode model, field, tenant and row: what a sealed value is bound to."""
        return place([self._meta.label_lower, field, str(self.tenant_id), str(self.pk)])  # type: ignore[attr-defined]

    def seal(self, field: str, text: str | Secret | None) -> None:
        """Seal a secret into one of this row's fields; None clears it. The caller saves."""
        plain = text.reveal() if isinstance(text, Secret) else text
        sealed = None if plain is None else seal(plain, where=self.secret_place(field), ring=keyring())
        setattr(self, field, sealed)

    def unseal(self, field: str) -> Secret | None:
        """Open one of this row's secrets; None when none is stored. Raises `KeyMissing` or `SealBroken`."""
        sealed = getattr(self, field)
        if sealed is None:
            return None
        return Secret(unseal(bytes(sealed), where=self.secret_place(field), ring=keyring()))

    @classmethod
    def sealed_fields(cls) -> list[str]:
        """Name the columns that hold secrets."""
        return [field.name for field in cls._meta.fields if isinstance(field, SealedField)]
