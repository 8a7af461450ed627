"""A segment's elements as one Python function, written once for each mapping version and partner.

As with the rows of flat files (docs/decisions/0012-rows-as-source.md): what can be decided when the mapping is compiled
is not asked again for every document. Names of values stand in the source as `repr` gives them; texts, writers and
kinds are handed over by name.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from edi_app.written import function_from
from edi_app.x12.plan import CONSTANT, READ, Read, Step, WriteRow, slow_text


def compile_row(tag: str, steps: Sequence[Step], holders: Sequence[tuple[str, ...]], *, is_constant: bool) -> WriteRow:
    """Make the function of one row; `holders` are the paths of the objects that the steps read from."""
    names: dict[str, Any] = {"slow_text": slow_text, "empty": [], "tag": tag}
    body = [f"h{at} = scope{''.join(f'[{name!r}]' for name in path)}" for at, path in enumerate(holders)]
    texts, filled = ["tag"], []
    for place, step in enumerate(steps, start=1):
        if step.holder == CONSTANT:
            names[f"t{place}"] = step.name
        else:
            body += _element(place, step, names)
            filled.append(f"t{place}")
        texts.append(f"t{place}")
    if not is_constant:
        body.append(f"if not ({' or '.join(filled) or 'False'}): return empty")
    write: WriteRow = function_from("write(scope, refused)", [*body, f"return [{', '.join(texts)}]"], names)
    return write


def compile_reader(path: Sequence[str]) -> Read:
    """Make the function that reads a path whose objects are always there."""
    *outer, name = path
    holder = "".join(f"[{key!r}]" for key in outer)
    read: Read = function_from("read(scope)", [f"return scope{holder}.get({name!r})"], {})
    return read


def _element(place: int, step: Step, names: dict[str, Any]) -> Iterator[str]:
    names[f"cell{place}"] = step.cell
    if step.holder == READ:
        yield f"t{place} = slow_text(cell{place}, None, True, scope, refused)"
        return
    names |= {f"quick{place}": step.quick, f"kind{place}": step.kind, f"missing{place}": step.missing}
    missing = f"missing{place} if v is None else " if step.missing is not None else ""
    quick = f"(quick{place}(v) if v.__class__ is kind{place} else '') or " if step.kind is not None else ""
    yield f"v = h{step.holder}.get({step.name!r})"
    yield f"t{place} = {missing}{quick}slow_text(cell{place}, v, False, scope, refused)"
