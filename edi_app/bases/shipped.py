"""The shipped bases of the flat formats: data files beside this module, one mapping definition each."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parent


@lru_cache(maxsize=1)
def shipped_names() -> tuple[str, ...]:
    """Name every shipped base, in order."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


@lru_cache(maxsize=64)
def shipped_base(name: str) -> Mapping[str, Any] | None:
    """Give a base's definition; None when there is none of that name. Treat it as read-only.

    `csv-manual-journals` means the same as `csv-manual_journals`.
    """
    by_spelling = {known.replace("_", "-"): known for known in shipped_names()}
    known = by_spelling.get(name.replace("_", "-"))
    if known is None:
        return None
    loaded: Mapping[str, Any] = yaml.safe_load((_FOLDER / f"{known}.yaml").read_text("utf-8"))
    return loaded
