"""Where a session goes and whom it trusts, as plain values."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.addresses import Network
from core.secret import Secret


class Publish(StrEnum):
    """How a file gets its final name: renamed in its folder, moved from a staging folder, or written there."""

    RENAME = "rename"
    STAGING = "staging"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class HostKeyPin:
    """One approved host key: the raw key, or only its fingerprint (`SHA256:…`) when nothing else was given.

    `key_type` is the SSH name (`ssh-ed25519`), empty when only a fingerprint is known. Both ends of the
    validity are aware moments; `valid_until` is exclusive.
    """

    fingerprint: str
    key_type: str = ""
    key: bytes = b""
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Say whether the approval covers this moment."""
        begun = self.valid_from is None or self.valid_from <= now
        return begun and (self.valid_until is None or now < self.valid_until)

    def __str__(self) -> str:
        return f"{self.key_type} {self.fingerprint}".strip()


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long each step may take, in seconds. `answer` is the longest silence once files are handled."""

    connect: float = 10
    handshake: float = 15
    sign_in: float = 20
    channel: float = 15
    answer: float = 30


@dataclass(frozen=True, slots=True)
class Target:
    """One server as a session needs it. Without a valid host key there is no connection, whatever else is set.

    `allowed_nets` are private networks that may be reached (ALLOWED_PRIVATE_NETS). `hidden_temporary`
    puts a dot before temporary names. `fsync` asks servers that
    offer it to write through to disk before the size is checked. `allow_legacy_algorithms` admits CBC ciphers
    and SHA-1 MACs, never SHA-1 signatures or key exchanges.
    """

    host: str
    username: str
    port: int = 22
    password: Secret | None = None
    private_key: Secret | None = None
    passphrase: Secret | None = None
    host_keys: tuple[HostKeyPin, ...] = ()
    allowed_nets: tuple[Network, ...] = ()
    publish: Publish = Publish.RENAME
    staging_folder: str = ""
    hidden_temporary: bool = True
    fsync: bool = True
    allow_legacy_algorithms: bool = False
    timeouts: Timeouts = field(default_factory=Timeouts)
