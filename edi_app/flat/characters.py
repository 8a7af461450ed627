"""Which characters a flat file can carry, and what happens to the others: refused, replaced or transliterated."""

import re
from dataclasses import dataclass

from anyascii import anyascii

from core.errors import Finding
from edi_app.mapping.findings import BAD_CHAR, ValueRefused

_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CRLF = re.compile("\r\n?")


@dataclass(frozen=True, slots=True)
class Characters:
    """One file's rule. `line_breaks` covers every control character; NUL counts as one that cannot be carried."""

    encoding: str
    on_bad_char: str
    line_breaks: str

    def clean(self, text: str, *, target: str, notes: list[Finding]) -> str:
        """Give the text as the file can carry it, every replacement noted. Raises ValueRefused (MAP_BAD_CHAR)."""
        cleaned = self._without_breaks(text, target)
        if "\0" in cleaned or not self._carries(cleaned):
            cleaned = "".join(self._carried(character, target) for character in cleaned)
        if cleaned != text:
            reason = f"{target} has characters that the file cannot carry; they were replaced."
            notes.append(Finding(target, reason, code=BAD_CHAR))
        return cleaned

    def is_harmless(self, text: str) -> bool:
        """Say quickly that nothing in the text needs a look; a wrong no costs only time."""
        return text.isprintable() and (text.isascii() or self._carries(text))

    def _without_breaks(self, text: str, target: str) -> str:
        if self.line_breaks == "keep" or not (found := _BREAKS.search(text)):
            return text
        if self.line_breaks == "reject":
            raise _refused(target, found.group())
        return _BREAKS.sub(" ", _CRLF.sub("\n", text))

    def _carries(self, text: str) -> bool:
        try:
            text.encode(self.encoding)
        except UnicodeEncodeError:
            return False
        return True

    def _carried(self, character: str, target: str) -> str:
        if character != "\0" and self._carries(character):
            return character
        if self.on_bad_char == "reject":
            raise _refused(target, character)
        other = anyascii(character) if self.on_bad_char == "transliterate" and character.isprintable() else ""
        return str(other) if other and self._carries(other) else "?"


def _refused(target: str, character: str) -> ValueRefused:
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    reason = f"{target} has a character the format cannot carry ({shown})."
    return ValueRefused(reason, hint="Choose a replacement.", code=BAD_CHAR)
