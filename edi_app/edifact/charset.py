"""Character sets of EDIFACT: which bytes a syntax identifier (0001) means, and which characters it allows."""

import re
import string
from dataclasses import dataclass

_LEVEL_A = string.ascii_uppercase + string.digits + " .,-()/=!\"%&*;<>'+:?"
_LEVEL_B = _LEVEL_A + string.ascii_lowercase
_CONTROLS = "\x00-\x1f\x7f-\x9f\ud800-\udfff"


@dataclass(frozen=True, slots=True)
class Charset:
    """One syntax identifier: its codec and a pattern that finds what it does not allow."""

    identifier: str
    codec: str
    foreign: re.Pattern[str]
    listed: str = ""
    """All characters that are allowed, where these are few enough to be listed."""

    def data_class(self, special: str) -> str:
        """Write the regular expression class of one character of data, which excludes service characters."""
        if self.listed:
            return f"[{re.escape(''.join(mark for mark in self.listed if mark not in special))}]"
        return f"[^{_CONTROLS}{re.escape(special)}]"

    def find_foreign(self, text: str) -> str:
        """Give the first character that this character set does not allow, or nothing."""
        hit = self.foreign.search(text)
        return hit.group() if hit else ""

    def find_unwritable(self, text: str) -> str:
        """Give the first character that is not allowed or that the codec has no byte for, or nothing."""
        foreign = self.find_foreign(text)
        if foreign:
            return foreign
        try:
            text.encode(self.codec)
        except UnicodeEncodeError as error:
            return text[error.start]
        return ""

    def decode_damaged(self, raw: bytes) -> str:
        """Decode bytes that the codec does not take; what it does not know stays visible as foreign characters."""
        if self.codec == "ascii":
            try:
                return raw.decode("utf-8")
            except UnicodeDecodeError:
                pass
        return raw.decode(self.codec, errors="surrogateescape")


_ISO_8859 = {"C": 1, "D": 2, "E": 5, "F": 7, "G": 3, "H": 4, "I": 6, "J": 8, "K": 9}


def _charsets() -> dict[str, Charset]:
    found = [
        Charset("UNOA", "ascii", re.compile(f"[^{re.escape(_LEVEL_A)}]"), _LEVEL_A),
        Charset("UNOB", "ascii", re.compile(f"[^{re.escape(_LEVEL_B)}]"), _LEVEL_B),
        Charset("UNOW", "utf-8", re.compile(f"[{_CONTROLS}]")),
        Charset("UNOY", "utf-8", re.compile(f"[{_CONTROLS}]")),
    ]
    for letter, part in _ISO_8859.items():
        found.append(Charset(f"UNO{letter}", f"iso8859-{part}", re.compile(f"[{_CONTROLS}]")))
    return {item.identifier: item for item in found}


CHARSETS = _charsets()
"""By syntax identifier. UNOX and KECA switch codes in mid-stream and are not supported."""
UNKNOWN = Charset("", "utf-8", re.compile(f"[{_CONTROLS}]"))
"""How an interchange with a syntax identifier that we do not know is read, so that it can be answered."""
