"""The vault: envelope encryption of every stored secret, bound to its tenant, model, row and field.

A value is sealed with a random data key (AES-256-GCM); the data key is wrapped by the active key-encryption
key (KEK, also AES-256-GCM). The associated data names where the value lives, so a ciphertext moved to another
row, field, model or tenant does not open. The KEK's id is bound into the wrapping layer only: re-wrapping
under a new KEK leaves the inner text readable.

Layout: `MLC1 | algorithm u8 | KEK id length u8 + id | wrapped data key | nonce 12 | text + tag`. Algorithm 1 wraps
with a key of ours (nonce and 48 bytes), algorithm 2 in a key service (length u16 and what it gave).
"""

import secrets
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models

from core.keys.keyring import Keyring, parse_keyring
from core.keys.local import NONCE, open_bytes, seal_bytes
from core.keys.provider import KeyMissing, SealBroken
from core.secret import Secret

__all__ = [
    "KeyMissing",
    "Keyring",
    "SealBroken",
    "SealedField",
    "SecretHolder",
    "kek_id_of",
    "keyring",
    "parse_keyring",
    "place",
    "reseal",
    "rewrap",
    "seal",
    "unseal",
]

MAGIC = b"MLC1"
LOCAL, REMOTE = 1, 2
LOCAL_WRAPPED = NONCE + 32 + 16


def keyring() -> Keyring:
    """Give the keys of this installation."""
    return parse_keyring(settings.CONNECTOR_KEKS, settings.CONNECTOR_KEK_ACTIVE)


def place(parts: Iterable[str]) -> bytes:
    """Encode where a value lives: length prefixes, so that no two places share an encoding."""
    return b"".join(len(part.encode()).to_bytes(2, "big") + part.encode() for part in ("mlc1", *parts))


def _wrap_place(where: bytes, kek_id: str) -> bytes:
    return where + place([kek_id])


def seal(text: str, *, where: bytes, ring: Keyring) -> bytes:
    """Seal a text for one place under the active key. Raises `KeyServiceDown` for a key in a service."""
    data_key = secrets.token_bytes(32)
    return _compose(ring, data_key, seal_bytes(data_key, text.encode(), where), where)


def _compose(ring: Keyring, data_key: bytes, inner: bytes, where: bytes) -> bytes:
    key, name = ring.key(ring.active), ring.active.encode()
    wrapped = key.wrap(data_key, where=_wrap_place(where, ring.active))
    length = b"" if key.is_local else len(wrapped).to_bytes(2, "big")
    algorithm = LOCAL if key.is_local else REMOTE
    return MAGIC + bytes([algorithm, len(name)]) + name + length + wrapped + inner


def _split(sealed: bytes) -> tuple[str, bytes, bytes]:
    start = len(MAGIC) + 2
    if sealed[: len(MAGIC)] != MAGIC or len(sealed) < start or sealed[len(MAGIC)] not in (LOCAL, REMOTE):
        raise SealBroken("A stored secret is not in the vault's format.")
    middle = start + sealed[start - 1]
    name = sealed[start:middle].decode(errors="replace")
    length = LOCAL_WRAPPED
    if sealed[len(MAGIC)] == REMOTE:
        length = int.from_bytes(sealed[middle : middle + 2], "big")
        middle += 2
    return name, sealed[middle : middle + length], sealed[middle + length :]


def kek_id_of(sealed: bytes) -> str:
    """Say which key-encryption key a value is wrapped under."""
    return _split(sealed)[0]


def _data_key(sealed: bytes, where: bytes, ring: Keyring) -> tuple[bytes, bytes]:
    kek_id, wrapped, inner = _split(sealed)
    data_key = ring.key(kek_id).unwrap(wrapped, where=_wrap_place(where, kek_id))
    if len(data_key) != 32:
        raise SealBroken("A stored secret does not belong here or was altered.")
    return data_key, inner


def unseal(sealed: bytes, *, where: bytes, ring: Keyring) -> str:
    """Open a sealed value at its place. Raises `KeyMissing`, `SealBroken` or `KeyServiceDown`."""
    data_key, inner = _data_key(sealed, where, ring)
    return open_bytes(data_key, inner, where).decode()


def rewrap(sealed: bytes, *, where: bytes, ring: Keyring) -> bytes:
    """Wrap the same data key under the active key; the inner text is untouched."""
    data_key, inner = _data_key(sealed, where, ring)
    return _compose(ring, data_key, inner, where)


def reseal(sealed: bytes, *, where: bytes, ring: Keyring) -> bytes:
    """Seal the text anew, with a new data key under the active key."""
    return seal(unseal(sealed, where=where, ring=ring), where=where, ring=ring)


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
