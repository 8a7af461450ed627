"""The stable codes of mapping problems, and the error that carries one or many of them."""

from core.errors import Finding, Invalid

UNKNOWN_KEY = "MAP_UNKNOWN_KEY"
UNKNOWN_FIELD = "MAP_UNKNOWN_FIELD"
UNKNOWN_FUNCTION = "MAP_UNKNOWN_FUNCTION"
UNKNOWN_TABLE = "MAP_UNKNOWN_TABLE"
UNKNOWN_BASE = "MAP_UNKNOWN_BASE"
BAD_TABLE = "MAP_BAD_TABLE"
BAD_EXPRESSION = "MAP_BAD_EXPRESSION"
BAD_TRANSFORM = "MAP_BAD_TRANSFORM"
BAD_OPTION = "MAP_BAD_OPTION"
BAD_LENGTH = "MAP_BAD_LENGTH"
BAD_LAYOUT = "MAP_BAD_LAYOUT"
DUPLICATE_COLUMN = "MAP_DUPLICATE_COLUMN"

REQUIRED_EMPTY = "MAP_REQUIRED_EMPTY"
TOO_LONG = "MAP_TOO_LONG"
TOO_SHORT = "MAP_TOO_SHORT"
BAD_CHAR = "MAP_BAD_CHAR"
BAD_VALUE = "MAP_BAD_VALUE"
LOOKUP_MISS = "MAP_LOOKUP_MISS"
FORMULA = "MAP_FORMULA"
WRONG_STATUS = "MAP_WRONG_STATUS"
TOTAL_MISMATCH = "EDI_TOTAL_MISMATCH"


class ValueRefused(Exception):
    """A value cannot become what the mapping asks for; the field that was being mapped adds its place."""

    def __init__(self, reason: str, *, hint: str = "", code: str = BAD_VALUE) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint
        self.code = code

    def finding(self, path: str) -> Finding:
        """Give the same as a finding at `path`."""
        return Finding(path=path, reason=self.reason, hint=self.hint, code=self.code)


class LookupMissed(ValueRefused):
    """A lookup table has no entry for the key; a field may declare what happens then."""

    def __init__(self, table: str, key: str) -> None:
        super().__init__(
            f'Table {table} has no entry for "{shortened(key)}".',
            hint="Add the entry, or set a default for a miss.",
            code=LOOKUP_MISS,
        )
        self.key = key


def refusal(findings: list[Finding]) -> Invalid:
    """Build the error for one or many findings; its code is that of the first."""
    return Invalid(findings, code=findings[0].code or None)


def shortened(text: str, *, limit: int = 60) -> str:
    """Cut a value to what a message can show, on one line."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else f"{flat[: limit - 1]}…"
