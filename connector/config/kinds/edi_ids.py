"""A partner's EDI blocks: the ids of both sides, and what else shapes its interchanges."""

from collections.abc import Mapping
from typing import Any

from connector.config.shape import BAD_VALUE, Key, Place, anything, block, given
from core.errors import Finding
from edi_app.x12.header import check_partner_block
from edi_app.x12.settings import CHECKS, read_settings

BAD_ID = "CONFIG_BAD_ID"
_SIDES = ("sender", "receiver")
_X12_KEYS = (*_SIDES, "group_sender", "group_receiver", "acknowledgment_requested", *CHECKS)
_EDIFACT = block({side: Key(anything) for side in _SIDES})


def x12_block(value: Any, place: Place) -> Any:
    """Read the `x12` block: its keys only; what they hold is checked with the rest."""
    return _with_texts(given(block({key: Key(anything) for key in _X12_KEYS})(value, place)))


def edifact_block(value: Any, place: Place) -> Any:
    """Read the `edifact` block; its ids are checked with the rest."""
    return _with_texts(given(_EDIFACT(value, place)))


def _with_texts(values: dict[str, Any]) -> dict[str, Any]:
    """Make texts of ids that look like numbers."""
    for side in _SIDES:
        if isinstance(values.get(side), list):
            values[side] = [str(part) if type(part) is int else part for part in values[side]]
    return values


def check_x12(values: Mapping[str, Any], *, path: str) -> list[Finding]:
    """Find what is wrong in a whole `x12` block; an empty one says that the partner takes no X12.

    Ids have at most 15 characters, qualifiers two (ISA05 to ISA08, X12.5), and no delimiter is in them.
    """
    if not values:
        return []
    findings = check_partner_block(values, path=path)
    if not isinstance(values.get("acknowledgment_requested", False), bool):
        findings.append(Finding(f"{path}.acknowledgment_requested", "This is true or false.", code=BAD_VALUE))
    if findings:
        return findings
    marks = set(read_settings(values, {}).structure().characters)
    return [
        Finding(f"{path}.{side}", "The id holds one of the delimiters.", "Choose other delimiters.", BAD_ID)
        for side in _SIDES
        if marks & set("".join(values[side]))
    ]


def check_edifact(values: Mapping[str, Any], *, path: str) -> list[Finding]:
    """Find what is wrong in a whole `edifact` block: ids have at most 35 characters, qualifiers 4 (UNB S002, S003)."""
    faults = ((side, _fault(values.get(side))) for side in _SIDES if values)
    return [
        Finding(f"{path}.{side}", reason, "Write it as in [ACME, ZZ].", BAD_ID) for side, reason in faults if reason
    ]


def _fault(pair: Any) -> str:
    if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(part, str) and part for part in pair):
        return "This is an id and a qualifier."
    identity, qualifier = pair
    if len(qualifier) > 4 or not qualifier.isalnum():
        return f"The qualifier {qualifier[:20]!r} is not 1 to 4 letters or digits."
    if len(identity) > 35 or not identity.isascii() or not identity.isprintable() or set(identity) & set("+:'?"):
        return f"The id {identity[:40]!r} is not 1 to 35 plain characters."
    return ""
