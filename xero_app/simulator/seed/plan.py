"""Which documents the seed holds: their ids, dates, states and update times, without their contents.

Cheap enough for 200,000 invoices; `bundles` writes the contents of a bundle when they are read.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate

from xero_app.simulator.chance import Chance
from xero_app.simulator.documents import Bundle, Doc, Row


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of bundle: how many in a thousand, its invoices' states, and what comes with them."""

    name: str
    weight: int
    invoices: tuple[str, ...]
    extras: tuple[tuple[str, str], ...] = ()
    type: str = ""


_PAID, _OPEN = "PAID", "AUTHORISED"
_PAYMENT = ("payments", _OPEN)
SHAPES = (
    Shape("open", 300, (_OPEN,)),
    Shape("paid", 270, (_PAID,), (_PAYMENT,)),
    Shape("part", 60, (_OPEN,), (_PAYMENT,)),
    Shape("instalments", 40, (_PAID,), (_PAYMENT, _PAYMENT)),
    Shape("reversed", 20, (_OPEN,), (("payments", "DELETED"),)),
    Shape("draft", 40, ("DRAFT",)),
    Shape("submitted", 15, ("SUBMITTED",)),
    Shape("voided", 30, ("VOIDED",)),
    Shape("deleted", 15, ("DELETED",)),
    Shape("credited", 35, (_PAID,), (("credit_notes", _PAID),)),
    Shape("part_credited", 25, (_OPEN,), (("credit_notes", _PAID),)),
    Shape("shared_credit", 20, (_OPEN, _OPEN), (("credit_notes", _OPEN),)),
    Shape("refunded", 15, (_OPEN,), (("credit_notes", _PAID), _PAYMENT)),
    Shape("prepaid", 25, (_PAID,), (("prepayments", _PAID),)),
    Shape("overpaid", 25, (_PAID, _OPEN), (_PAYMENT, ("overpayments", _OPEN))),
    Shape("batch", 45, (_PAID, _PAID, _PAID), (_PAYMENT, _PAYMENT, _PAYMENT, ("batch_payments", _OPEN))),
    Shape("twins", 20, (_OPEN, _OPEN), (), "ACCPAY"),
)
_CUMULATED = tuple(accumulate(shape.weight for shape in SHAPES))
_FIRST = {shape.name: shape for shape in SHAPES}
_KINDS = {"credit_notes": "CREDIT", "prepayments": "-PREPAYMENT", "overpayments": "-OVERPAYMENT"}


