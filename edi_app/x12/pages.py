"""The pages of `docs/formats/` about the shipped X12 bases, made from the bases and the sample documents.

`python -m edi_app.x12.pages docs/formats` writes them anew; a test compares, so that they are never stale.
"""

import ast
import inspect
import sys
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

from core.documents import Document
from core.formats import Envelope, ExportFacts, Formatter, Totals
from edi_app.bases.sample_documents import sample_documents
from edi_app.x12.definition import resolve_x12
from edi_app.x12.formatter import compile_x12
from edi_app.x12.settings import OPTION_NAMES, Settings
from edi_app.x12.tracing import list_rows

BASES = {"x12-810": "invoices", "x12-820": "payments"}
PROFILE = {"x12": {"version": "004010", "sender": ["ZZ", "HARBOR"], "receiver": ["ZZ", "ACME"]}}
ENVELOPE = Envelope(
    moment=datetime(2026, 11, 22, 21, 5, tzinfo=UTC), profile=PROFILE, numbers={"ISA": 101, "GS": 101}, partner="acme"
)


def pages() -> dict[str, str]:
    """Give each base's page by file name."""
    return {f"{name}.md": "\n".join(_page(name, stream)).rstrip() + "\n" for name, stream in BASES.items()}


def _page(name: str, stream: str) -> Iterator[str]:
    mapping = resolve_x12({"base": name}, release="005010")
    yield from (f"# {name}: {mapping.title}", "")
    yield "Each row is one element. A partner's mapping sets, drops or adds rows by these paths, as in"
    yield '`set: {"BIG07": "\'DI\'", "N1[BT]/N104": "Contact.AccountNumber"}` and `drop: ["ITD"]`. Sources that begin'
    yield from ("with `X12.` are worked out from the document; the next column says from what.", "")
    yield from ("| element | meaning | source | from Xero | type and length |", "|---|---|---|---|---|")
    for row in list_rows({"base": name}):
        must = " (mandatory)" if row.mandatory else ""
        length = f"{row.kind} {row.shortest}–{row.longest}" if row.kind else ""  # noqa: RUF001 (a range)
        yield f"| `{row.path}` | {row.name}{must} | `{row.source}` | {row.xero} | {length} |"
    yield from (
        "",
        "## Options",
        "",
        "In the mapping's `options`, or for all mappings in the partner's `x12` block.",
        "",
    )
    yield from ("| option | default | what it does |", "|---|---|---|", *_options(), "")
    yield from ("## Example", "", "```text", *_example(name, stream), "```")


def _options() -> Iterator[str]:
    meanings = _meanings()
    for item in fields(Settings):
        if item.name in OPTION_NAMES:
            default = getattr(Settings(), item.name)
            shown = "" if default in ("", {}) else f"`{str(default).lower() if isinstance(default, bool) else default}`"
            yield f"| `{item.name}` | {shown} | {meanings.get(item.name, '')} |"


def _meanings() -> dict[str, str]:
    """Read what the source says below each setting."""
    (body,) = ast.parse(inspect.getsource(Settings)).body
    meanings, last = {}, ""
    for node in getattr(body, "body", ()):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            last = node.target.id
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and last:
            meanings[last] = " ".join(str(node.value.value).split())
    return meanings


def _example(name: str, stream: str) -> list[str]:
    formatter = compile_x12({"base": name}, stream=stream, tables={})
    document = sample_documents(stream)[0]
    facts = ExportFacts(key="K7QW2ZRTN4XA")
    content = formatter.content(document, facts, ENVELOPE)
    head, tail, groups = b"", b"", 0
    if formatter.group_key(document):
        head, tail, groups = *_frame(formatter, document, facts), 1
    trailer = formatter.trailer(ENVELOPE, Totals(exports=1, groups=groups, rows=content.rows, sums=content.sums))
    return (formatter.header(ENVELOPE) + head + content.data + tail + trailer).decode("ascii").splitlines()


def _frame(formatter: Formatter, document: Document, facts: ExportFacts) -> tuple[bytes, bytes]:
    return (
        formatter.group_head([document], [facts], ENVELOPE),
        formatter.group_tail([document], [facts], ENVELOPE),
    )


def main() -> None:
    """Write the pages into the folder given."""
    for name, text in pages().items():
        (Path(sys.argv[1]) / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
