"""Countries and states as X12 wants them: ISO codes and two-letter states, from what people type."""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

from edi_app.x12.dictionary import load_data

_OTHER = re.compile(r"[^A-Z ]")


@lru_cache(maxsize=4096)
def find_country(text: str) -> str:
    """Give the ISO 3166-1 alpha-2 code for a country as typed; empty when it is not known."""
    return _countries().get(_key(text), "")


@lru_cache(maxsize=4096)
def find_state(text: str, country: str) -> str:
    """Give the two-letter code of a US state or Canadian province; empty for anything else.

    Without a country, both are tried.
    """
    states = _states()
    tables = [states[country]] if country in states else [] if country else list(states.values())
    key = _key(text)
    return next((table[key] for table in tables if key in table), "")


def _key(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text).upper().replace("&", " AND ")
    return " ".join(_OTHER.sub("", bare.replace("-", " ").replace(".", "")).split())


@cache
def _places() -> Any:
    return load_data("places.yaml")


@cache
def _countries() -> dict[str, str]:
    names = _places()["countries"]
    spelled = {_key(name): code for code, text in names.items() for name in text.split("|")}
    return spelled | {code: code for code in names}


@cache
def _states() -> dict[str, dict[str, str]]:
    return {
        country: {_key(name): code for code, name in table.items()} | {code: code for code in table}
        for country, table in _places()["states"].items()
    }
