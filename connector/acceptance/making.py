"""Making: a case's file anew from its own parts, with the code of today."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from connector.acceptance.case import Case, RecordedExport
from connector.assembly import Item, assemble
from connector.naming import NameFacts, render
from connector.steps.envelopes import object_key
from connector.steps.join import PinnedJoiner
from core.documents import Document
from core.formats import Envelope, ExportFacts
from edi_app.formatter import compile_formatter
from xero_app.parse import parse_document

Versions = list[tuple[int, Document]]


def make(case: Case, *, definition: Mapping[str, Any], tables: Mapping[str, Any]) -> tuple[str, bytes]:
    """Give a case's file name and bytes under a definition. Raises `Invalid`, `XeroBadRecord`."""
    formatters = {stream: compile_formatter(definition, stream=stream, tables=tables) for stream in case.streams}
    moment = datetime.fromisoformat(case.moment).astimezone(ZoneInfo(case.zone))
    envelope = Envelope(moment, case.profile, case.numbers, case.is_test, case.sequence, case.sender, case.partner)
    versions = [(place, parse_document(stream, text.encode())) for place, (stream, text) in enumerate(case.records)]
    items = [_item(export, versions, position) for position, export in enumerate(case.exports, start=1)]
    first = formatters[case.streams[0]]
    name = render(case.template, _names(case, moment, first.document, items))
    return name, assemble(items, formatters, envelope, stream=case.streams[0])


def _item(export: RecordedExport, versions: Versions, position: int) -> Item:
    document = parse_document(export.stream, export.payload.encode())
    (joined,) = PinnedJoiner([versions[place] for place in export.joined]).join([document])
    key = object_key(export.stream, export.xero_id)
    facts = ExportFacts(export.action, export.version, export.sequence, key, position)
    return Item(joined.document, facts, export.group)


def _names(case: Case, moment: datetime, document: str, items: list[Item]) -> NameFacts:
    return NameFacts(
        moment=moment,
        sequence=case.sequence,
        tenant=case.tenant,
        partner=case.partner,
        integration=case.integration,
        stream=case.streams[0],
        document=document or case.streams[0],
        number=items[-1].document.number if items else "",
        control=case.numbers.get("ISA", case.numbers.get("UNB")),
    )
