"""A secret that does not show itself: every way of printing it gives `***`."""

import hmac
from typing import NoReturn


class Secret:
    """Holds a secret text. `reveal()` is the only way to it, so a reader can search for every use."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Give the secret itself."""
        return self._text

    def __repr__(self) -> str:
        return "Secret('***')"

    def __str__(self) -> str:
        return "***"

    def __format__(self, format_spec: str) -> str:
        return "***"

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(("Secret", self._text))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not serialised")
