"""Definitions as text: to be read, compared and edited whole."""

import difflib
from collections.abc import Mapping
from typing import Any, NamedTuple

import yaml

FIRST = ("base", "format", "title", "note", "options", "set", "drop", "fields", "records", "tables")


class DiffLine(NamedTuple):
    """One line of a comparison: `+`, `-`, or a blank for what stays."""

    mark: str
    text: str


def as_text(definition: Mapping[str, Any]) -> str:
    """Give a definition as YAML, its keys in the order in which people write them."""
    keys = sorted(definition, key=lambda key: FIRST.index(key) if key in FIRST else len(FIRST))
    ordered = {key: definition[key] for key in keys}
    return yaml.safe_dump(ordered, sort_keys=False, allow_unicode=True, width=110)


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[DiffLine]:
    """Compare two definitions line by line; equal ones give nothing."""
    lines = difflib.unified_diff(as_text(old).splitlines(), as_text(new).splitlines(), lineterm="", n=2)
    return [DiffLine(line[:1], line[1:]) for line in list(lines)[2:]]
