"""Trying a mapping on the newest records: which of them would fail, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.assembly import assemble
from connector.previews.material import Material, formatters_for, newest
from connector.steps.envelopes import envelope_of
from core.errors import Finding, Invalid
from core.formats import Envelope, Formatter
from core.models import Integration, Record

TRIED = 100
Formatters = Mapping[str, Formatter]


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that a mapping cannot express, with every reason."""

    record: Record
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """How many records were tried, which would fail, and how many wait until their batch payment is whole."""

    tried: int
    refused: tuple[Refused, ...] = ()
    waiting: int = 0


def try_on(integration: Integration, *, definition: Mapping[str, Any], most: int = TRIED, now: datetime) -> Tried:
    """Try a definition, saved or not, on the newest records that the integration's filter lets in.

    Raises `Invalid` with every finding when the definition cannot work at all."""
    formatters, envelope = formatters_for(integration, definition), envelope_of(integration, now=now)
    materials = newest(integration, most=most)
    units, waiting = units_of(materials, formatters)
    refused: list[Refused] = []
    for unit in units:
        found = rendered(unit, formatters, envelope, stream=integration.streams[0])
        if isinstance(found, Invalid):
            refused += [Refused(material.record, found.findings) for material in unit]
    return Tried(len(materials), tuple(refused), waiting)


def units_of(materials: Sequence[Material], formatters: Formatters) -> tuple[list[list[Material]], int]:
    """Put what is one document together (a batch payment); count what waits for the rest of its batch."""
    alone: list[list[Material]] = []
    groups: dict[tuple[str, str], list[Material]] = {}
    for material in materials:
        stream = material.document.stream
        key = formatters[stream].group_key(material.document)
        if key:
            groups.setdefault((stream, key), []).append(material)
        else:
            alone.append([material])
    whole = [group for (stream, _), group in groups.items() if formatters[stream].group_complete(_documents(group))]
    return alone + whole, sum(map(len, groups.values())) - sum(map(len, whole))


def _documents(group: Sequence[Material]) -> list[Any]:
    return [material.document for material in group]


def rendered(unit: Sequence[Material], formatters: Formatters, envelope: Envelope, *, stream: str) -> bytes | Invalid:
    """Make the file that one unit alone would be, or give why it cannot be made."""
    grouped = bool(formatters[unit[0].document.stream].group_key(unit[0].document))
    items = [each.item(position=number, group=int(grouped)) for number, each in enumerate(unit, start=1)]
    try:
        return assemble(items, formatters, envelope, stream=stream)
    except Invalid as refused:
        return refused
