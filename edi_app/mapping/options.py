"""The options of each flat format: their defaults, and what each may be."""

import codecs
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from core.errors import Finding
from edi_app.mapping.findings import BAD_OPTION, UNKNOWN_KEY
from edi_app.mapping.nearest import did_you_mean

NEWLINES = {"crlf": "\r\n", "lf": "\n", "cr": "\r"}
_NAMED_CHARACTERS = {"tab": "\t", "pipe": "|", "comma": ",", "semicolon": ";"}


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its default and the test that gives the reason why a value is refused, or nothing."""

    default: Any
    refuse: Callable[[Any], str]
    read: Callable[[Any], Any] = lambda value: value


def _flag(default: bool) -> Option:
    return Option(default, lambda value: "" if isinstance(value, bool) else "It is either true or false.")


def _choice(default: str, *others: str) -> Option:
    choices = (default, *others)
    return Option(default, lambda value: "" if value in choices else f"It is one of {', '.join(choices)}.")


def _character(default: str) -> Option:
    def refuse(value: Any) -> str:
        if not isinstance(value, str) or len(_character_of(value)) != 1:
            return "It is exactly one character."
        if _character_of(value).isalnum() or _character_of(value) in "\r\n\0 ":
            return "A letter, a digit, a blank or a line break cannot separate fields."
        return ""

    return Option(default, refuse, _character_of)


def _character_of(value: str) -> str:
    return _NAMED_CHARACTERS.get(value, value)


def _whole(default: int, most: int) -> Option:
    def refuse(value: Any) -> str:
        fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most
        return "" if fits else f"It is a whole number from 0 to {most}."

    return Option(default, refuse)


def _amount(default: str) -> Option:
    def refuse(value: Any) -> str:
        try:
            return "" if 0 <= Decimal(str(value)) <= 1 else "It is an amount from 0 to 1."
        except InvalidOperation:
            return "It is an amount, such as 0.10."

    return Option(Decimal(default), refuse, lambda value: Decimal(str(value)))


def _texts() -> Option:
    def refuse(value: Any) -> str:
        fits = isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value)
        return "" if fits else "It is a list of words."

    return Option((), refuse, tuple)


def _extension(default: str) -> Option:
    def refuse(value: Any) -> str:
        fits = isinstance(value, str) and value.isascii() and value.isalnum() and len(value) <= 10
        return "" if fits else "It is up to 10 letters and digits, without the point."

    return Option(default, refuse)


def _encoding() -> Option:
    return Option("utf-8", _refuse_encoding)


def _refuse_encoding(value: Any) -> str:
    try:
        codec = codecs.lookup(value)
    except (LookupError, TypeError, ValueError):
        return "There is no such encoding; common ones are utf-8, latin-1, cp1252 and ascii."
    if not getattr(codec, "_is_text_encoding", True) or not all(map(codec_keeps_parts(value), "aéжあ")):
        return "Its parts cannot stand behind each other in one file; use utf-8, utf-16-le, latin-1 or cp1252."
    return ""


def codec_keeps_parts(encoding: str) -> Callable[[str], bool]:
    """Test that an encoding has no state and no mark at the start, so parts of a file can be joined."""

    def keeps(character: str) -> bool:
        try:
            return (character * 2).encode(encoding) == character.encode(encoding) * 2
        except UnicodeError:
            return True

    return keeps


def is_encodable(text: str, encoding: str) -> bool:
    """Say whether an encoding has every character of a text."""
    try:
        text.encode(encoding)
    except UnicodeError:
        return False
    return True


_SHARED: Mapping[str, Option] = {
    "rows": _choice("document", "line"),
    "newline": _choice("crlf", "lf", "cr"),
    "encoding": _encoding(),
    "bom": _flag(False),
    "decimal": _choice(".", ","),
    "on_bad_char": _choice("reject", "replace", "transliterate"),
    "total_tolerance": _amount("0.10"),
    "tax_lines": _flag(False),
    "statuses": _texts(),
}
OPTIONS: Mapping[str, Mapping[str, Option]] = {
    "csv": {
        **_SHARED,
        "header": _flag(True),
        "delimiter": _character(","),
        "quote": _character('"'),
        "quoting": _choice("minimal", "all", "nonnumeric", "none"),
        "document_values": _choice("every_line", "first_line"),
        "formula_guard": _choice("off", "prefix", "reject"),
        "line_breaks": _choice("keep", "space", "reject"),
        "extension": _extension("csv"),
    },
    "fixed": {
        **_SHARED,
        "width_unit": _choice("characters", "bytes"),
        "record_length": _whole(0, 100_000),
        "gaps": _choice("refuse", "blank"),
        "line_breaks": _choice("space", "reject"),
        "extension": _extension("txt"),
    },
}


def read_options(given: Any, *, name: str, place: str) -> tuple[dict[str, Any], list[Finding]]:
    """Read the options of a format, defaults filled in, and find what is refused in them."""
    known = OPTIONS[name]
    values = {key: option.default for key, option in known.items()}
    if not isinstance(given, Mapping):
        return values, [_finding(place, "Options are names with values.")] if given is not None else []
    findings = []
    for key, value in given.items():
        if key not in known:
            hint = did_you_mean(str(key), known)
            findings.append(_finding(f"{place}.{key}", "There is no such option.", hint, UNKNOWN_KEY))
        elif reason := known[key].refuse(value):
            findings.append(_finding(f"{place}.{key}", reason))
        else:
            values[key] = known[key].read(value)
    return values, findings + _clashes(values, name=name, place=place)


def _clashes(values: Mapping[str, Any], *, name: str, place: str) -> list[Finding]:
    clashes = []
    if name == "csv" and values["delimiter"] == values["quote"]:
        clashes.append(_finding(f"{place}.delimiter", "Delimiter and quote are the same character."))
    if name == "csv" and values["quoting"] == "none" and values["delimiter"] == values["decimal"]:
        clashes.append(_finding(f"{place}.delimiter", "Delimiter and decimal mark are the same, without quotes."))
    for key in ("delimiter", "quote"):
        if not is_encodable(values.get(key, ""), values["encoding"]):
            clashes.append(_finding(f"{place}.{key}", f"{values['encoding']} does not have that character."))
    if values["bom"] and codecs.lookup(values["encoding"]).name not in ("utf-8", "utf-16-le", "utf-16-be"):
        clashes.append(_finding(f"{place}.bom", f"{values['encoding']} has no byte order mark."))
    return clashes


def _finding(path: str, reason: str, hint: str = "", code: str = BAD_OPTION) -> Finding:
    return Finding(path=path, reason=reason, hint=hint, code=code)
