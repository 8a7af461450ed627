"""Values by reference: `{env: NAME}` and `{file: PATH}`, the path seen from the configuration file."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KINDS = ("env", "file")
LARGEST_BYTES = 65_536


class Missing(Exception):
    """A reference leads nowhere; `reason` and `hint` name the place, never what is in it."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Sources:
    """Where references are looked up: an environment, and the folder that the configuration file is in."""

    environment: Mapping[str, str]
    folder: Path

    def read(self, reference: Mapping[str, Any], *, most: int = LARGEST_BYTES) -> str:
        """Give the text that a reference leads to, without the line end behind it; `most` bytes of a file are read.

        Raises `Missing`."""
        (kind, place), *others = reference.items()
        if others or kind not in KINDS:
            raise Missing("A reference has one key.", "Write {env: NAME} or {file: PATH}.")
        if not isinstance(place, str) or not place:
            raise Missing(f"The reference names no {kind}.", "Write {env: NAME} or {file: PATH}.")
        return self._variable(place) if kind == "env" else self._file(place, most)

    def _variable(self, name: str) -> str:
        value = self.environment.get(name)
        if value is None:
            raise Missing(f"The environment variable {name} is not set.", "Set it and apply again.")
        if not value.strip():
            raise Missing(f"The environment variable {name} is empty.", "Set it and apply again.")
        return value.rstrip("\r\n")

    def _file(self, place: str, most: int) -> str:
        path = self.folder / place
        try:
            if path.exists() and not path.is_file():
                raise Missing(f"{place} is not a plain file.")
            with path.open("rb") as file:
                data = file.read(most + 1)
            text = data.decode("utf-8")
        except FileNotFoundError:
            raise Missing(f"The file {place} does not exist.", "Its path is seen from this file.") from None
        except UnicodeDecodeError:
            raise Missing(f"The file {place} is not text.") from None
        except OSError as error:
            raise Missing(f"The file {place} cannot be read: {error.strerror}.") from None
        if len(data) > most:
            raise Missing(f"The file {place} is larger than {most} bytes.")
        if not text.strip():
            raise Missing(f"The file {place} is empty.")
        return text.rstrip("\r\n")
