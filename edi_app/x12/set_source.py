"""A set's rows as one Python function, written once for each mapping version and partner.

As with the rows of flat files (docs/decisions/0012-rows-as-source.md): what can be decided when the mapping is compiled
is not asked again for every document. Names of values stand in the source as `repr` gives them; texts, writers and
kinds are handed over by name.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from core.errors import Finding
from edi_app.mapping.evaluation import is_false
from edi_app.written import function_from
from edi_app.x12.plan import Held, PlannedSegment, Read, Scope, Segments, Step, slow_text

_REMEMBERED = 500

WriteRows = Callable[[Scope, Segments, list[Finding]], None]
"""Appends a document's segments; what cannot be written goes into the list."""


class RowWriter:
    """Writes rows in their order. Previews get a function of their own, which keeps a trace as well."""

    def __init__(self, planned: Sequence[PlannedSegment], *, mark: str) -> None:
        self._planned = planned
        self._mark = mark

    @cached_property
    def _write(self) -> WriteRows:
        return compile_rows(self._planned, mark=self._mark)

    def write(self, scope: Scope, out: Segments, refused: list[Finding]) -> None:
        """Append the segments of one document; what cannot be written is added to `refused`."""
        if scope.trace is None:
            self._write(scope, out, refused)
        else:
            compile_rows(self._planned, mark=self._mark, keeps_trace=True)(scope, out, refused)


def compile_rows(planned: Sequence[PlannedSegment], *, mark: str, keeps_trace: bool = False) -> WriteRows:
    """Make the function that writes these rows, with `mark` between elements."""
    source = _Source(mark, keeps_trace=keeps_trace)
    for segment in planned:
        source.add_row(segment, "")
    write: WriteRows = function_from("write(scope, out, refused)", source.lines(), source.names)
    return write


class _Recalled:
    """Rows that depend on one party alone: for a party met before, its segments are still known. Documents of one run
    share few contacts."""

    def __init__(self, party: str, write: WriteRows) -> None:
        self._party = party
        self._write = write
        self._kept: dict[int, tuple[Any, Segments, list[Finding]]] = {}

    def __call__(self, scope: Scope, out: Segments, refused: list[Finding]) -> None:
        party = scope["X12"][self._party]
        kept = self._kept.get(id(party))
        if kept is None or kept[0] is not party:
            kept = self._fresh(party, scope, refused)
        out += kept[1]
        scope.notes += kept[2]

    def _fresh(self, party: Any, scope: Scope, refused: list[Finding]) -> tuple[Any, Segments, list[Finding]]:
        apart = Scope(scope)
        apart.notes = []
        kept: tuple[Any, Segments, list[Finding]] = (party, [], apart.notes)
        faults: list[Finding] = []
        self._write(apart, kept[1], faults)
        refused += faults
        if not faults:
            if len(self._kept) >= _REMEMBERED:
                self._kept.clear()
            self._kept[id(party)] = kept
        return kept