@dataclass(kw_only=True)
class Plan:
    """Lays out bundles one after the other, oldest first."""

    chance: Chance
    contacts: list[Row]
    count: int
    until: datetime
    years: float
    nasty: bool
    write: Callable[[Bundle], dict[str, Doc]]

    def __post_init__(self) -> None:
        self._customers, self._suppliers = self._sides()
        self._sales = 0
        self._last_ms = 0

    def rows(self) -> list[Row]:
        """All rows of the plan; exactly `count` of them are invoices."""
        found: list[Row] = []
        laid = number = 0
        while laid < self.count:
            shape = self._shape(number, room=self.count - laid)
            bundle = self._bundle(shape, number, share=laid / self.count)
            found.extend(bundle.rows)
            laid += len(shape.invoices)
            number += 1
        return found

    def _sides(self) -> tuple[list[Row], list[Row]]:
        docs = [(row, row.doc or {}) for row in self.contacts]
        customers = [row for row, doc in docs if doc["IsCustomer"]] or self.contacts
        return customers, [row for row, doc in docs if doc["IsSupplier"]] or self.contacts

    def _shape(self, number: int, *, room: int) -> Shape:
        """Every shape once at the beginning, so that small seeds hold all of them; then by weight."""
        if number < len(SHAPES):
            shape = SHAPES[number]
        else:
            draw = self.chance.random() * _CUMULATED[-1]
            shape = next(shape for shape, limit in zip(SHAPES, _CUMULATED, strict=True) if draw < limit)
        return shape if len(shape.invoices) <= room else _FIRST["open"]

    def _bundle(self, shape: Shape, number: int, *, share: float) -> Bundle:
        type_ = shape.type or ("ACCREC" if self.chance.random() < 0.6 else "ACCPAY")
        contact = self.chance.pick(self._customers if type_ == "ACCREC" else self._suppliers)
        currency = str((contact.doc or {})["DefaultCurrency"])
        bundle = Bundle(number=number, shape=shape.name, write=self.write, currency=currency)
        dated, updated = self._moment(share)
        twin_number = ""
        for status in shape.invoices:
            number_text = twin_number if shape.name == "twins" and twin_number else self._number(type_)
            twin_number = number_text
            bundle.rows.append(self._row("invoices", status, type_, dated, updated, contact.id, bundle, number_text))
        for stream, status in shape.extras:
            kind = _kind(stream, type_)
            text = f"CN-{number:05d}" if stream == "credit_notes" and type_ == "ACCREC" else ""
            later = min(dated + timedelta(days=self.chance.between(0, 40)), self.until.date())
            bundle.rows.append(self._row(stream, status, kind, later, updated, contact.id, bundle, text))
        return bundle

    def _row(
        self, stream: str, status: str, kind: str, dated: date, updated: int, contact_id: str, bundle: Bundle,
        number: str,
    ) -> Row:  # fmt: skip
        jitter = self.chance.between(0, 9) if stream == "invoices" and bundle.rows else 0
        return Row(
            stream=stream, xero_id=self.chance.uuid(), updated_ms=updated + jitter, kind=kind, status=status,
            number=number, dated=dated, contact_id=contact_id, bundle=bundle,
        )  # fmt: skip

    def _moment(self, share: float) -> tuple[date, int]:
        """The document's date and its bundle's update time; ties and times older than the date are wanted."""
        chance = self.chance
        begin = self.until - timedelta(days=365.25 * self.years)
        moment = begin + (self.until - begin) * share
        dated = moment.date() - timedelta(days=chance.between(0, 3))
        updated = min(moment + timedelta(hours=chance.between(0, 72), seconds=chance.between(0, 3599)), self.until)
        ms = int(updated.timestamp() * 1000) + chance.between(0, 999)
        draw = chance.random()
        if draw < 0.04 and self._last_ms:
            ms = self._last_ms
        elif draw < 0.12 and self._last_ms:
            ms = self._last_ms // 1000 * 1000 + chance.between(0, 999)
        elif self.nasty and draw < 0.13:
            ms = int(datetime(2010, 6, 1, tzinfo=UTC).timestamp() * 1000) + chance.between(0, 10**9)
        self._last_ms = min(ms, int(self.until.timestamp() * 1000))
        return (_odd_date(chance) if self.nasty and draw > 0.998 else dated), self._last_ms

    def _number(self, type_: str) -> str:
        if type_ == "ACCREC":
            self._sales += 1
            return f"INV-{self._sales:05d}"
        draw = self.chance.random()
        if draw < 0.05:
            return ""
        if self.nasty and draw < 0.10:
            return self.chance.pick(
                ("INV*0091~A", "  77/81 ", "Bill: “May”", "№ 5\t5", "SUPPLIER-REFERENCE-FAR-TOO-LONG-0001")
            )
        return f"{self.chance.pick(('RPT', 'B', 'SI-', ''))}{self.chance.between(100, 99999)}-1"


def _kind(stream: str, type_: str) -> str:
    side = "RECEIVE" if type_ == "ACCREC" else "SPEND"
    if stream == "payments":
        return f"{type_}PAYMENT"
    if stream == "batch_payments":
        return "RECBATCH" if type_ == "ACCREC" else "PAYBATCH"
    return f"{type_}CREDIT" if stream == "credit_notes" else side + _KINDS[stream]


def _odd_date(chance: Chance) -> date:
    return chance.pick((date(1969, 7, 20), date(1965, 1, 31), date(2000, 2, 29)))
