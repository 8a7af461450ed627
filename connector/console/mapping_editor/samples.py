"""What a mapping is for: the integrations that use it, their streams, and a shipped sample where nothing is stored."""

from collections.abc import Mapping as Definition
from typing import Any

from core.documents import Document, Stream
from core.models import Integration, Mapping
from edi_app.bases.sample_documents import sample_documents
from edi_app.bases.shipped import shipped_base
from edi_app.x12.definition import resolve_x12

PLAIN_PROFILE = {"x12": {"version": "004010", "sender": ["ZZ", "US"], "receiver": ["ZZ", "THEM"]}}


def integrations_of(mapping: Mapping) -> list[Integration]:
    """Give the integrations that use a mapping."""
    rows = Integration.objects.filter(mapping=mapping).select_related("tenant", "partner", "organisation")
    return list(rows.order_by("name")[:20])


def streams_of(integrations: list[Integration]) -> list[str]:
    """Name the streams that a mapping must serve; all while nothing uses it."""
    found = dict.fromkeys(stream for row in integrations for stream in row.streams)
    return list(found) or [str(stream) for stream in Stream]


def shipped_sample(definition: Definition[str, Any], integrations: list[Integration]) -> Document:
    """Give a shipped sample of the stream that a definition is made for."""
    name = str(definition.get("base", ""))
    made_for = (shipped_base(name) or {}).get("streams") or resolve_x12({"base": name}).streams or ["invoices"]
    used_for = integrations[0].streams if integrations else made_for
    return sample_documents(str(used_for[0]))[0]
