"""What changes: before a new version is published, the records whose output would differ, with the difference."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.previews.material import formatters_for, newest
from connector.previews.trying import TRIED, Refused, rendered, units_of
from connector.readable import TextDifference, difference
from connector.steps.envelopes import envelope_of
from core.errors import Invalid
from core.models import Integration, Record

MOST_SHOWN = 20
LINES_EACH = 40


@dataclass(frozen=True, slots=True)
class Changed:
    """A record whose output differs, and how."""

    record: Record
    difference: TextDifference


@dataclass(slots=True)
class Changes:
    """What a new definition does to records that the old one was used for: `changed` shows the first twenty of
    `differing`; `breaks` would fail from now on, `mends` would not any more."""

    compared: int = 0
    differing: int = 0
    changed: list[Changed] = field(default_factory=list)
    breaks: list[Refused] = field(default_factory=list)
    mends: list[Record] = field(default_factory=list)


def what_changes(
    integration: Integration, *, before: Mapping[str, Any], after: Mapping[str, Any], most: int = TRIED, now: datetime
) -> Changes:
    """Compare what two definitions make of the newest records that the integration's filter lets in.

    Raises `Invalid` with every finding when the new definition cannot work at all."""
    old, new = formatters_for(integration, before), formatters_for(integration, after)
    envelope, stream = envelope_of(integration, now=now), integration.streams[0]
    units, _ = units_of(newest(integration, most=most), new)
    found = Changes()
    for unit in units:
        records = [material.record for material in unit]
        was = rendered(unit, old, envelope, stream=stream)
        becomes = rendered(unit, new, envelope, stream=stream)
        found.compared += len(unit)
        _note(found, records, was, becomes)
    return found


def _note(found: Changes, records: list[Record], was: bytes | Invalid, becomes: bytes | Invalid) -> None:
    if isinstance(becomes, Invalid):
        if not isinstance(was, Invalid):
            found.breaks += [Refused(record, becomes.findings) for record in records]
    elif isinstance(was, Invalid):
        found.mends += records
    elif was != becomes:
        found.differing += len(records)
        if len(found.changed) < MOST_SHOWN:
            shown = difference(was, becomes, names=("published", "new"), most=LINES_EACH)
            found.changed.append(Changed(records[0], shown))
