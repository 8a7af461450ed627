"""Makes any text fit for X12: one line, the partner's character set, no delimiter ever inside data.

X12 has no escape character before release 007040, so what structures an interchange cannot be part of it.
"""

import re
import unicodedata
from collections.abc import Callable, Collection

from anyascii import anyascii

from core.errors import Finding
from edi_app.mapping.findings import BAD_CHAR, ValueRefused
from edi_app.x12.settings import Settings

# X12.6 §3.3.1: the basic character set; the extended set adds the rest of printable ASCII.
_BASIC = re.compile(r"[^A-Z0-9 !\"&'()*+,\-./:;?=]")
_CONTROLS = dict.fromkeys((*range(32), 127), " ")
_REMEMBERED = 1_000
_ENCODINGS = {"ascii": "ascii", "latin-1": "latin-1", "utf-8": "utf-8"}

Clean = Callable[[str, str, list[Finding]], str]


class Cleaner:
    """One partner's rule for text, compiled once."""

    def __init__(self, settings: Settings) -> None:
        self._delimiters = settings.structure().characters
        self._rejects = settings.illegal_characters == "reject"
        self._basic = settings.character_set == "basic"
        self._encoding = _ENCODINGS[settings.charset]
        barred = re.escape(self._delimiters)
        self._delimiter = re.compile(f"[{barred}]")
        # Anything that needs a look; most values need none.
        suspicious = rf"[\x00-\x1f\x7f-\uffff\U00010000-\U0010ffff{barred}]|  |^ | $"
        self._suspicious = re.compile(suspicious + ("|" + _BASIC.pattern if self._basic else ""))

    def quick_text(self, shortest: int, longest: int, *, codes: Collection[str] | None = None) -> Callable[[str], str]:
        """Make a quick test for texts of certain lengths (and of these codes only, where there are some) that `clean`
        leaves as they are: they are given back, all others give nothing."""
        marks = [chr(code) for code in range(33, 127) if chr(code) not in self._delimiters]
        allowed = re.escape("".join(mark for mark in marks if not self._basic or not _BASIC.match(mark)))
        ends, inner = f"[{allowed}]", f"[ {allowed}]{{{max(shortest - 2, 0)},{max(longest - 2, 0)}}}[{allowed}]"
        rest = "" if longest == 1 else inner if shortest > 1 else f"(?:{inner})?"
        fits = re.compile(ends + rest).fullmatch
        return _Plain(fits if codes is None else lambda text: text in codes and fits(text)).__getitem__

    @property
    def is_odd(self) -> Callable[[str], object]:
        """Give the quick test for text that `clean` would change."""
        return self._suspicious.search

    def clean(self, text: str, place: str, notes: list[Finding]) -> str:
        """Give the text as it may stand in an element. Every replacement is noted at `place`.

        Raises ValueRefused (MAP_BAD_CHAR) for a delimiter in data when the partner wants that refused.
        """
        if self._suspicious.search(text) is None:
            return text
        plain = self._one_line(text)
        carried = self._carried(plain)
        if self._basic:
            carried = _BASIC.sub(" ", carried.upper())
        found = self._delimiter.search(carried)
        if found and self._rejects:
            raise ValueRefused(
                f"{place} has the delimiter {found.group()!r} in its text.",
                hint="Choose other delimiters, or let them be replaced.",
                code=BAD_CHAR,
            )
        cleaned = " ".join(self._delimiter.sub(" ", carried).split())
        if cleaned != plain and not (self._basic and cleaned == plain.upper()):
            reason = "It has characters that the partner's X12 cannot carry; they were replaced."
            notes.append(Finding(place, reason, code=BAD_CHAR))
        return cleaned

    def _one_line(self, text: str) -> str:
        """Turn line breaks and controls into blanks; drop what only steers the display (bidi marks, joiners)."""
        if text.isascii():
            return " ".join(text.translate(_CONTROLS).split())
        kept = [
            " " if unicodedata.category(mark) in ("Cc", "Zl", "Zp", "Zs") else mark
            for mark in text
            if unicodedata.category(mark) not in ("Cf", "Cs", "Co", "Cn")
        ]
        return " ".join("".join(kept).split())

    def _carried(self, text: str) -> str:
        if text.isascii() or self._fits(text):
            return text
        return "".join(mark if self._fits(mark) else self._plain(mark) for mark in _composed(text))

    def _fits(self, text: str) -> bool:
        try:
            text.encode(self._encoding)
        except UnicodeEncodeError:
            return False
        return True

    def _plain(self, mark: str) -> str:
        """Write one character in ASCII: without its accents where it has some, else as it is spoken."""
        bare = "".join(part for part in unicodedata.normalize("NFKD", mark) if not unicodedata.combining(part))
        if bare and bare.isascii():
            return bare
        spoken = str(anyascii(mark))
        return spoken if spoken.isprintable() and ":" not in spoken else " "


class _Plain(dict[str, str]):
    """Texts that may stand as they are, each found out once: codes, units, items and names come again and again.
    What may not gives nothing."""

    def __init__(self, fits: Callable[[str], object]) -> None:
        super().__init__()
        self._fits = fits

    def __missing__(self, text: str) -> str:
        if not self._fits(text) or "  " in text:
            return ""
        if len(self) >= _REMEMBERED:
            self.clear()
        self[text] = text
        return text


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def split_text(text: str, *, longest: int) -> list[str]:
    """Cut a text into pieces of at most `longest` characters, between words where that is possible."""
    pieces = []
    rest = text.strip()
    while len(rest) > longest:
        end = rest.rfind(" ", 1, longest + 1)
        end = end if end > longest // 2 else longest
        pieces.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [*pieces, rest] if rest else pieces
