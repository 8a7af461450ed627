"""A partner's EDI blocks: the ids of both sides, and what else shapes its interchanges."""

from collections.abc import Callable
from typing import Any

from connector.config.shape import UNKNOWN_KEY, Key, Place, anything, block, given
from core.errors import Finding
from edi_app.mapping.nearest import did_you_mean
from edi_app.x12.settings import CHECKS, check_values

Fault = Callable[[Any], tuple[str, str] | None]
BAD_ID = "CONFIG_BAD_ID"
_SIDES = ("sender", "receiver")
X12_KEYS = (*_SIDES, *CHECKS)
_EDIFACT = block({side: Key(anything) for side in _SIDES})


def edifact_block(value: Any, place: Place) -> Any:
    """Read the `edifact` block; its ids are checked with the rest."""
    return given(_EDIFACT(value, place))


def check_x12(values: Any, *, path: str, is_whole: bool) -> list[Finding]:
    """Find what is wrong in an `x12` block. A test block need not be whole: it stands over the other one.

    Ids have at most 15 characters, qualifiers two (ISA05 to ISA08, X12.5).
    """
    if not isinstance(values, dict):
        return [Finding(path, "This is a block of keys.", f"It may have: {', '.join(X12_KEYS)}.", UNKNOWN_KEY)]
    findings = [
        Finding(f"{path}.{key}", "There is no such key.", did_you_mean(key, X12_KEYS), UNKNOWN_KEY)
        for key in values
        if key not in X12_KEYS
    ]
    findings += check_values(values, path=path)
    return findings + _check_sides(values, path, is_whole, _x12_fault)


def check_edifact(values: dict[str, Any], *, path: str, is_whole: bool) -> list[Finding]:
    """Find what is wrong in an `edifact` block: ids of at most 35 characters, qualifiers of 4 (UNB S002, S003)."""
    return _check_sides(values, path, is_whole, _edifact_fault)


def _check_sides(values: dict[str, Any], path: str, is_whole: bool, fault: Fault) -> list[Finding]:
    """Check both ids, once their numbers are texts; in a whole block with anything in it both are needed."""
    findings = []
    for side in _SIDES:
        if isinstance(values.get(side), list):
            values[side] = [str(part) if type(part) is int else part for part in values[side]]
        if (side in values or (values and is_whole)) and (refused := fault(values.get(side))):
            reason, hint = refused
            findings.append(Finding(f"{path}.{side}", reason, hint, BAD_ID))
    return findings


def _x12_fault(pair: Any) -> tuple[str, str] | None:
    hint = "Write qualifier and id, as in [ZZ, ACME]."
    if not _is_pair(pair):
        return "This is a qualifier and an id.", hint
    qualifier, name = pair
    if len(qualifier) != 2 or not qualifier.isalnum():
        return f"The qualifier {qualifier[:20]!r} does not have two letters or digits.", hint
    if len(name) > 15 or name != name.strip() or not _is_plain(name):
        return f"The id {name[:40]!r} is not 1 to 15 plain characters.", "ISA06 and ISA08 have room for 15."
    return None


def _edifact_fault(pair: Any) -> tuple[str, str] | None:
    hint = "Write id and qualifier, as in [ACME, ZZ]."
    if not _is_pair(pair):
        return "This is an id and a qualifier.", hint
    name, qualifier = pair
    if len(qualifier) > 4 or not qualifier.isalnum():
        return f"The qualifier {qualifier[:20]!r} is not 1 to 4 letters or digits.", hint
    if len(name) > 35 or name != name.strip() or not _is_plain(name):
        return f"The id {name[:40]!r} is not 1 to 35 plain characters.", "UNB has room for 35."
    return None


def _is_pair(pair: Any) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) and part for part in pair)


def _is_plain(name: str) -> bool:
    return name.isascii() and name.isprintable() and not set(name) & set("*~>^|:'+?")
