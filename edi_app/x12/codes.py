"""What the codes of acknowledgments mean, in plain words."""

from collections.abc import Mapping
from functools import cache

from edi_app.acknowledgment import Level, Outcome
from edi_app.x12.dictionary import load_data

_LISTS = {
    Level.INTERCHANGE: "I18",
    Level.GROUP: "716",
    Level.DOCUMENT: "718",
    Level.SEGMENT: "720",
    Level.ELEMENT: "723",
}
OUTCOMES: Mapping[str, Outcome] = {
    "A": Outcome.ACCEPTED,
    "E": Outcome.ACCEPTED_WITH_ERRORS,
    "P": Outcome.PARTIALLY_ACCEPTED,
    "R": Outcome.REJECTED,
    "M": Outcome.REJECTED,
    "W": Outcome.REJECTED,
    "X": Outcome.REJECTED,
}
"""AK501 (717), AK901 (715) and TA104 (I17); M, W and X are failures of authentication and decryption."""
LETTERS: Mapping[Outcome, str] = {
    Outcome.ACCEPTED: "A",
    Outcome.ACCEPTED_WITH_ERRORS: "E",
    Outcome.PARTIALLY_ACCEPTED: "P",
    Outcome.REJECTED: "R",
}


def describe_code(level: Level, code: str) -> str:
    """Say what a code means at a level; a code that is not known is named as such."""
    return _words().get(_LISTS[level], {}).get(code, f"code {code}")


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    words: Mapping[str, Mapping[str, str]] = load_data("ack-words.yaml")
    return words
