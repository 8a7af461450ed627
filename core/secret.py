"""A secret that does not show itself: every way of printing it gives `***`."""

import hmac
import weakref
from typing import NoReturn

# By identity, not by value: of two equal secrets one may end before the other.
_live: "dict[int, weakref.ref[Secret]]" = {}


class Secret:
    """Holds a secret text. `reveal()` is the only way to it, so a reader can search for every use."""

    __slots__ = ("__weakref__", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        place = id(self)
        _live[place] = weakref.ref(self, lambda _: _live.pop(place, None))

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


def live_secrets() -> set[str]:
    """Give the texts of all secrets in use, for the log's redaction only."""
    alive = [reference() for reference in list(_live.values())]
    return {secret.reveal() for secret in alive if secret is not None}
