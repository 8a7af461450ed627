"""Assembly: a whole file in memory from documents and facts, by the rule that the pipeline builds files by.

For previews and acceptance runs: no row is written, no number is taken, no clock is read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby

from core.documents import Document
from core.formats import Content, Envelope, ExportFacts, Formatter, Totals


@dataclass(frozen=True, slots=True)
class Item:
    """One document with what a mapping sees as `Export`. Items of one group stand together; 0 stands alone."""

    document: Document
    facts: ExportFacts
    group: int = 0


def assemble(items: Sequence[Item], formatters: Mapping[str, Formatter], envelope: Envelope, *, stream: str) -> bytes:
    """Give a file's bytes: header + (group head + contents + group tail)* + trailer. `stream` is the first one of
    the integration: its formatter makes header and trailer. Raises `Invalid`."""
    first = formatters[stream]
    pieces, totals = [first.header(envelope)], Totals()
    for members in _units(items):
        formatter = formatters[members[0].document.stream]
        contents = [formatter.content(item.document, item.facts, envelope) for item in members]
        head, tail = _frame(formatter, members, envelope)
        pieces += [head, *(content.data for content in contents), tail]
        totals = _added(totals, contents, is_group=bool(members[0].group))
    return b"".join([*pieces, first.trailer(envelope, totals)])


def _units(items: Sequence[Item]) -> Iterator[list[Item]]:
    for group, members in groupby(items, key=lambda item: item.group):
        if group:
            yield _following(list(members))
        else:
            yield from ([item] for item in members)


def _following(members: Sequence[Item]) -> list[Item]:
    """Tell each document of a group which contact the one before it is about."""
    before = ["", *(item.document.contact_id for item in members)]
    return [
        replace(item, facts=item.facts._replace(follows_contact=contact))
        for item, contact in zip(members, before, strict=False)
    ]


def _frame(formatter: Formatter, members: Sequence[Item], envelope: Envelope) -> tuple[bytes, bytes]:
    if not members[0].group:
        return b"", b""
    documents, facts = [item.document for item in members], [item.facts for item in members]
    return formatter.group_head(documents, facts, envelope), formatter.group_tail(documents, facts, envelope)


def _added(totals: Totals, contents: Sequence[Content], *, is_group: bool) -> Totals:
    sums = dict(totals.sums)
    for content in contents:
        for name, amount in content.sums.items():
            sums[name] = sums.get(name, Decimal(0)) + amount
    rows = sum(content.rows for content in contents)
    return Totals(totals.exports + len(contents), totals.groups + is_group, totals.rows + rows, sums)
