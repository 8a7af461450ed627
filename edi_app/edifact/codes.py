"""Syntax error codes 0085: what they mean, where CONTRL may carry them, and which of them we write.

Meanings: UN service code list 0085. Levels: ISO 9735-4 annex A, for the codes that only syntax versions 1 to 3
have as our own reading (interchange, group, message, segment, element).
"""

from dataclasses import dataclass

from edi_app.acknowledgment import Level


@dataclass(frozen=True, slots=True)
class Code:
    """`levels` are the initials of the levels where the code is allowed; `in_4` stands in where syntax version 4
    does not have it."""

    meaning: str
    levels: str = "igdse"
    in_4: str = ""


CODES = {
    "2": Code("syntax version or level not supported", "i"),
    "7": Code("interchange recipient is not the actual recipient", "i"),
    "12": Code("invalid value"),
    "13": Code("missing"),
    "14": Code("value not supported in this position"),
    "15": Code("not supported in this position"),
    "16": Code("too many constituents"),
    "17": Code("no agreement", "igds"),
    "18": Code("unspecified error"),
    "19": Code("invalid decimal notation", "igde", "12"),
    "20": Code("character invalid as service character", "i"),
    "21": Code("invalid character"),
    "22": Code("invalid service character"),
    "23": Code("unknown interchange sender", "i"),
    "24": Code("too old", "ig"),
    "25": Code("test indicator not supported", "igds"),
    "26": Code("duplicate detected", "igd"),
    "27": Code("security function not supported", "igd", "18"),
    "28": Code("references do not match", "igd"),
    "29": Code("control count does not match", "igd"),
    "30": Code("groups and messages mixed", "igd"),
    "31": Code("more than one message type in group", "g", "12"),
    "32": Code("lower level empty", "ig"),
    "33": Code("invalid occurrence outside message or group", "ig"),
    "34": Code("nesting indicator not allowed", "ds", "18"),
    "35": Code("too many repetitions", "dse"),
    "36": Code("too many segment group repetitions", "s"),
    "37": Code("invalid type of character", "igde"),
    "38": Code("missing digit in front of decimal sign", "igde", "12"),
    "39": Code("data element too long", "igde"),
    "40": Code("data element too short", "igde"),
    "43": Code("unknown interchange recipient", "i", "18"),
    "45": Code("trailing separator", "igds"),
    "46": Code("character set not supported", "i"),
    "47": Code("envelope functionality not supported", "gd"),
}
"""The codes that we write."""

_READ_ONLY = {
    "5": "trailer check failed",
    "8": "too many data elements",
    "9": "mandatory data element missing",
    "41": "permanent communication network error",
    "42": "temporary communication network error",
}

UNSPECIFIED = "18"


def describe_code(code: str) -> str:
    """Say in words what a code means, also one of an older directory that we never write."""
    if code in CODES:
        return CODES[code].meaning
    return _READ_ONLY.get(code, f"syntax error {code}" if code else "an error without a code")


def written_code(code: str, *, level: Level, version: str) -> str:
    """Give the code to write for a fault: allowed in that syntax version and at that level, else 18."""
    known = CODES[code]
    if version == "4" and known.in_4:
        code, known = known.in_4, CODES[known.in_4]
    return code if level.value[0] in known.levels else UNSPECIFIED
