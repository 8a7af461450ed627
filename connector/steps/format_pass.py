"""Format pass: one lot's pending exports, parsed, made whole, judged, mapped, checked, rendered and placed.

Exports are taken in order, a bounded number at a time; each batch is one transaction. A bad record fails alone with a
problem (or holds the file, as set).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from connector.steps.build import Builder, Rendered
from connector.steps.criteria import Criteria
from connector.steps.join import Joined, Joiner
from connector.steps.judge import Candidate, judge
from connector.steps.lots import Lot, pending_exports
from connector.steps.pinned import document_of, join_pinned
from core import audit, exports, runs
from core.documents import Action, Document
from core.errors import Invalid, PermanentError
from core.exports import Ending
from core.formats import Formatter
from core.models import BadRecord, Export, File, Integration, WhenEmpty
from core.states import ExportState

Chosen = tuple[Candidate, Action]


@dataclass(slots=True)
class _Batch:
    """Some exports under way: what goes into files, and what ends instead."""

    chosen: list[Chosen] = field(default_factory=list)
    endings: list[Ending] = field(default_factory=list)


class FormatPass:
    """One pass over a lot's pending exports."""

    def __init__(self, lot: Lot, builder: Builder, formatters: Mapping[str, Formatter], *, now: datetime) -> None:
        self.lot, self.builder, self.formatters, self.now = lot, builder, formatters, now
        self.integration: Integration = builder.integration
        self.criteria = Criteria(self.integration)
        self.joiner = Joiner(self.integration.organisation)
        self.groups: dict[tuple[str, str], list[Chosen]] = {}
        self.has_bad_record = False

    def work(self) -> list[File]:
        """Format the lot; give the sealed files. Raises `LeaseLost`, and `RunStopped` for a run that was cancelled."""
        for chunk in pending_exports(self.lot):
            self.builder.lease.keep()
            self._format(chunk)
        for key in list(self.groups):
            self._format_group(key)
        self._close()
        return self.builder.sealed

    def _check(self) -> None:
        """Make sure, inside a transaction, that this work is still ours and still wanted."""
        self.builder.lease.check()
        if self.lot.is_own and self.lot.run is not None:
            runs.check_formatting(self.lot.run)

    def _format(self, chunk: Sequence[Export]) -> None:
        batch = _Batch()
        for candidate in self._candidates(chunk, batch):
            verdict = self._judged(candidate)
            if isinstance(verdict, Ending):
                batch.endings.append(verdict)
            elif key := self._group_key(candidate):
                self.groups.setdefault(key, []).append((candidate, verdict))
            else:
                batch.chosen.append((candidate, verdict))
        self._place(batch)

    def _candidates(self, chunk: Sequence[Export], batch: _Batch) -> list[Candidate]:
        parsed: list[tuple[Export, Document]] = []
        for export in chunk:
            export.integration = self.integration
            try:
                parsed.append((export, document_of(export)))
            except PermanentError as error:
                batch.endings.append(_failed(export, error))
        sent = exports.last_sent(self.integration, [export.xero_id for export, _ in parsed])
        before = self._documents_sent(sent)
        return [
            Candidate(export, whole, sent.get(export.xero_id), before.get(export.xero_id))
            for export, whole in self._joined(parsed, batch)
        ]

    def _joined(self, parsed: Sequence[tuple[Export, Document]], batch: _Batch) -> list[tuple[Export, Joined]]:
        if self.lot.same_values:
            joined, refused = join_pinned(parsed)
            batch.endings += [_failed(export, error) for export, error in refused]
            return joined
        whole = self.joiner.join([document for _, document in parsed])
        return [(export, each) for (export, _), each in zip(parsed, whole, strict=True)]

    def _documents_sent(self, sent: Mapping[str, Export]) -> dict[str, Document]:
        """The documents that the partner has, joined with today's contact: its edits alone change nothing."""
        known = [export for export in sent.values() if export.record.payload is not None]
        joined = self.joiner.join([document_of(export) for export in known])
        return {whole.document.xero_id: whole.document for whole in joined}

    def _judged(self, candidate: Candidate) -> Action | Ending:
        try:
            return judge(candidate, self.criteria, self.formatters[candidate.export.stream])
        except PermanentError as error:
            return _failed(candidate.export, error)

    def _group_key(self, candidate: Candidate) -> tuple[str, str] | None:
        key = self.formatters[candidate.export.stream].group_key(candidate.document)
        return (candidate.export.stream, key) if key else None

    def _place(self, batch: _Batch) -> None:
        """Render and store one batch: contents go into files, the others end."""
        left = batch.chosen
        while left or batch.endings:
            room = self.builder.room()
            if room == 0:
                self._seal()
                continue
            taken, left = (left, []) if room is None else (left[:room], left[room:])
            rendered = self._render(taken, batch.endings)
            with transaction.atomic():
                self._check()
                events = self.builder.put(rendered) + self._end(batch.endings)
                audit.append(events, now=self.now)
            batch.endings = []

    def _end(self, endings: Sequence[Ending]) -> list[audit.EventDraft]:
        run = self.builder.run
        return exports.end(endings, run_id=run.pk if run else None, now=self.now)

    def _render(self, chosen: Sequence[Chosen], endings: list[Ending], *, is_group: bool = False) -> list[Rendered]:
        rendered: list[Rendered] = []
        envelope, follows = self.builder.envelope, ""
        for candidate, action in chosen:
            facts = self.builder.facts(candidate, action, len(rendered) + 1)
            if is_group:
                facts = facts._replace(follows_contact=follows)
            formatter = self.formatters[candidate.export.stream]
            try:
                content = formatter.content(candidate.document, facts, envelope)
            except Invalid as error:
                endings.append(self._bad(candidate.export, error))
            else:
                follows = candidate.document.contact_id
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
        rendered = self._render(members, endings, is_group=True)
        frame = self._frame(formatter, rendered, endings) if not endings else (b"", b"")
        if endings:
            error = _group_error(endings[0])
            rendered, endings = [], [_failed(candidate.export, error) for candidate, _ in members]
        with transaction.atomic():
            self._check()
            events = self.builder.put(rendered, group=frame) + self._end(endings)
            audit.append(events, now=self.now)

    def _frame(self, formatter: Formatter, rendered: Sequence[Rendered], endings: list[Ending]) -> tuple[bytes, bytes]:
        """Render what stands around a group's contents."""
        documents, facts = [item.candidate.document for item in rendered], [item.facts for item in rendered]
        envelope = self.builder.envelope
        try:
            head = formatter.group_head(documents, facts, envelope)
            return head, formatter.group_tail(documents, facts, envelope)
        except Invalid as error:
            endings.append(self._bad(rendered[0].candidate.export, error))
            return b"", b""

    def _seal(self, hold: str = "") -> None:
        with transaction.atomic():
            self._check()
            audit.append(self.builder.seal(hold=hold), now=self.now)

    def _close(self) -> None:
        with transaction.atomic():
            self._check()
            events = []
            sends_empty = self.integration.when_empty == WhenEmpty.EMPTY_FILE and not self.lot.is_own
            if sends_empty and self.builder.is_idle:
                events = self.builder.open()
            holds = self.has_bad_record and self.integration.bad_record == BadRecord.HOLD_FILE
            events += self.builder.seal(hold="BAD_RECORD" if holds else "")
            audit.append(events, now=self.now)


def _failed(export: Export, error: PermanentError) -> Ending:
    if isinstance(error, Invalid):
        return Ending(export, ExportState.FAILED, error.reasons, code=error.code, next_step=error.hints)
    return Ending(export, ExportState.FAILED, error.sentence, code=error.code, next_step=error.next_step)


def _group_error(first: Ending) -> PermanentError:
    sentence = f"A payment of the same batch failed: {first.sentence}"
    return PermanentError(sentence, code=first.code, next_step=first.next_step)
