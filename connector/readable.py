"""Readable: files as lines for people, and the difference between two of them."""

import difflib
from dataclasses import dataclass

MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class TextDifference:
    """A unified diff, one line each; `more` lines were left out."""

    lines: tuple[str, ...]
    more: int = 0

    def __str__(self) -> str:
        left_out = [f"… {self.more} more lines"] if self.more else []
        return "\n".join([*self.lines, *left_out])


NO_DIFFERENCE = TextDifference(())


def readable_lines(data: bytes) -> list[str]:
    """Give a file's lines; an interchange (X12, EDIFACT) has one for each segment. Nothing is ever refused."""
    text = data.decode("utf-8", "replace")
    if text.startswith("ISA") and len(text) > 105:
        text = text.replace(text[105], f"{text[105]}\n")
    elif text.startswith(("UNA", "UNB")):
        text = text.replace("'", "'\n")
    return text.splitlines()


def difference(before: bytes, after: bytes, *, names: tuple[str, str], most: int = MOST_LINES) -> TextDifference:
    """Show how two files differ, line by line, with a line around each place; no lines when they are equal."""
    if before == after:
        return NO_DIFFERENCE
    old, new = readable_lines(before), readable_lines(after)
    if old == new:
        old, new = [repr(before)], [repr(after)]
    lines = list(difflib.unified_diff(old, new, *names, n=1, lineterm=""))
    return TextDifference(tuple(lines[:most]), max(0, len(lines) - most))
