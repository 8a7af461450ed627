"""One field of a definition, read key by key into a `FieldSpec`; every wrong key or value becomes a finding."""

from collections.abc import Callable, Mapping
from typing import Any

from core.errors import Finding
from edi_app.mapping.findings import BAD_LENGTH, BAD_OPTION, UNKNOWN_KEY
from edi_app.mapping.nearest import did_you_mean
from edi_app.mapping.spec import FieldSpec

LONGEST = 100_000
SIGNS = ("floating", "leading", "leading_plus", "trailing", "trailing_plus", "overpunch", "none")


def _text(value: Any) -> str:
    return "" if isinstance(value, str) else "It is a text; put it in quotes."


def _plain(value: Any) -> str:
    is_plain = isinstance(value, (str, int)) and not isinstance(value, bool)
    return "" if is_plain else "It is a text or a whole number; put anything else in quotes."


def _flag(value: Any) -> str:
    return "" if isinstance(value, bool) else "It is either true or false."


def _whole(least: int, most: int) -> Callable[[Any], str]:
    def refuse(value: Any) -> str:
        fits = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
        return "" if fits else f"It is a whole number from {least} to {most}."

    return refuse


def _choice(*choices: str) -> Callable[[Any], str]:
    return lambda value: "" if value in choices else f"It is one of {', '.join(choices)}."


def _one_character(value: Any) -> str:
    is_one = isinstance(value, (str, int)) and not isinstance(value, bool) and len(str(value)) == 1
    return "" if is_one and str(value).isprintable() else "It is exactly one character."


_SHARED: Mapping[str, Callable[[Any], str]] = {
    "name": _text,
    "source": _text,
    "as": _text,
    "default": _plain,
    "required": _flag,
    "min": _whole(0, LONGEST),
    "max": _whole(1, LONGEST),
    "overflow": _choice("error", "cut"),
    "on_miss": _choice("error", "default", "keep"),
    "note": _text,
}
FIELD_KEYS: Mapping[str, Mapping[str, Callable[[Any], str]]] = {
    "csv": {**_SHARED, "repeat": _flag},
    "fixed": {
        **_SHARED,
        "start": _whole(1, LONGEST),
        "width": _whole(1, LONGEST),
        "align": _choice("left", "right"),
        "pad": _one_character,
        "decimals": _whole(0, 10),
        "sign": _choice(*SIGNS),
    },
}
_ATTRIBUTES = {"as": "transform"}
_LENGTHS = frozenset({"min", "max", "start", "width", "decimals"})


def read_field(values: Mapping[str, Any], *, format_name: str, place: str) -> tuple[FieldSpec, list[Finding]]:
    """Read one field; what is refused is left at its default and named in the findings."""
    known = FIELD_KEYS[format_name]
    findings: list[Finding] = []
    accepted: dict[str, Any] = {}
    for key, value in values.items():
        if key not in known:
            hint = did_you_mean(str(key), known)
            findings.append(Finding(f"{place}.{key}", "A field has no such key.", hint, UNKNOWN_KEY))
        elif reason := known[key](value):
            findings.append(Finding(f"{place}.{key}", reason, code=BAD_LENGTH if key in _LENGTHS else BAD_OPTION))
        else:
            accepted[_ATTRIBUTES.get(key, key)] = str(value) if key in ("default", "pad") else value
    if not accepted.get("name"):
        findings.append(Finding(f"{place}.name", "A field needs a name.", code=BAD_OPTION))
        accepted["name"] = ""
    return FieldSpec(**accepted), findings


def read_tables(given: Any) -> tuple[dict[str, dict[str, str]], list[Finding]]:
    """Read the lookup tables of a definition: names, each with its entries from key to value."""
    if given is None:
        return {}, []
    if not isinstance(given, Mapping):
        return {}, [Finding("tables", "Tables are names, each with keys and values.", code=BAD_OPTION)]
    tables: dict[str, dict[str, str]] = {}
    findings = []
    for name, entries in given.items():
        if not isinstance(entries, Mapping) or any(_plain(part) for pair in entries.items() for part in pair):
            reason = "A table is keys with values, both texts or whole numbers."
            findings.append(Finding(f"tables.{name}", reason, code=BAD_OPTION))
        else:
            tables[str(name)] = {str(key): str(value) for key, value in entries.items()}
    return tables, findings
