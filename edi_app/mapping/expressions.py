"""Expressions of mappings: `source` and `where.expr`, compiled once, checked against Xero's fields.

JMESPath over the document in Xero's own names. A plain path runs as a direct getter, text in single quotes is
a constant, numbers stay exact, and what a record lacks is just empty.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from core.document_fields import FIELDS
from core.documents import Document
from core.errors import Finding
from core.field_shapes import Kind, Shape
from edi_app.mapping.evaluation import compile_node, getter, is_false, plain_path
from edi_app.mapping.findings import BAD_EXPRESSION, ValueRefused, refusal
from edi_app.mapping.functions import MappingFunctions, Tables
from edi_app.mapping.paths import Walk, walk_expression
from edi_app.mapping.syntax import parse

NO_TABLES: Tables = MappingProxyType({})
_ROWS_ONLY = frozenset({"Line", "Export"})


@dataclass(frozen=True, slots=True)
class Expression:
    """One compiled expression. `path` is set for a plain path, `constant` for a quoted text or a number;
    `paths` is every path that it reads, such as `Contact` and `Contact.Name`."""

    text: str
    evaluate: Callable[[Mapping[str, Any]], Any]
    paths: frozenset[str]
    path: tuple[str, ...] | None = None
    constant: Any = None

    @property
    def roots(self) -> frozenset[str]:
        """Give the first names that it reads: `Contact`, `Line`, `Export`, `Total`, ..."""
        return frozenset(path.partition(".")[0].partition("[")[0] for path in self.paths)


def compile_expression(text: str, *, tables: Tables = NO_TABLES) -> Expression:
    """Compile an expression over a document's values (a dict, with `Line` and `Export` where they apply).

    The compiled function raises ValueRefused when a value is of a kind that a function cannot take, or a
    lookup has no entry. Raises ValueRefused itself when the text is not an expression.
    """
    node = parse(text)
    path = plain_path(node)
    evaluate = getter(path) if path else compile_node(node, MappingFunctions(tables))
    walk, _ = walk_expression(node, shape={}, tables=tables)
    constant = node["value"] if node["type"] == "literal" else None
    return Expression(text, evaluate, frozenset(walk.paths), path, constant)


def check_expression(
    text: str, *, shapes: Sequence[Shape], tables: Tables = NO_TABLES, path: str
) -> tuple[list[Finding], frozenset[Kind]]:
    """Find what is wrong in an expression, and say of which kinds its result can be (empty where unknown).

    With several shapes, one for each stream, a field must exist in one of them at least. `path` is the place
    that findings name.
    """
    try:
        node = parse(text)
        compile_node(node, MappingFunctions(tables))
    except ValueRefused as refused:
        return [refused.finding(path)], frozenset()
    walks: list[Walk] = []
    kinds = []
    for shape in shapes:
        walk, result = walk_expression(node, shape=shape, tables=tables)
        walks.append(walk)
        kinds.append(result.kind if result else None)
        if not walk.refused:
            break
    known = frozenset(kind for kind in kinds if kind) if None not in kinds[-1:] else frozenset()
    return [refused.finding(path) for refused in _refused_everywhere(walks)], known


def _refused_everywhere(walks: list[Walk]) -> list[ValueRefused]:
    """Choose the refusals of places that no stream has."""
    accepted = {path for walk in walks for path in walk.accepted}
    refused = {key: refusal for walk in walks for key, refusal in walk.refused.items() if key not in accepted}
    return [refusal() for refusal in refused.values()]


def check_where(text: str, *, streams: Sequence[str], path: str = "where.expr") -> list[Finding]:
    """Find what is wrong in an integration's `where.expr`; a field must exist in one of its streams."""
    shapes = [{name: field for name, field in FIELDS[stream].items() if name not in _ROWS_ONLY} for stream in streams]
    findings, _ = check_expression(text, shapes=shapes, path=path)
    if not findings and parse(text)["type"] == "literal":
        findings.append(Finding(path, "A constant is no condition.", "An example is Total > `0`.", BAD_EXPRESSION))
    return findings


def compile_where(text: str) -> Callable[[Document], bool]:
    """Compile an integration's `where.expr` into a test of a document; JMESPath's truth decides.

    Raises Invalid when the text is not an expression; the test raises Invalid when a value of the document
    is of a kind that the expression cannot work with.
    """
    try:
        evaluate = compile_expression(text).evaluate
    except ValueRefused as refused:
        raise refusal([refused.finding("where.expr")]) from None

    def holds(document: Document) -> bool:
        try:
            return not is_false(evaluate(document.values))
        except ValueRefused as refused:
            raise refusal([refused.finding(f"where.expr for {document.number or document.xero_id}")]) from None

    return holds
