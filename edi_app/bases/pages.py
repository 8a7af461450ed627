"""The pages of `docs/formats/` about shipped bases, made from the bases and the sample documents.

`python -m edi_app.bases.pages docs/formats` writes them anew; a test compares, so that they are never stale.
"""

import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.formats import Envelope, ExportFacts, Totals
from edi_app.bases.sample_documents import sample_documents
from edi_app.bases.shipped import shipped_base, shipped_names
from edi_app.formatter import compile_formatter
from edi_app.mapping.definition import resolve
from edi_app.mapping.spec import FieldSpec, MappingSpec, RecordKind

EXAMPLE_ENVELOPE = Envelope(
    moment=datetime(2026, 11, 22, 21, 5, tzinfo=UTC), sequence=7, sender="Harbor Supply Co", partner="acme"
)
EXAMPLE_FACTS = ExportFacts(key="K7QW2ZRTN4XA")
_WHEN = {
    RecordKind.HEADER: "once, at the start of the file",
    RecordKind.DOCUMENT: "for each document",
    RecordKind.LINE: "for each line",
    RecordKind.DOCUMENT_END: "for each document, behind its lines",
    RecordKind.TRAILER: "once, at the end of the file",
}


def example_file(name: str, stream: str) -> bytes:
    """Make the file that a base makes of the sample documents of a stream."""
    formatter = compile_formatter({"base": name}, stream=stream)
    contents = [formatter.content(document, EXAMPLE_FACTS, EXAMPLE_ENVELOPE) for document in sample_documents(stream)]
    sums: dict[str, Decimal] = {}
    for content in contents:
        for column, amount in content.sums.items():
            sums[column] = sums.get(column, Decimal(0)) + amount
    totals = Totals(exports=len(contents), rows=sum(content.rows for content in contents), sums=sums)
    parts = [content.data for content in contents]
    return b"".join((formatter.header(EXAMPLE_ENVELOPE), *parts, formatter.trailer(EXAMPLE_ENVELOPE, totals)))


def pages() -> dict[str, str]:
    """Give every page by file name: one for each subject, with all its bases."""
    subjects: dict[str, list[str]] = {}
    for name in shipped_names():
        subjects.setdefault(name.split("-")[1], []).append(name)
    return {f"{subject}.md": _page(names) for subject, names in subjects.items()}


def _page(names: list[str]) -> str:
    first = _base(names[0])
    lines = [f"# {first['title'].split(',')[0]}", ""]
    for name in names:
        lines += _section(name, _base(name), resolve({"base": name}))
    return "\n".join(lines).rstrip() + "\n"


def _base(name: str) -> Mapping[str, Any]:
    base = shipped_base(name)
    if base is None:
        raise LookupError(name)
    return base


def _section(name: str, base: Mapping[str, Any], spec: MappingSpec) -> Iterator[str]:
    yield from (f"## {name}", "", base["about"], "", f"Streams: {', '.join(base['streams'])}.", "")
    options = ", ".join(f"`{key}: {_shown(value)}`" for key, value in (base.get("options") or {}).items())
    if options:
        yield from (f"Options that differ from the defaults: {options}.", "")
    for kind, fields in spec.records.items():
        yield from _table(kind, fields, spec)
    example = example_file(name, base["streams"][0]).decode().replace("\r\n", "\n").rstrip("\n")
    yield from ("Example:", "", "```text", *(line.rstrip() for line in example.split("\n")), "```", "")


def _shown(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(str, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _table(kind: RecordKind, fields: tuple[FieldSpec, ...], spec: MappingSpec) -> Iterator[str]:
    if spec.has_record_types:
        yield from (f"Record `{kind}`, {_WHEN[kind]}:", "")
    if spec.format == "fixed":
        yield from ("| from | width | field | source | written | meaning |", "|---:|---:|---|---|---|---|")
    else:
        yield from ("| column | source | written | meaning |", "|---|---|---|---|")
    for field in fields:
        place = f"{field.start} | {field.width} | " if spec.format == "fixed" else ""
        yield f"| {place}{field.name} | {_code(field.source)} | {_written(field)} | {field.note} |"
    yield ""


def _code(text: str) -> str:
    return f"`` {text.replace('|', chr(92) + '|')} ``" if "`" in text else f"`{text.replace('|', chr(92) + '|')}`"


def _written(field: FieldSpec) -> str:
    words = [_code(field.transform)] if field.transform else []
    if field.decimals is not None:
        words.append(f"{field.decimals} implied decimals")
    if field.sign:
        words.append(f"{field.sign} sign")
    if field.overflow == "cut":
        words.append("cut")
    return ", ".join(words)


def main() -> None:
    """Write all pages into the folder given."""
    folder = Path(sys.argv[1])
    for name, text in pages().items():
        (folder / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
