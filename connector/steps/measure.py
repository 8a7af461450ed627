"""Measure: size and sha256 of a file while it is built, of its plain form and of the form that lies on the server."""

import hashlib
from typing import Any

from core.models import Compression, Integration
from core.outbox import Packer


class Measure:
    """Takes a file's bytes piece by piece and keeps none of them."""

    def __init__(self, *, packs: bool) -> None:
        self._plain, self._sent = _Sum(), _Sum()
        self._packer = Packer() if packs else None

    def add(self, data: bytes) -> None:
        """Take the next piece."""
        self._plain.add(data)
        if self._packer:
            self._sent.add(self._packer.add(data))

    def columns(self) -> dict[str, Any]:
        """End, and give what a sealed file keeps of it."""
        if self._packer is None:
            return {"size": self._plain.size, "sha256": self._plain.hexdigest}
        self._sent.add(self._packer.end())
        return {
            "size": self._sent.size,
            "sha256": self._sent.hexdigest,
            "compression": Compression.GZIP,
            "plain_size": self._plain.size,
            "plain_sha256": self._plain.hexdigest,
        }


class _Sum:
    def __init__(self) -> None:
        self._digest, self.size = hashlib.sha256(), 0

    def add(self, data: bytes) -> None:
        self._digest.update(data)
        self.size += len(data)

    @property
    def hexdigest(self) -> str:
        return self._digest.hexdigest()


def packs(integration: Integration) -> bool:
    """Say whether an integration's files are packed with gzip."""
    return bool(integration.options.get("delivery", {}).get("gzip"))


def sent_name(name: str, *, packed: bool) -> str:
    """Give a file's name on the server: a packed one says so."""
    return f"{name}.gz" if packed and not name.endswith(".gz") else name
