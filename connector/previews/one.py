"""One record under a mapping: Xero's JSON, the file that would be made of it, and every field with its source."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from connector.previews.material import whole
from connector.readable import readable_lines
from connector.steps.envelopes import envelope_of
from core.lookups import newest_tables
from core.models import Integration, Record
from edi_app.preview import Preview, preview


@dataclass(frozen=True, slots=True)
class RecordPreview:
    """`preview` has text, fields and findings; `lines` are its text for people, `payload` is Xero's JSON, indented."""

    record: Record
    payload: str
    preview: Preview

    @property
    def lines(self) -> list[str]:
        """The text line by line, segment by segment for an interchange."""
        return readable_lines(self.preview.text.encode())


def preview_record(
    integration: Integration, record: Record, *, definition: Mapping[str, Any], now: datetime
) -> RecordPreview:
    """Show what a stored record becomes under a definition, saved or not: joined as the pipeline joins it.

    A definition that cannot work is no error: see the preview's findings. Raises `PayloadPurged`, `XeroBadRecord`."""
    material = whole(integration, record)
    shown = preview(
        definition,
        document=material.document,
        envelope=envelope_of(integration, now=now),
        facts=material.facts(sequence=integration.export_sequence + 1),
        tables=newest_tables(integration.tenant_id).rows,
    )
    return RecordPreview(record, _indented(bytes(record.payload or b"")), shown)


def _indented(payload: bytes) -> str:
    return msgspec.json.format(payload, indent=2).decode()
