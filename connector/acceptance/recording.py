"""Recording: the newest files of a partner, each tried at once: a case that does not give its own bytes is no case."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connector.acceptance.case import Case, RecordedExport, write_case
from connector.acceptance.making import make
from connector.steps.lots import published_version
from connector.steps.pinned import PayloadPurged
from connector.steps.profile import profile_of
from core import outbox
from core.errors import PermanentError
from core.lookups import tables_of_file
from core.models import ExportContent, File, FileKind, Integration, Mode, Partner, Record
from core.states import FileState

MOST_RECORDS = 1000
_SEALED = (FileState.READY, FileState.DELIVERED, FileState.HELD, FileState.RETRY_WAIT, FileState.FAILED)


class NotReproducible(PermanentError):
    """What is stored now does not give the file that was sent."""

    code = "ACCEPTANCE_DIFFERS"
    next_step = "Its partner's settings or its naming were changed since. Send a new file first."


@dataclass(slots=True)
class Recorded:
    """The cases that were written, and the files that were left out, each with why."""

    paths: list[Path] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)


def record_partner(partner: Partner, *, folder: Path, files: int = 3) -> Recorded:
    """Record the newest `files` of each of a partner's integrations, with everything that they were made of, up to
    1,000 records each. Nothing is changed. Raises `OSError` for a folder that cannot be written."""
    found = Recorded()
    for integration in Integration.objects.filter(partner=partner).select_related("tenant", "mapping").order_by("name"):
        rows = File.objects.filter(integration=integration, kind=FileKind.DATA, state__in=_SEALED, replay_of=None)
        for file in rows.select_related("mapping_version__mapping", "partner").order_by("-pk")[:files]:
            try:
                found.paths.append(write_case(_checked(_case(file, integration)), folder))
            except PermanentError as error:
                found.left_out.append((file.name, error.sentence))
    return found


def _checked(case: Case) -> Case:
    made = make(case, definition=case.definition, tables=case.tables)
    if made != (case.file_name, case.expected):
        what = "bytes" if made[1] != case.expected else "name"
        raise NotReproducible(f"What is stored now gives other {what} than {case.file_name} has.")
    return case


def _case(file: File, integration: Integration) -> Case:
    if file.record_count > MOST_RECORDS:
        raise NotReproducible(f"{file.name} has {file.record_count} records; {MOST_RECORDS} can be recorded.")
    version = file.mapping_version or published_version(integration)
    zone = integration.time_zone or integration.tenant.time_zone
    records, exports = _exports(file)
    return Case(
        name=f"{integration.name}-{file.pk:09d}",
        tenant=integration.tenant.slug,
        partner=file.partner.name,
        integration=integration.name,
        streams=tuple(integration.streams),
        file_name=file.name.removesuffix(".gz") if file.compression else file.name,
        template=integration.file_name,
        mapping=version.mapping.name,
        mapping_version=version.number,
        definition=version.definition,
        tables=tables_of_file(file).rows,
        profile=_profile(file),
        moment=file.created_at.astimezone(ZoneInfo(zone)).isoformat(),
        zone=zone,
        numbers=_numbers(file),
        is_test=file.is_test,
        sequence=file.sequence or 0,
        sender=integration.tenant.name,
        records=records,
        exports=exports,
        expected=b"".join(outbox.read(file)),
    )


def _profile(file: File) -> dict[str, Any]:
    partner = file.partner
    partner.mode = Mode.TEST if file.is_test else Mode.PRODUCTION  # as it was for this file; nothing is saved
    return profile_of(partner)


def _numbers(file: File) -> dict[str, int]:
    given = {"ISA": file.interchange_number, "GS": file.group_number}
    return {level: int(number) for level, number in given.items() if number}


def _exports(file: File) -> tuple[tuple[tuple[str, str], ...], tuple[RecordedExport, ...]]:
    contents = ExportContent.objects.filter(file=file).select_related("export__record", "group").defer("data")
    rows = list(contents.order_by("position"))
    joined = Record.objects.in_bulk({pk for row in rows for pk in row.joined})
    places = {pk: place for place, pk in enumerate(sorted(joined))}
    records = tuple((joined[pk].stream, _text(joined[pk])) for pk in sorted(joined))
    return records, tuple(_export(row, places) for row in rows)


def _export(content: ExportContent, places: Mapping[int, int]) -> RecordedExport:
    record = content.export.record
    return RecordedExport(
        stream=record.stream,
        xero_id=record.xero_id,
        payload=_text(record),
        joined=tuple(places[pk] for pk in content.joined if pk in places),
        action=content.action,
        version=record.version,
        sequence=content.sequence,
        group=content.group.number if content.group else 0,
    )


def _text(record: Record) -> str:
    if record.payload is None:
        raise PayloadPurged(f"What Xero said of {record.number or record.xero_id} was purged.")
    return bytes(record.payload).decode()
