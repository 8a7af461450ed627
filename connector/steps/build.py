"""Build: one file after another, from the contents of exports.

The bytes are exactly header + (group head + contents + group tail)* + trailer. A file is opened with its first
content (its control numbers are taken then), gets contents in bounded transactions, and is sealed in one short
one. Size and hash are kept along the way, so a file's length never decides how much memory it takes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from connector.naming import NameFacts, render, render_folder
from connector.steps.envelopes import envelope_of, object_key
from connector.steps.judge import Candidate
from connector.steps.lots import Lot
from connector.steps.measure import Measure, packs, sent_name
from connector.steps.name_counts import since_restart
from connector.steps.profile import profile_of
from core import exports, numbers, outbox
from core.audit import EventDraft
from core.formats import Content, Envelope, ExportFacts, Formatter, Totals
from core.leases import Lease
from core.models import ExportContent, File, FileGroup, Integration, Mode


@dataclass(frozen=True, slots=True)
class Rendered:
    """One export's content, ready for its place."""

    candidate: Candidate
    action: str
    facts: ExportFacts
    content: Content


class Builder:
    """Builds the files of one pass over an integration's pending exports."""

    def __init__(
        self,
        integration: Integration,
        lease: Lease,
        *,
        lot: Lot,
        formatter: Formatter,
        now: datetime,
    ) -> None:
        self.integration, self.lease, self.lot, self.run, self.now = integration, lease, lot, lot.run, now
        self.formatter = formatter
        self.profile = profile_of(integration.partner)
        self.sequence = integration.export_sequence
        self.sealed: list[File] = []
        self._reset()

    def _reset(self) -> None:
        self.file: File | None = None
        self.measure = Measure(packs=packs(self.integration))
        self.position, self.groups = 0, 0
        self.rows, self.sums = 0, dict[str, Decimal]()
        self.last_number = ""

    @property
    def envelope(self) -> Envelope:
        """The file's envelope without control numbers: enough for contents."""
        return envelope_of(self.integration, now=self.now, profile=self.profile)

    def facts(self, candidate: Candidate, action: str, ahead: int) -> ExportFacts:
        """Give what a mapping sees as `Export` for the export that comes `ahead` places after the last one."""
        record, again = candidate.export.record, candidate.same_values
        return ExportFacts(
            action=action,
            version=record.version,
            sequence=again.sequence if again else self.sequence + ahead,
            key=object_key(record.stream, record.xero_id),
            position=self.position + ahead,
        )

    @property
    def is_idle(self) -> bool:
        """Say whether this pass has built nothing so far."""
        return self.file is None and not self.sealed

    def room(self) -> int | None:
        """Say how many more exports the open file takes; None when there is no limit."""
        batch = self.integration.batch
        if batch == "run":
            return None
        return (1 if batch == "record" else int(batch)) - self.position

    def open(self) -> list[EventDraft]:
        """Open a file, with its control numbers and its header. The caller holds the transaction."""
        integration, partner = self.integration, self.integration.partner
        is_test = partner.mode == Mode.TEST
        envelope = self._with_numbers(self.envelope)
        self.file = File.objects.create(
            tenant_id=integration.tenant_id,
            integration=integration,
            partner=partner,
            server=(partner.test_server if is_test else None) or partner.server,
            run=self.run,
            mapping_version=self.lot.version,
            lookup_versions=list(self.lot.tables.versions),
            is_test=is_test,
            folder=self._folder(envelope),
            header=self.formatter.header(envelope),
            interchange_number=str(envelope.numbers.get("ISA", envelope.numbers.get("UNB", ""))),
            group_number=str(envelope.numbers.get("GS", "")),
            created_at=self.now,
        )
        self._envelope = envelope
        self.measure.add(bytes(self.file.header))
        numbers_given = {level: str(number) for level, number in envelope.numbers.items()}
        return [outbox.event(self.file, "file.building", state=self.file.state, numbers=numbers_given)]

    def _with_numbers(self, envelope: Envelope) -> Envelope:
        if not self.formatter.numbers:
            return envelope
        x12: Mapping[str, Any] = self.profile["x12"]
        ids = {side: ":".join(map(str, x12.get(side, ()))) for side in ("sender", "receiver")}
        given = {
            level: numbers.allocate(self.integration.tenant_id, level=level, **ids) for level in self.formatter.numbers
        }
        return replace(envelope, numbers=given)

    def _folder(self, envelope: Envelope) -> str:
        folder = self.integration.folder or self.profile["folders"]["send_to"]
        return render_folder(folder, self._names(envelope))

    def _names(self, envelope: Envelope) -> NameFacts:
        integration = self.integration
        return NameFacts(
            moment=envelope.moment,
            sequence=integration.file_sequence + 1,
            since_restart=since_restart(integration, moment=envelope.moment),
            tenant=integration.tenant.slug,
            partner=integration.partner.name,
            integration=integration.name,
            stream=integration.streams[0],
            document=self.formatter.document or integration.streams[0],
            number=self.last_number,
            control=envelope.numbers.get("ISA", envelope.numbers.get("UNB")),
        )

    def put(self, items: Sequence[Rendered], *, group: tuple[bytes, bytes] | None = None) -> list[EventDraft]:
        """Put contents into the open file, as a group with head and tail if given. The caller holds the
        transaction in which the lease was checked."""
        if not items:
            return []
        events = self.open() if self.file is None else []
        assert self.file is not None  # noqa: S101 (opened one line above)
        row = self._open_group(self.file, group)
        contents = [self._place(item, row) for item in items]
        if group is not None:
            self.measure.add(group[1])
        exports.attach(contents, self.file)
        return events

    def _open_group(self, file: File, group: tuple[bytes, bytes] | None) -> FileGroup | None:
        if group is None:
            return None
        self.groups += 1
        self.measure.add(group[0])
        return FileGroup.objects.create(file=file, number=self.groups, head=group[0], tail=group[1])

    def _place(self, item: Rendered, group: FileGroup | None) -> ExportContent:
        self.position += 1
        self.sequence = max(self.sequence, item.facts.sequence)
        self.rows += item.content.rows
        for name, amount in item.content.sums.items():
            self.sums[name] = self.sums.get(name, Decimal(0)) + amount
        self.measure.add(item.content.data)
        self.last_number = item.candidate.export.number
        return ExportContent(
            export=item.candidate.export,
            file=self.file,
            group=group,
            position=self.position,
            action=item.action,
            sequence=item.facts.sequence,
            control_number=item.content.control_number,
            data=item.content.data,
            warnings=[str(warning) for warning in item.content.warnings],
            joined=list(item.candidate.joined.record_ids),
        )

    def seal(self, *, hold: str = "") -> list[EventDraft]:
        """Seal the open file, if there is one. The caller holds the transaction in which the lease was checked."""
        file, integration = self.file, self.integration
        if file is None:
            return []
        totals = Totals(exports=self.position, groups=self.groups, rows=self.rows, sums=self.sums)
        file.trailer = self.formatter.trailer(self._envelope, totals)
        self.measure.add(file.trailer)
        for column, value in self.measure.columns().items():
            setattr(file, column, value)
        file.record_count = self.position
        file.sequence = integration.file_sequence + 1
        file.name = sent_name(render(integration.file_name, self._names(self._envelope)), packed=bool(file.compression))
        events = outbox.seal(file, hold=hold, now=self.now)
        integration.file_sequence, integration.export_sequence = file.sequence, self.sequence
        self.lease.rows().update(file_sequence=file.sequence, export_sequence=self.sequence)
        self.sealed.append(file)
        self._reset()
        return events
