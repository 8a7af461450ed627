"""Writes the envelope: ISA and GS in front, GE and IEA behind, with control numbers that were given."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from core.errors import Finding
from core.formats import Envelope
from edi_app.mapping.findings import BAD_OPTION, refusal
from edi_app.x12.delimiters import Delimiters
from edi_app.x12.settings import Settings, check_values

ISA_ID = 15
_QUALIFIER = 2
_SIDES = ("sender", "receiver")


def check_partner_block(block: Mapping[str, Any], *, path: str = "x12") -> list[Finding]:
    """Find what is wrong with a partner's `x12` block: ids, version, delimiters, settings."""
    findings = check_values(block, path=path)
    for side in _SIDES:
        findings += _check_id(block.get(side), f"{path}.{side}")
    return findings


def _check_id(value: Any, path: str) -> list[Finding]:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        return [Finding(path, "It is a qualifier and an id, such as [ZZ, ACME].", code=BAD_OPTION)]
    qualifier, identity = str(value[0]), str(value[1])
    if len(qualifier) != _QUALIFIER or not qualifier.isalnum():
        return [Finding(path, f"{qualifier!r} is no qualifier; it has two characters, such as ZZ.", code=BAD_OPTION)]
    if not 1 <= len(identity) <= ISA_ID or not identity.isascii() or not identity.isprintable():
        reason = f"{identity!r} has {len(identity)} characters; ISA06 and ISA08 hold 1 to {ISA_ID}, ASCII only."
        return [Finding(path, reason, code=BAD_OPTION)]
    return []


def interchange_header(
    envelope: Envelope, block: Mapping[str, Any], settings: Settings, *, functional_id: str
) -> list[str]:
    """Render ISA and GS without terminators. Raises Invalid when ids or delimiters do not fit."""
    findings = check_partner_block(block)
    if findings:
        raise refusal(findings)
    marks = settings.structure()
    sender, receiver = ([str(part) for part in block[side]] for side in _SIDES)
    for identity in (sender[1], receiver[1]):
        if any(mark in identity for mark in marks.characters):
            raise refusal([Finding("x12", f"The id {identity!r} holds a delimiter.", code=BAD_OPTION)])
    isa = isa_segment(
        marks,
        sender=sender,
        receiver=receiver,
        moment=envelope.moment,
        version=settings.version,
        control=envelope.numbers.get("ISA", 0),
        wants_answer=settings.acknowledgment_requested,
        usage="T" if envelope.test else "P",
    )
    gs = gs_segment(
        marks,
        functional_id=functional_id,
        sender=settings.group_sender or sender[1],
        receiver=settings.group_receiver or receiver[1],
        moment=envelope.moment,
        control=envelope.numbers.get("GS", 0),
        version=settings.version,
    )
    return [isa, gs]


def isa_segment(
    marks: Delimiters,
    *,
    sender: Sequence[str],
    receiver: Sequence[str],
    moment: datetime,
    version: str,
    control: int,
    wants_answer: bool,
    usage: str,
) -> str:
    """Render ISA (106 characters with its terminator). `moment` is in the sender's zone."""
    is_later = version >= "004020"
    return marks.element.join(
        (
            *("ISA", "00", " " * 10, "00", " " * 10),
            *(sender[0], f"{sender[1]:<{ISA_ID}}", receiver[0], f"{receiver[1]:<{ISA_ID}}"),
            *(f"{moment:%y%m%d}", f"{moment:%H%M}", marks.repetition if is_later else "U"),
            *("00501" if version >= "005010" else "00401", f"{control:09d}", "1" if wants_answer else "0"),
            *(usage, marks.component),
        )
    )


def gs_segment(
    marks: Delimiters,
    *,
    functional_id: str,
    sender: str,
    receiver: str,
    moment: datetime,
    control: int,
    version: str,
) -> str:
    """Render GS. GS06 has no leading zeros."""
    when = (f"{moment.year:04d}{moment:%m%d}", f"{moment:%H%M}")
    return marks.element.join(("GS", functional_id, sender, receiver, *when, str(control), "X", version))


def join_segments(segments: Sequence[str], marks: Delimiters) -> str:
    """Put terminators (and line ends, where the partner wants them) behind segments."""
    end = marks.terminator + marks.line_end
    return "".join([f"{segment}{end}" for segment in segments])
