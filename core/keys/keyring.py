"""The ring of configured keys: `CONNECTOR_KEKS` names each key and where it is kept.

id=BASE64                              32 random bytes, here in the environment
id=file:/run/secrets/kek               the same in a file that only its owner reads
id=aws-kms:arn:aws:kms:…:key/…         never leaves AWS KMS (extra `aws`)
id=vault-transit:transit/connector     never leaves HashiCorp Vault (extra `vault`)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.keys.local import key_from_file, key_from_text
from core.keys.provider import KeyMissing, KeyProvider, KeyRefused
from core.keys.remote import Remembering, open_kms, open_transit


@dataclass(frozen=True, slots=True)
class Keyring:
    """The configured key-encryption keys by id, and the one that seals new values."""

    keys: Mapping[str, KeyProvider]
    active: str

    def key(self, kek_id: str) -> KeyProvider:
        """Give a key by id, or raise `KeyMissing`."""
        if kek_id not in self.keys:
            raise KeyMissing(f"The key {kek_id!r} that sealed this secret is not configured.")
        return self.keys[kek_id]


@lru_cache(maxsize=8)
def parse_keyring(text: str, active: str) -> Keyring:
    """Read the keys, comma-separated; without `active` the first one seals. Raises `KeyRefused` with the reason."""
    keys: dict[str, KeyProvider] = {}
    for part in filter(None, (item.strip() for item in text.split(","))):
        kek_id, _, place = part.partition("=")
        if not 0 < len(kek_id.encode()) < 256:
            raise KeyRefused("CONNECTOR_KEKS: every key has an id, as in id=BASE64.")
        if kek_id in keys:
            raise KeyRefused(f"CONNECTOR_KEKS: the id {kek_id!r} is there twice.")
        keys[kek_id] = _open(kek_id, place)
    active = active or next(iter(keys), "")
    if active not in keys:
        raise KeyRefused(f"CONNECTOR_KEK_ACTIVE names {active!r}, which CONNECTOR_KEKS does not hold.")
    return Keyring(keys, active)


def _open(kek_id: str, place: str) -> KeyProvider:
    kind, colon, rest = place.partition(":")
    if not colon:
        return key_from_text(kek_id, place)
    if kind == "file":
        return key_from_file(kek_id, Path(rest))
    if kind == "aws-kms":
        return Remembering(open_kms(rest))
    if kind == "vault-transit":
        return Remembering(open_transit(rest))
    raise KeyRefused(f"CONNECTOR_KEKS: the key {kek_id!r} is kept in none of: file, aws-kms, vault-transit.")
