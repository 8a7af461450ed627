"""What a key-encryption key does, wherever it is kept, and how it can fail."""

from typing import Protocol

from core.errors import PermanentError, TemporaryError


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


class KeyRefused(PermanentError):
    """A configured key-encryption key cannot be used."""

    code = "VAULT_KEY_REFUSED"


class KeyServiceDown(TemporaryError):
    """The service that keeps a key-encryption key does not answer, or does not let us use it. Nothing is lost."""

    code = "VAULT_KEY_SERVICE"
    next_step = "Check that the key service runs and that this installation may use the key."


class KeyProvider(Protocol):
    """One key-encryption key. `where` is bound to what is wrapped: it must be the same to unwrap it.

    `is_local` says that wrapping gives 60 bytes and needs no network."""

    is_local: bool

    def wrap(self, data_key: bytes, *, where: bytes) -> bytes:
        """Wrap a data key. Raises `KeyServiceDown`."""

    def unwrap(self, wrapped: bytes, *, where: bytes) -> bytes:
        """Give the data key back. Raises `SealBroken` or `KeyServiceDown`."""
