"""Templates taken apart: plain text and fields with their options, and what each field shows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from anyascii import anyascii

from core.errors import Finding, Invalid

BAD_NAME = "BAD_NAME"
MOMENTS = {"date": "%Y%m%d", "time": "%H%M%S", "year": "%Y", "month": "%m"}
COUNTS = ("sequence", "control")
RESTARTS = ("day", "month", "year")
"""After how long `{sequence}` may begin at 1 again, as in `{sequence:04d/day}`."""

WORDS = ("tenant", "partner", "integration", "stream", "document", "number")
FILE_FIELDS = (*WORDS, *COUNTS, *MOMENTS)
FOLDER_FIELDS = ("tenant", "partner", "integration", "stream", "document", "date", "year", "month")
LONGEST_WORD = {"tenant": 50, "partner": 100, "integration": 100, "stream": 20, "document": 20, "number": 50}

_PIECE = re.compile(r"\{(?P<field>[^{}]*)\}|[^{}]+|[{}]")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class NameFacts:
    """What a name may tell. `moment` is aware and in the integration's zone; `sequence` counts its files from 1,
    `since_restart` those of the day, month or year where the template begins anew with it.

    `document` says what the file holds (`810`, or the stream for flat files), `number` is the document's own where
    each file holds one record, `control` the interchange's control number where the format has one.
    """

    moment: datetime
    sequence: int = 1
    since_restart: int | None = None
    tenant: str = ""
    partner: str = ""
    integration: str = ""
    stream: str = ""
    document: str = ""
    number: str = ""
    control: int | None = None


SAMPLE = NameFacts(
    moment=datetime(2026, 11, 30, 6, 0, 0, tzinfo=UTC),
    sequence=42,
    tenant="harbor",
    partner="acme",
    integration="invoices-to-acme",
    stream="invoices",
    document="810",
    number="INV-0042",
    control=101,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a template: plain text, or a field with its option (its usual form when none is written)."""

    text: str = ""
    field: str = ""
    option: str = ""


def pieces(template: str) -> Iterator[Piece]:
    """Take a template apart. A brace without its partner comes out as plain text."""
    for match in _PIECE.finditer(template):
        if match["field"] is None:
            yield Piece(text=match[0])
        else:
            field, _, option = match["field"].partition(":")
            yield Piece(text=match[0], field=field, option=option or MOMENTS.get(field, ""))


def piece_text(piece: Piece, facts: NameFacts) -> str:
    """Show one piece. Raises `Invalid` for a control number that the format does not have."""
    if not piece.field:
        return piece.text
    if piece.field in MOMENTS:
        return facts.moment.strftime(piece.option)
    if piece.field in COUNTS:
        return _count(piece, facts)
    return word(getattr(facts, piece.field), longest=LONGEST_WORD[piece.field])


def _count(piece: Piece, facts: NameFacts) -> str:
    value = getattr(facts, piece.field)
    if value is None:
        finding = Finding("file_name", "This format has no control numbers.", "Use {sequence}.", BAD_NAME)
        raise Invalid([finding], code=BAD_NAME)
    digits, _, restart = piece.option.partition("/")
    if restart and facts.since_restart is not None:
        value = facts.since_restart
    return format(value, digits or "d")


def restart_of(template: str) -> str:
    """Say with what `{sequence}` begins anew: `day`, `month`, `year`, or empty for never."""
    options = (piece.option.partition("/")[2] for piece in pieces(template) if piece.field == "sequence")
    return max(options, default="")


def word(value: str, *, longest: int) -> str:
    """Spell a value with the characters that every server takes; `none` when nothing of it is left."""
    # Dots and hyphens in front would hide a file, or read as an option on the partner's side.
    return _NOT_IN_NAMES.sub("-", anyascii(value[: 2 * longest])).strip(".-")[:longest].rstrip(".-") or "none"


def normal_folder(folder: str) -> str:
    """Give a folder in its one form: no doubled or trailing slashes."""
    plain = re.sub("/+", "/", folder)
    return plain if plain == "/" else plain.rstrip("/")
