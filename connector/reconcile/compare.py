"""Our side of a reconciliation: what became of each object that Xero lists, for one integration."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Q

from connector.reconcile.money import amount_of, base_of
from connector.reconcile.report import Became, Line, Missing
from connector.steps.criteria import VOID, Criteria
from connector.steps.join import Joiner, contact_id
from connector.steps.reading import hashed
from core.documents import Document, Stream
from core.errors import PermanentError
from core.models import Export, ExportReason, Integration, Record
from core.records import latest_records
from core.states import AckOutcome, ExportState
from xero_app.errors import XeroBadRecord
from xero_app.parse import parse_document

OUTCOMES: Mapping[str, Became] = {
    ExportState.UNCHANGED: Became.UNCHANGED,
    ExportState.PENDING: Became.WAITING,
    ExportState.FORMATTED: Became.WAITING,
    ExportState.HELD: Became.HELD,
    ExportState.FAILED: Became.FAILED,
    ExportState.SKIPPED: Became.FILTERED,
    ExportState.IGNORED: Became.IGNORED,
    ExportState.CANCELLED: Became.CANCELLED,
    ExportState.SUPERSEDED: Became.CANCELLED,
}


class Comparison:
    """Compares one stream of one integration; a line for each currency comes of it."""

    def __init__(self, integration: Integration, stream: str) -> None:
        self.integration, self.stream = integration, stream
        self.criteria = Criteria(integration)
        self.joiner = Joiner(integration.organisation)
        self.lines: dict[str, Line] = {}

    def line(self, currency: str = "") -> Line:
        """Give the line of a currency; journals and contacts are in the organisation's own."""
        organisation = self.integration.organisation
        currency = currency or organisation.base_currency
        if currency not in self.lines:
            self.lines[currency] = Line(
                organisation.name, self.integration.name, self.stream, currency, organisation.base_currency
            )
        return self.lines[currency]

    def page(self, documents: Sequence[Document]) -> None:
        """Compare one page of what Xero lists."""
        ids = [document.xero_id for document in documents]
        stored = {row.xero_id: row for row in latest_records(self.integration.organisation, self.stream, ids)}
        exports = newest_exports(self.integration, self.stream, ids)
        left = [stored[one] for one in ids if one in stored and one not in exports]
        outcomes = self._never_exported(left)
        for document in documents:
            line = self.line(document.currency)
            line.xero.add(amount_of(document), base_of(document))
            export = exports.get(document.xero_id)
            if export is not None:
                self._compare(line, document, export.record, outcome_of(export))
            elif document.xero_id in outcomes:
                self._compare(line, document, stored[document.xero_id], outcomes[document.xero_id])
            else:
                known = document.xero_id in stored
                line.lacks(_missing(document, "stored, but no export was made of it" if known else "not read yet"))

    def _compare(self, line: Line, document: Document, record: Record, outcome: Became) -> None:
        ours = _document(record) or of_columns(record, document)
        line.took(outcome, amount_of(ours), base_of(ours))
        if changes := differences(document, ours):
            line.lacks(_missing(document, f"changed in Xero since it was taken up: {changes}"))

    def _never_exported(self, records: Sequence[Record]) -> dict[str, Became]:
        """Say of stored records without an export why there is none; those that should have one are left out."""
        documents = [_document(record) or of_columns(record) for record in records]
        contacts = self.joiner.contacts(contact_id(document.values) for document in documents)
        found: dict[str, Became] = {}
        for document in documents:
            _, contact = contacts.get(contact_id(document.values), (0, None))
            if not self.criteria.matches(document, contact):
                found[document.xero_id] = Became.FILTERED
            elif self.criteria.entry(document, ExportReason.FETCH) is None:
                found[document.xero_id] = Became.BEFORE_START
        return found

    def end(self, seen: set[int], *, day_from: date, day_to: date, unreadable: Sequence[XeroBadRecord]) -> None:
        """Add what only we have in this period, and what could not be read."""
        for error in unreadable:
            self.line().lacks(Missing(error.xero_id, "", f"cannot be read at {error.place}", Decimal("0.00")))
        rows = latest_records(self.integration.organisation, self.stream)
        if self.stream != Stream.CONTACTS:
            rows = rows.filter(dated_on__gte=day_from, dated_on__lte=day_to)
        for record in rows.defer("payload").order_by("pk").iterator(chunk_size=1000):
            if hashed(record.xero_id) not in seen and self._was_taken_up(record):
                reason = "taken up for this period, but Xero does not list it there now"
                amount = record.total if record.total is not None else Decimal(0)
                self.line(record.currency).lacks(Missing(record.xero_id, record.number, reason, amount))

    def _was_taken_up(self, record: Record) -> bool:
        if self.stream == Stream.ALLOCATIONS and record.status in VOID:
            return False  # Xero drops removed allocations without a trace
        return bool(newest_exports(self.integration, self.stream, [record.xero_id]))


def newest_exports(integration: Integration, stream: str, xero_ids: Sequence[str]) -> dict[str, Export]:
    """Give, per object, the export that says what became of it: a replay only counts once it was delivered."""
    rows = Export.objects.filter(
        Q(replay_of__isnull=True) | Q(state=ExportState.DELIVERED),
        integration=integration,
        stream=stream,
        xero_id__in=xero_ids,
    )
    return {row.xero_id: row for row in rows.select_related("record", "file").order_by("pk")}


def outcome_of(export: Export) -> Became:
    """Say in the words of the report what became of an export."""
    if export.state == ExportState.SKIPPED and export.reason == ExportReason.BASELINE:
        return Became.ALREADY_THERE
    if export.state != ExportState.DELIVERED:
        return OUTCOMES[export.state]
    if export.file is not None and export.file.is_test:
        return Became.TESTED
    return Became.REJECTED if export.ack_outcome == AckOutcome.REJECTED else Became.DELIVERED


def differences(live: Document, ours: Document) -> str:
    """Say in words where Xero's document differs from ours in what an accountant sums up; empty when it does not."""
    pairs = (
        ("total", amount_of(ours), amount_of(live)),
        ("currency", ours.currency, live.currency),
        ("date", ours.dated_on, live.dated_on),
        ("status", ours.status if ours.status in VOID else "", live.status if live.status in VOID else ""),
    )
    return ", ".join(f"{name} {before} is now {now}" for name, before, now in pairs if before != now)


def _document(record: Record) -> Document | None:
    if record.payload is None:
        return None
    try:
        return parse_document(record.stream, bytes(record.payload))
    except PermanentError:
        return None


def of_columns(record: Record, live: Document | None = None) -> Document:
    """Make a document of a record whose bytes were purged; its rate is that of Xero's document."""
    rate = live.values.get("CurrencyRate") if live is not None else None
    return Document(
        stream=record.stream,
        xero_id=record.xero_id,
        values={"CurrencyRate": rate} if rate else {},
        updated_at=record.updated_at,
        number=record.number,
        kind=record.kind,
        status=record.status,
        contact_id=record.contact_id,
        dated_on=record.dated_on,
        currency=record.currency,
        total=record.total,
    )


def _missing(document: Document, reason: str) -> Missing:
    return Missing(document.xero_id, document.number, reason, amount_of(document))
