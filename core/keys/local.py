"""Keys that this process holds: from the environment, or from a file that only its owner reads."""

import base64
import binascii
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.keys.provider import KeyRefused, SealBroken

NONCE = 12
LARGEST_FILE = 4096


def seal_bytes(key: bytes, data: bytes, where: bytes) -> bytes:
    """Encrypt with AES-256-GCM under a nonce of its own, which stands in front."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, where)


def open_bytes(key: bytes, sealed: bytes, where: bytes) -> bytes:
    """Decrypt what `seal_bytes` made for the same place. Raises `SealBroken`."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], where)
    except (InvalidTag, ValueError) as error:
        raise SealBroken("A stored secret does not belong here or was altered.") from error


@dataclass(frozen=True, slots=True)
class LocalKey:
    """A key in this process's memory."""

    key: bytes = field(repr=False)
    is_local = True

    def wrap(self, data_key: bytes, *, where: bytes) -> bytes:
        """Wrap a data key with AES-256-GCM."""
        return seal_bytes(self.key, data_key, where)

    def unwrap(self, wrapped: bytes, *, where: bytes) -> bytes:
        """Give the data key back. Raises `SealBroken`."""
        return open_bytes(self.key, wrapped, where)


def key_from_text(name: str, text: str) -> LocalKey:
    """Read 32 random bytes in base64. Raises `KeyRefused`."""
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32 or len(set(key)) == 1:
        raise KeyRefused(f"CONNECTOR_KEKS: the key {name!r} is not 32 random bytes in base64.")
    return LocalKey(key)


def key_from_file(name: str, path: Path) -> LocalKey:
    """Read a key from a file that nobody but its owner can read. Raises `KeyRefused` with the reason."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(LARGEST_FILE).decode("ascii", "replace").strip()
    except OSError as error:
        raise KeyRefused(f"CONNECTOR_KEKS: the file of the key {name!r} cannot be read: {error.strerror}.") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyRefused(
            f"CONNECTOR_KEKS: {path} may be read by others than its owner (mode {stat.S_IMODE(mode):04o}).",
            next_step=f"Run chmod 0400 {path}.",
        )
    return key_from_text(name, text)
