"""What a configuration file may look like: small readers that are put together, and the findings they leave.

A reader takes a value and its place, and gives the value in its one form, or None when it was refused; so that one
pass finds everything that is wrong.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from connector.config.sources import KINDS, Missing, Sources
from core.errors import Finding
from core.secret import Secret
from edi_app.mapping.nearest import did_you_mean, nearest

UNKNOWN_KEY = "CONFIG_UNKNOWN_KEY"
MISSING_KEY = "CONFIG_MISSING_KEY"
BAD_VALUE = "CONFIG_BAD_VALUE"
BAD_REFERENCE = "CONFIG_BAD_REFERENCE"
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._-]*[A-Za-z0-9_-])?")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the file a value stands, and where its findings go."""

    path: str
    sources: Sources
    findings: list[Finding] = field(default_factory=list)

    def at(self, step: str | int) -> "Place":
        """Give the place of a key or an item inside this one."""
        if isinstance(step, int):
            return replace(self, path=f"{self.path}[{step}]")
        return replace(self, path=f"{self.path}.{step}" if self.path else step)

    def refuse(self, reason: str, hint: str = "", code: str = BAD_VALUE) -> None:
        """Leave a finding; gives None, which stands for a refused value."""
        self.findings.append(Finding(self.path or "file", reason, hint, code))


Reader = Callable[[Any, Place], Any]


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a block. An absent key has the default."""

    read: Reader
    required: bool = False
    default: Any = None


def block(keys: Mapping[str, Key]) -> Reader:
    """Read a block that has these keys and no others; every key is in the result."""

    def read(value: Any, place: Place) -> Any:
        if not isinstance(value, dict):
            return place.refuse("This is a block of keys.", f"It may have: {', '.join(keys)}.")
        for name in value:
            if name not in keys:
                hint = did_you_mean(name, keys) or f"It may have: {', '.join(keys)}."
                place.at(name).refuse("There is no such key.", hint, UNKNOWN_KEY)
        return {name: _read_key(key, value.get(name), place.at(name)) for name, key in keys.items()}

    return read


def _read_key(key: Key, value: Any, place: Place) -> Any:
    if value is not None:
        return key.read(value, place)
    if key.required:
        place.refuse("This key is missing.", code=MISSING_KEY)
    return key.default


def given(values: Mapping[str, Any] | None) -> dict[str, Any]:
    """Keep of a block what was written."""
    return {name: value for name, value in (values or {}).items() if value is not None}


def many(read_item: Reader, *, at_least: int = 0, most: int = 100_000) -> Reader:
    """Read a list of things of one kind; refused items are left out."""

    def read(value: Any, place: Place) -> Any:
        if not isinstance(value, list):
            return place.refuse("This is a list.", "Write [a, b], or one item a line, each behind a hyphen.")
        if not at_least <= len(value) <= most:
            return place.refuse(f"This list has {len(value)} items; {at_least} to {most} are allowed.")
        items = [read_item(item, place.at(index)) for index, item in enumerate(value)]
        return [item for item in items if item is not None]

    return read


def text(*, longest: int = 200, shape: str = "", hint: str = "") -> Reader:
    """Read one line of text; whole numbers count as their digits."""

    def read(value: Any, place: Place) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            return place.refuse("This is a text.", hint)
        if not value.strip():
            return place.refuse("This text is empty.", hint)
        if len(value) > longest:
            return place.refuse(f"This text has {len(value)} characters; {longest} are allowed.", hint)
        if not value.isprintable():
            return place.refuse("This text has line breaks or control characters in it.", hint)
        if shape and not re.fullmatch(shape, value):
            return place.refuse(f"{value[:60]!r} cannot stand here.", hint)
        return value

    return read


def name(*, longest: int = 100) -> Reader:
    """Read the name of a thing, as commands and file names can use it."""
    hint = "Use letters without accents, digits, blank, dot, hyphen and underscore; begin with a letter or digit."
    return text(longest=longest, shape=_NAME.pattern, hint=hint)


def choice(*words: str) -> Reader:
    """Read one of a few words."""

    def read(value: Any, place: Place) -> Any:
        word = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if word in words:
            return word
        near = nearest(word, words) if isinstance(word, str) else ""
        return place.refuse(f"This is one of {', '.join(words)}.", f"Did you mean {near}?" if near else "")

    return read


def whole(*, low: int, high: int) -> Reader:
    """Read a whole number."""

    def read(value: Any, place: Place) -> Any:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        hint = "Write it without quotes." if isinstance(value, str) and value.isdigit() else ""
        return place.refuse(f"This is a whole number from {low} to {high}.", hint)

    return read


def flag(value: Any, place: Place) -> Any:
    """Read true or false."""
    return value if isinstance(value, bool) else place.refuse("This is true or false.")


def day(value: Any, place: Place) -> Any:
    """Read a calendar date."""
    try:
        return date.fromisoformat(value) if len(value) == 10 else _no_day(place)
    except (TypeError, ValueError):
        return _no_day(place)


def _no_day(place: Place) -> None:
    place.refuse("This is not a date.", "Write year, month and day, as in 2026-12-01.")


def anything(value: Any, place: Place) -> Any:
    """Take a value as it is; whoever knows its meaning checks it."""
    return value


def is_reference(value: Any) -> bool:
    """Say whether a value was meant as a reference."""
    return isinstance(value, dict) and bool(value) and any(key in KINDS for key in value)


def referable(read_value: Reader, *, number: bool = False) -> Reader:
    """Read a value that may also be written by reference; `number` makes a number of the text found there."""

    def read(value: Any, place: Place) -> Any:
        if not is_reference(value):
            return read_value(value, place)
        found = _look_up(value, place)
        if found is None:
            return None
        return read_value(int(found) if number and re.fullmatch("[0-9]{1,9}", found) else found, place)

    return read


def secret(value: Any, place: Place) -> Any:
    """Read a secret, which is always a reference; what was written instead is not repeated."""
    if not isinstance(value, dict) or not value:
        return place.refuse(
            "A secret is never written into this file.", "Write {env: NAME} or {file: PATH}.", BAD_REFERENCE
        )
    found = _look_up(value, place)
    return None if found is None else Secret(found)


def _look_up(reference: dict[str, Any], place: Place) -> str | None:
    for key in reference:
        if key not in KINDS:
            place.at(key).refuse("There is no such key.", did_you_mean(key, KINDS), UNKNOWN_KEY)
            return None
    try:
        return place.sources.read(reference)
    except Missing as missing:
        place.refuse(missing.reason, missing.hint, BAD_REFERENCE)
        return None
