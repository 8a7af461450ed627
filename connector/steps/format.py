"""Format: turn an integration's pending exports into sealed files.

One worker at a time holds the integration's lease. Exports are taken in order, a bounded number at a time: parsed,
made whole, judged, mapped, checked and rendered; each batch is one transaction. A bad record fails alone with a
problem (or holds the file, as set). A file whose builder died is given up and its exports are built anew: nothing
of it has left yet.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from connector.steps.build import Builder, Rendered
from connector.steps.criteria import Criteria
from connector.steps.join import Joiner
from connector.steps.judge import Candidate, judge
from core import audit, exports, outbox
from core.documents import Action, Document
from core.errors import Invalid, PermanentError
from core.exports import Ending
from core.formats import Formatter
from core.leases import Lease
from core.models import BadRecord, Export, File, Integration, LookupTable, MappingVersion, Run, WhenEmpty
from core.states import ExportState, FileState
from edi_app.formatter import compile_formatter
from xero_app.parse import parse_document

EXPORTS_AT_A_TIME = 500
MOST_DEATHS = 5
log = logging.getLogger(__name__)


class NoMapping(PermanentError):
    """The integration's mapping has no published version."""

    code = "MAP_NOT_PUBLISHED"
    holds = True
    next_step = "Publish the mapping."


class PayloadPurged(PermanentError):
    """The record's bytes are past their retention."""

    code = "RECORD_PURGED"
    next_step = "Read it again from Xero."


def build_files(integration: Integration, lease: Lease, run: Run | None, *, now: datetime) -> list[File]:
    """Format what is pending for a leased integration; give the sealed files. Raises `NoMapping`, `LeaseLost`."""
    _give_up_unsealed(integration, lease, now=now)
    version = published_version(integration)
    formatters = compile_formatters(integration, version)
    first = formatters[integration.streams[0]]
    builder = Builder(integration, lease, version=version, formatter=first, run=run, now=now)
    return _Pass(integration, builder, formatters, now).work()


def _give_up_unsealed(integration: Integration, lease: Lease, *, now: datetime) -> None:
    with transaction.atomic():
        lease.check()
        left = File.objects.select_related("integration").filter(integration=integration, state=FileState.BUILDING)
        audit.append([event for file in left for event in outbox.abandon(file, now=now)], now=now)


def published_version(integration: Integration) -> MappingVersion:
    """Give the mapping version that applies now: the pinned one, else the newest."""
    version = integration.pinned_version or integration.mapping.versions.order_by("-number").first()
    if version is None:
        raise NoMapping(f"The mapping {integration.mapping} has no published version.")
    return version


def compile_formatters(integration: Integration, version: MappingVersion) -> Mapping[str, Formatter]:
    """Compile a mapping version once per stream of the integration."""
    tables = {table.name: table.rows for table in LookupTable.objects.filter(tenant=integration.tenant_id)}
    return {
        stream: compile_formatter(version.definition, stream=stream, tables=tables) for stream in integration.streams
    }


def pending_exports(integration: Integration) -> Iterator[list[Export]]:
    """Give the pending exports in order, a bounded number at a time.

    Left out is an export whose object has an older one in a file that has not ended."""
    on_its_way = Export.objects.filter(
        integration=integration, xero_id=OuterRef("xero_id"), state=ExportState.FORMATTED
    )
    last = 0
    while True:
        rows = Export.objects.filter(~Exists(on_its_way), integration=integration, state=ExportState.PENDING)
        chunk = list(rows.filter(pk__gt=last).select_related("record").order_by("pk")[:EXPORTS_AT_A_TIME])
        if chunk:
            yield chunk
        if len(chunk) < EXPORTS_AT_A_TIME:
            return
        last = chunk[-1].pk