class _Source:
    """The function's lines as they come into being. `names` is all that they know besides their arguments."""

    def __init__(self, mark: str, *, keeps_trace: bool) -> None:
        self.names: dict[str, Any] = {"is_false": is_false, "slow_text": slow_text, "mark": mark, "join": mark.join}
        self._mark = mark
        self._keeps_trace = keeps_trace
        self._lines: list[str] = []
        self._fetched: dict[Held, str] = {}
        self._bound: dict[Held, str] = {(): "scope"}

    def lines(self) -> list[str]:
        """Give the whole body; objects that many rows read from are fetched once at its beginning."""
        fetched = [f"{name} = scope{''.join(f'[{key!r}]' for key in path)}" for path, name in self._fetched.items()]
        return [*fetched, *self._lines, "return"]

    def add_row(self, segment: PlannedSegment, indent: str) -> None:
        """Add a row and everything in its loop."""
        if segment.when is not None:
            self._lines.append(f"{indent}if not is_false({self._value(segment.when)}):")
            indent += "  "
        if segment.party and not self._keeps_trace:
            alone = compile_rows([replace(segment, party="")], mark=self._mark)
            self._lines.append(f"{indent}{self._named(_Recalled(segment.party, alone))}(scope, out, refused)")
        elif segment.each is None:
            self._add_segment(segment, indent)
        else:
            self._add_loop(segment, indent)

    def _add_loop(self, segment: PlannedSegment, indent: str) -> None:
        item = f"item{len(self._lines)}"
        self._lines += [
            f"{indent}items = {self._value(segment.each)}",
            f"{indent}for {item} in items if isinstance(items, list) else ():",
        ]
        if self._keeps_trace or _reads_scope(segment):
            self._lines.append(f"{indent}  scope[{segment.bind!r}] = {item}")
            if segment.bind == "Item":
                self._lines.append(f"{indent}  scope['Line'] = {item}['Line']")
        around = self._bound
        self._bound = {**around, (segment.bind,): item}
        self._add_segment(segment, indent + "  ")
        self._bound = around

    def _add_segment(self, segment: PlannedSegment, indent: str) -> None:
        texts = [self._text(step, indent) for step in segment.steps]
        depends = [text for text, step in zip(texts, segment.steps, strict=True) if step.cell is not None]
        if not segment.is_constant:
            self._lines.append(f"{indent}if {' or '.join(depends)}:")
            indent += "  "
        is_full = f"text if {texts[-1]} else " if texts and texts[-1] else ""
        self._lines += [
            f"{indent}text = {self._joined(segment, texts)}",
            f"{indent}out.append({is_full}text.rstrip(mark))",
        ]
        if self._keeps_trace:
            self._lines.append(f"{indent}{self._named(segment.keep)}(out[-1].split(mark), scope)")
        for child in segment.children:
            self.add_row(child, indent)

    def _joined(self, segment: PlannedSegment, texts: Sequence[str]) -> str:
        """Join the elements: neighbouring constants are one text already."""
        parts: list[str] = []
        constants = [segment.tag]
        for text, step in zip(texts, segment.steps, strict=True):
            if step.cell is None:
                constants.append(step.text)
                continue
            if constants:
                parts.append(self._named(self._mark.join(constants)))
                constants = []
            parts.append(text)
        if constants:
            parts.append(self._named(self._mark.join(constants)))
        return f"join(({', '.join(parts)},))"

    def _text(self, step: Step, indent: str) -> str:
        """Add the lines that write one element, and name its text."""
        if step.cell is None:
            return ""
        name, cell = f"t{len(self._lines)}", self._named(step.cell)
        if not step.path:
            self._lines.append(f"{indent}{name} = slow_text({cell}, None, True, scope, refused)")
            return name
        missing = f"{self._named(step.missing)} if v is None else " if step.missing is not None else ""
        quick = ""
        if step.kind is not None:
            quick = f"({self._named(step.quick)}(v) if v.__class__ is {self._named(step.kind)} else '') or "
        self._lines += [
            f"{indent}v = {self._value(step.path)}",
            f"{indent}{name} = {missing}{quick}slow_text({cell}, v, False, scope, refused)",
        ]
        return name

    def _value(self, source: Held | Read | None) -> str:
        """Give the expression that reads a value."""
        if not isinstance(source, tuple):
            return f"{self._named(source)}(scope)"
        *outer, name = source
        return f"{self._holder(tuple(outer))}.get({name!r})"

    def _holder(self, path: Held) -> str:
        return self._bound.get(path) or self._fetched.setdefault(path, f"held{len(self._fetched)}")

    def _named(self, value: Any) -> str:
        name = f"n{len(self.names)}"
        self.names[name] = value
        return name


def _reads_scope(segment: PlannedSegment) -> bool:
    """Say whether a row or its loop has an expression, which reads a loop's item by its name."""
    return (
        any(step.cell is not None and not step.path for step in segment.steps)
        or callable(segment.when)
        or any(callable(child.each) or _reads_scope(child) for child in segment.children)
    )
