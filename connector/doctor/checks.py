"""What the doctor says about one thing."""

from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """How something stands."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: how it stands, a sentence, and what to do."""

    name: str
    standing: str
    sentence: str
    next_step: str = ""


def ok(name: str, sentence: str) -> Check:
    """Say that something is in order."""
    return Check(name, Standing.OK, sentence)


def warn(name: str, sentence: str, next_step: str = "") -> Check:
    """Say that somebody should look."""
    return Check(name, Standing.WARN, sentence, next_step)


def fail(name: str, sentence: str, next_step: str = "") -> Check:
    """Say that work does not go on like this."""
    return Check(name, Standing.FAIL, sentence, next_step)
