"""What is wrong with a template, said when it is saved."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from connector.naming.template import (
    BAD_NAME,
    COUNTS,
    FILE_FIELDS,
    FOLDER_FIELDS,
    LONGEST_WORD,
    MOMENTS,
    RESTARTS,
    SAMPLE,
    NameFacts,
    Piece,
    piece_text,
    pieces,
    restart_of,
)
from core.errors import Finding
from edi_app.mapping.nearest import did_you_mean

LONGEST_NAME = 200
SAMPLE_NAME = "INV_20261130_000042.csv"
LONGEST_FOLDER = 500
_DIGITS = r"0(?:[1-9]|1[0-4])d"
_COUNT_OPTIONS = {
    "control": re.compile(_DIGITS),
    "sequence": re.compile(rf"(?:{_DIGITS})?(?:/(?:{'|'.join(RESTARTS)}))?"),
}
_OTHER_TIMES = {
    "day": [datetime(2026, 1, 6, tzinfo=UTC), datetime(2026, 2, 5, tzinfo=UTC), datetime(2027, 1, 5, tzinfo=UTC)],
    "month": [datetime(2026, 2, 5, tzinfo=UTC), datetime(2027, 1, 5, tzinfo=UTC)],
    "year": [datetime(2027, 1, 5, tzinfo=UTC)],
}
"""Moments in other days, months and years than 5 January 2026, in which a count that began anew must show."""

_MOMENT_OPTION = re.compile(r"(?:%[YymdjHMS]|[A-Za-z0-9._-])+")
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]")
_LONGEST_COUNT = 10


def check_file_name(
    template: str,
    *,
    path: str = "file_name",
    facts: NameFacts = SAMPLE,
    has_control: bool = True,
    is_single: bool = True,
) -> list[Finding]:
    """Find what is wrong in a file name template.

    `facts` holds the names that are known already. `has_control`: the format gives control numbers. `is_single`:
    each file holds one record, so that its number can be named.
    """
    if findings := check_pieces(template, path=path):
        return findings
    sample = replace(facts, control=1)
    shown = "".join(piece_text(piece, sample) for piece in pieces(template))
    fields = {piece.field for piece in pieces(template)}
    return [
        *check_name(shown, path=path),
        *_check_length(template, facts, path),
        *_check_repeats(fields, path),
        *_check_restart(template, sample, path),
        *_check_known(fields, path, has_control=has_control, is_single=is_single),
    ]


def check_pieces(
    template: str, *, path: str, allowed: Sequence[str] = FILE_FIELDS, is_name: bool = True
) -> list[Finding]:
    """Find unknown fields and wrong options, and in a name characters that no name has."""
    found = [_check_piece(piece, allowed, path) for piece in pieces(template) if not _is_text(piece)]
    if is_name:
        found += [_check_text(piece.text, path) for piece in pieces(template) if _is_text(piece)]
    return [finding for findings in found for finding in findings]


def _is_text(piece: Piece) -> bool:
    return not piece.field and piece.text[:1] not in "{}"


def _check_piece(piece: Piece, allowed: Sequence[str], path: str) -> list[Finding]:
    if piece.field not in allowed:
        fields = [f"{{{name}}}" for name in allowed]
        hint = did_you_mean(piece.text, fields) or "Write it without braces."
        return [Finding(path, f"{piece.text[:60]} is not a field of a name.", hint, BAD_NAME)]
    return _check_option(piece, path)


def _check_option(piece: Piece, path: str) -> list[Finding]:
    shape, hint = re.compile(""), f"Write {{{piece.field}}} without an option."
    if piece.field in COUNTS:
        shape, hint = _COUNT_OPTIONS[piece.field], f"Write the number of digits, as in {{{piece.field}:06d}}."
    if piece.field in MOMENTS:
        shape, hint = _MOMENT_OPTION, f"Use %Y %m %d %j %H %M %S, as in {{{piece.field}:%Y%m%d}}."
    if shape.fullmatch(piece.option) or (piece.field in COUNTS and not piece.option):
        return []
    return [Finding(path, f"{piece.text[:60]} has an option that is not known.", hint, BAD_NAME)]


def _check_text(text: str, path: str) -> list[Finding]:
    if "/" in text or "\\" in text:
        return [Finding(path, "A file name has no folders in it.", "Set `folder` instead.", BAD_NAME)]
    if odd := _NOT_IN_NAMES.search(text):
        hint = "Use letters without accents, digits, dot, hyphen and underscore."
        return [Finding(path, f"A file name cannot have the character {odd[0]!a}.", hint, BAD_NAME)]
    return []


def check_name(name: str, *, path: str) -> list[Finding]:
    """Find what is wrong in a finished file name."""
    if not name:
        return [Finding(path, "The file name is empty.", "Write one, as in {partner}_{sequence}.csv.", BAD_NAME)]
    if not _NAME.fullmatch(name):
        hint = "Begin with a letter, a digit or an underscore, and do not end with a dot."
        return [Finding(path, f"{name[:60]!a} is not a file name that every server takes.", hint, BAD_NAME)]
    if len(name) > LONGEST_NAME:
        reason = f"The name has {len(name)} bytes; {LONGEST_NAME} are allowed."
        return [Finding(path, reason, "Shorten the template.", BAD_NAME)]
    return []


def _check_length(template: str, facts: NameFacts, path: str) -> list[Finding]:
    longest = sum(_longest(piece, facts) for piece in pieces(template))
    if longest <= LONGEST_NAME:
        return []
    reason = f"The name can grow to {longest} bytes; {LONGEST_NAME} are allowed."
    return [Finding(path, reason, "Shorten the template.", BAD_NAME)]


def _longest(piece: Piece, facts: NameFacts) -> int:
    shown = len(piece_text(piece, replace(facts, control=1)))
    if piece.field in COUNTS:
        return max(shown, _LONGEST_COUNT)
    if piece.field == "number" or (piece.field in LONGEST_WORD and not getattr(facts, piece.field)):
        return LONGEST_WORD[piece.field]
    return shown


def _check_repeats(fields: set[str], path: str) -> list[Finding]:
    if fields & set(COUNTS):
        return []
    reason = "Without a running number two files can get the same name."
    return [Finding(path, reason, "Put {sequence} into it, or {control} for X12.", BAD_NAME)]


def _check_restart(template: str, facts: NameFacts, path: str) -> list[Finding]:
    """A count that begins anew each day gives the same numbers again: the name must tell the days apart."""
    restart = restart_of(template)
    if len({piece.option.partition("/")[2] for piece in pieces(template) if piece.field == "sequence"}) > 1:
        return [Finding(path, "{sequence} begins anew in two ways.", "Write it once, or twice alike.", BAD_NAME)]
    moments = [datetime(2026, 1, 5, tzinfo=UTC), *_OTHER_TIMES.get(restart, [])]
    names = {"".join(piece_text(piece, replace(facts, moment=at)) for piece in pieces(template)) for at in moments}
    if len(names) == len(moments) or "control" in {piece.field for piece in pieces(template)}:
        return []
    reason = f"{{sequence}} begins anew each {restart}, and the name does not tell one {restart} from another."
    return [Finding(path, reason, "Put {date} into it as well.", BAD_NAME)]


def _check_known(fields: set[str], path: str, *, has_control: bool, is_single: bool) -> list[Finding]:
    findings = []
    if "control" in fields and not has_control:
        findings.append(Finding(path, "This format has no control numbers.", "Use {sequence}.", BAD_NAME))
    if "number" in fields and not is_single:
        reason = "A file of several records has no {number} of its own."
        findings.append(Finding(path, reason, "Use {sequence}, or set `batch: record`.", BAD_NAME))
    return findings


def check_folder(folder: str, *, path: str = "folder", fields: Sequence[str] = FOLDER_FIELDS) -> list[Finding]:
    """Find what is wrong in a folder on a server; `fields` are those that it may name."""
    if findings := check_pieces(folder, path=path, allowed=fields, is_name=False):
        return findings
    shown = "".join(piece_text(piece, SAMPLE) for piece in pieces(folder))
    if reason := _folder_fault(shown):
        return [Finding(path, reason, "Write it as the server shows it, as in /outbound/invoices.", BAD_NAME)]
    return []


def _folder_fault(folder: str) -> str:
    steps = [step for step in folder.split("/") if step]
    if not folder.strip():
        return "The folder is empty."
    if not folder.isprintable() or "\\" in folder:
        return "A folder cannot have control characters or backslashes in it."
    if any(step in (".", "..") for step in steps) and folder != ".":
        return "A folder is written without . and .. steps."
    if folder.startswith("~"):
        return "SFTP servers do not know ~ as the home folder."
    if any(step != step.strip() for step in steps):
        return "A folder's name begins or ends with a blank."
    if len(folder.encode()) > LONGEST_FOLDER or any(len(step.encode()) > LONGEST_NAME for step in steps):
        return f"The folder is longer than {LONGEST_FOLDER} bytes, or one of its names than {LONGEST_NAME}."
    return ""