class _Pass:
    """One pass over an integration's pending exports."""

    def __init__(
        self,
        integration: Integration,
        builder: Builder,
        formatters: Mapping[str, Formatter],
        now: datetime,
    ) -> None:
        self.integration, self.builder, self.formatters, self.now = integration, builder, formatters, now
        self.criteria = Criteria(integration)
        self.joiner = Joiner(integration.organisation)
        self.groups: dict[tuple[str, str], list[tuple[Candidate, Action]]] = {}
        self.has_bad_record = False

    def work(self) -> list[File]:
        for chunk in pending_exports(self.integration):
            self.builder.lease.keep()
            self._format(chunk)
        for key in list(self.groups):
            self._format_group(key)
        self._close()
        return self.builder.sealed

    def _format(self, chunk: Sequence[Export]) -> None:
        candidates, endings = self._candidates(chunk)
        chosen: list[tuple[Candidate, Action]] = []
        for candidate in candidates:
            verdict = self._judged(candidate)
            if isinstance(verdict, Ending):
                endings.append(verdict)
            elif key := self._group_key(candidate):
                self.groups.setdefault(key, []).append((candidate, verdict))
            else:
                chosen.append((candidate, verdict))
        self._place(chosen, endings)

    def _candidates(self, chunk: Sequence[Export]) -> tuple[list[Candidate], list[Ending]]:
        parsed, endings = [], []
        for export in chunk:
            export.integration = self.integration
            try:
                parsed.append((export, _document(export)))
            except PermanentError as error:
                endings.append(_failed(export, error))
        sent = exports.last_sent(self.integration, [export.xero_id for export, _ in parsed])
        joined = self.joiner.join([document for _, document in parsed])
        before = self._documents_sent(sent)
        return [
            Candidate(export, whole, sent.get(export.xero_id), before.get(export.xero_id))
            for (export, _), whole in zip(parsed, joined, strict=True)
        ], endings

    def _documents_sent(self, sent: Mapping[str, Export]) -> dict[str, Document]:
        """The documents that the partner has, joined with today's contact: its edits alone change nothing."""
        known = [export for export in sent.values() if export.record.payload is not None]
        joined = self.joiner.join([_document(export) for export in known])
        return {whole.document.xero_id: whole.document for whole in joined}

    def _judged(self, candidate: Candidate) -> Action | Ending:
        try:
            return judge(candidate, self.criteria, self.formatters[candidate.export.stream].values)
        except PermanentError as error:
            return _failed(candidate.export, error)

    def _group_key(self, candidate: Candidate) -> tuple[str, str] | None:
        key = self.formatters[candidate.export.stream].group_key(candidate.document)
        return (candidate.export.stream, key) if key else None

    def _place(self, chosen: Sequence[tuple[Candidate, Action]], endings: list[Ending]) -> None:
        """Render and store one batch: contents go into files, the others end."""
        left = list(chosen)
        while left or endings:
            room = self.builder.room()
            if room == 0:
                self._seal()
                continue
            taken, left = (left, []) if room is None else (left[:room], left[room:])
            rendered = self._render(taken, endings)
            with transaction.atomic():
                self.builder.lease.check()
                events = self.builder.put(rendered) + self._end(endings)
                audit.append(events, now=self.now)
            endings = []

    def _end(self, endings: Sequence[Ending]) -> list[audit.EventDraft]:
        run = self.builder.run
        return exports.end(endings, run_id=run.pk if run else None, now=self.now)

    def _render(self, chosen: Sequence[tuple[Candidate, Action]], endings: list[Ending]) -> list[Rendered]:
        rendered: list[Rendered] = []
        for candidate, action in chosen:
            facts = self.builder.facts(candidate, action, len(rendered) + 1)
            formatter = self.formatters[candidate.export.stream]
            try:
                content = formatter.content(candidate.document, facts, self.builder.envelope)
            except Invalid as error:
                endings.append(self._bad(candidate.export, error))
            else:
                rendered.append(Rendered(candidate, action, facts, content))
        return rendered

    def _bad(self, export: Export, error: PermanentError) -> Ending:
        self.has_bad_record = True
        return _failed(export, error)

    def _format_group(self, key: tuple[str, str]) -> None:
        """Render one group (a batch payment) when it is whole; it waits otherwise."""
        formatter, members = self.formatters[key[0]], self.groups.pop(key)
        documents = [candidate.document for candidate, _ in members]
        if not formatter.group_complete(documents):
            return
        room = self.builder.room()
        if room is not None and self.builder.file is not None and room < len(members):
            self._seal()
        endings: list[Ending] = []
        rendered = self._render(members, endings)
        if endings:
            endings = [_failed(candidate.export, _group_error(endings)) for candidate, _ in members]
            rendered = []
        facts = [item.facts for item in rendered]
        with transaction.atomic():
            self.builder.lease.check()
            events = self._end(endings)
            if rendered:
                envelope = self.builder.envelope
                head = formatter.group_head(documents, facts, envelope)
                tail = formatter.group_tail(documents, facts, envelope)
                events = self.builder.put(rendered, group=(head, tail)) + events
            audit.append(events, now=self.now)

    def _seal(self, hold: str = "") -> None:
        with transaction.atomic():
            self.builder.lease.check()
            audit.append(self.builder.seal(hold=hold), now=self.now)

    def _close(self) -> None:
        with transaction.atomic():
            self.builder.lease.check()
            events = []
            if self.integration.when_empty == WhenEmpty.EMPTY_FILE and self.builder.is_idle:
                events = self.builder.open()
            holds = self.has_bad_record and self.integration.bad_record == BadRecord.HOLD_FILE
            events += self.builder.seal(hold="BAD_RECORD" if holds else "")
            audit.append(events, now=self.now)


def _document(export: Export) -> Document:
    if export.record.payload is None:
        raise PayloadPurged(f"What Xero said of {export.number or export.xero_id} was purged.")
    return parse_document(export.record.stream, bytes(export.record.payload))


def _failed(export: Export, error: PermanentError) -> Ending:
    if isinstance(error, Invalid):
        return Ending(export, ExportState.FAILED, error.reasons, code=error.code, next_step=error.hints)
    return Ending(export, ExportState.FAILED, error.sentence, code=error.code, next_step=error.next_step)


def _group_error(endings: Sequence[Ending]) -> PermanentError:
    first = endings[0]
    return PermanentError(f"A payment of the same batch failed: {first.sentence}", code=first.code)


class BuilderDied(PermanentError):
    """Workers died again and again while they built this integration's files."""

    code = "INTERNAL"
    next_step = "Look at the workers' memory and logs, then run the integration again."


def refuse_poison(lease: Lease) -> None:
    """Stop after too many builders that ended without a word: what kills them must not take all workers along.

    Raises `BuilderDied`; the next run begins to count anew."""
    if not lease.rows().filter(format_attempts__gt=MOST_DEATHS).exists():
        return
    lease.rows().update(format_attempts=0)
    raise BuilderDied(f"{MOST_DEATHS} workers in a row ended while they built these files.")


def count_attempt(lease: Lease) -> int:
    """Count a format attempt before the work starts; give how many there were since the last success."""
    lease.rows().update(format_attempts=F("format_attempts") + 1)
    return int(lease.rows().values_list("format_attempts", flat=True).get())
