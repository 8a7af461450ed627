"""The guard against texts that a spreadsheet would run as a formula (CSV injection, ASVS 1.2.10).

For files that people open the guard is always on. Files for machines stay as they are by default, because an
added apostrophe corrupts a feed; a mapping may ask for `prefix` or `reject`.
"""

import re

_STARTS = frozenset("=+-@\t\r\n\0＝＋－＠")  # noqa: RUF001 - the full-width forms run as formulas too
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)*")


def is_formula(text: str) -> bool:
    """Say whether a spreadsheet may take the text for a formula; plain numbers such as -12.50 are none."""
    start = text.lstrip(" ")[:1]
    return start in _STARTS and start != "" and not _PLAIN_NUMBER.fullmatch(text.strip(" "))


def guard_formula(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet may take for a formula; for downloads by people."""
    return f"'{text}" if is_formula(text) else text
