"""The one place where source becomes a function: what is decided when a mapping is compiled is not asked again for
every document (docs/decisions/0012-rows-as-source.md).

Whoever writes source puts into it, of what a person wrote, only checked names and patterns, as `repr` gives them, and
whole numbers; all else is handed over in `names`. Nothing is ever written from a document.
"""

from collections.abc import Mapping, Sequence
from typing import Any


def function_from(head: str, body: Sequence[str], names: Mapping[str, Any]) -> Any:
    """Make the function `head` (as `cells(frame, line)`) with the lines of its body, which know `names`."""
    known = dict(names)
    source = "\n    ".join([f"def {head}:", *body])
    exec(compile(source, f"<{head}>", "exec"), known)  # noqa: S102  # nosec B102 (see above)
    return known[head.partition("(")[0]]
