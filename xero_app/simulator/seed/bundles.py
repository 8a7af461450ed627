"""Writes the documents of one planned bundle: the same bundle gives the same documents every time."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from xero_app.simulator.amounts import CENT, cents
from xero_app.simulator.books import Books
from xero_app.simulator.chance import Chance
from xero_app.simulator.compose import add_totals, compose_document
from xero_app.simulator.documents import NO_DATE, Bundle, Doc, Row
from xero_app.simulator.seed.lines import invoice_lines
from xero_app.simulator.seed.words import PAYMENT_REFERENCES, REFERENCES
from xero_app.simulator.settle import (
    add_allocation,
    add_payment,
    amount_open,
    batch_document,
    new_payment,
    remove_payment,
)

ID_FIELDS = {
    "invoices": "InvoiceID", "credit_notes": "CreditNoteID", "prepayments": "PrepaymentID",
    "overpayments": "OverpaymentID",
}  # fmt: skip


class BundleWriter:
    """Writes bundles of one organisation. `key` makes the draws of each bundle its own."""

    def __init__(self, *, books: Books, key: str, nasty: bool) -> None:
        self._books = books
        self._key = key
        self._nasty = nasty

    def write(self, bundle: Bundle) -> dict[str, Doc]:
        """All documents of the bundle by id."""
        work = _Work(books=self._books, chance=Chance(f"{self._key}/{bundle.number}"), nasty=self._nasty, bundle=bundle)
        return work.documents()


class _Work:
    def __init__(self, *, books: Books, chance: Chance, nasty: bool, bundle: Bundle) -> None:
        self.books = books
        self.chance = chance
        self.nasty = nasty
        self.shape = bundle.shape
        self.docs: dict[str, Doc] = {}
        self.invoices = [row for row in bundle.rows if row.stream == "invoices"]
        self.extras = [row for row in bundle.rows if row.stream != "invoices"]
        self.currency = bundle.currency
        wobble = Decimal(chance.between(9500, 10_500)) / 10_000
        self.rate = books.rate(self.currency, wobble=wobble)

    def documents(self) -> dict[str, Doc]:
        for row in self.invoices:
            self.docs[row.id] = self._invoice(row)
        _SHAPES.get(self.shape, _as_it_is)(self)
        return self.docs

    def _invoice(self, row: Row) -> Doc:
        chance = self.chance
        types = chance.pick(("Exclusive", "Exclusive", "Exclusive", "Inclusive", "NoTax"))
        given: Doc = {
            "InvoiceID": row.id, "Type": row.kind, "ContactID": row.contact_id, "Date": row.dated,
            "Status": "AUTHORISED" if row.status == "PAID" else row.status, "LineAmountTypes": types,
            "CurrencyCode": self.currency, "CurrencyRate": self.rate,
            "LineItems": invoice_lines(self.books, chance, sales=row.kind == "ACCREC", nasty=self.nasty),
        }  # fmt: skip
        if row.number or chance.happens(0.5):
            given["InvoiceNumber"] = row.number
        self._add_rest(given, row)
        doc = compose_document(self.books, given, id_field="InvoiceID", today=NO_DATE, new_id=chance.uuid)
        return self._overridden(doc) if self.nasty else doc

    def _add_rest(self, given: Doc, row: Row) -> None:
        chance = self.chance
        dated = row.dated or NO_DATE
        if row.kind == "ACCREC":
            given["Reference"] = chance.pick(REFERENCES)
            given["BrandingThemeID"] = self.books.branding_theme_id
        if row.status != "DRAFT" or chance.happens(0.5):
            given["DueDate"] = dated + timedelta(days=chance.pick((0, 7, 14, 30, 30, 60)))
        if row.status == "VOIDED" and self.nasty and chance.happens(0.5):
            given["DueDate"] = NO_DATE
        if chance.happens(0.6):
            given["SentToContact"] = chance.happens(0.7)
        if chance.happens(0.05):
            given["RepeatingInvoiceID"] = chance.uuid()
        if chance.happens(0.1):
            key = "ExpectedPaymentDate" if row.kind == "ACCREC" else "PlannedPaymentDate"
            given[key] = dated + timedelta(days=21)

    def _overridden(self, doc: Doc) -> Doc:
        """A person moved the tax of a line by a cent, or (rarely) the total alone."""
        draw = self.chance.random()
        lines = [line for line in doc["LineItems"] if line.get("TaxAmount")]
        cent = CENT if self.chance.happens(0.5) else -CENT
        if draw < 0.04 and lines:
            lines[0]["TaxAmount"] += cent
            add_totals(doc)
        elif draw > 0.995 and doc["Total"] > 1:
            add_totals(doc, total=doc["Total"] + cent)
        return doc

    def pay(self, invoice: Row, payment: Row, *, amount: Decimal) -> Doc:
        """A payment of this amount on an invoice or credit note of the bundle."""
        target = self.docs[invoice.id]
        doc = new_payment(
            books=self.books, payment_id=payment.id, stream=invoice.stream, target=target, target_id=invoice.id,
            amount=amount, on=payment.dated or NO_DATE, reference=self.chance.pick(PAYMENT_REFERENCES),
            account=self._bank(), rate=self._payment_rate(),
        )  # fmt: skip
        doc["IsReconciled"] = self.chance.happens(0.4)
        self.docs[payment.id] = doc
        add_payment(target, doc)
        return doc

    def _bank(self) -> Doc:
        """Mostly the account in the payment's currency, now and then one without a code."""
        if self.currency == self.books.base_currency and self.chance.happens(0.1):
            return self.books.accounts[1]
        return self.books.bank(self.currency)

    def _payment_rate(self) -> Decimal:
        wobble = Decimal(self.chance.between(9800, 10_200)) / 10_000
        return self.books.rate(self.currency, wobble=wobble)

    def credit(self, row: Row, *, amount: Decimal) -> Doc:
        """A credit note, prepayment or overpayment over exactly this amount."""
        sales = row.kind.startswith(("ACCREC", "RECEIVE"))
        given: Doc = {
            ID_FIELDS[row.stream]: row.id, "Type": row.kind, "ContactID": row.contact_id, "Date": row.dated,
            "LineAmountTypes": "Inclusive" if row.stream != "overpayments" else "NoTax",
            "CurrencyCode": self.currency, "CurrencyRate": self.rate,
            "LineItems": [self._credit_line(amount, sales=sales)],
        }  # fmt: skip
        if row.stream == "credit_notes":
            given["CreditNoteNumber"] = row.number
            given["BrandingThemeID"] = self.books.branding_theme_id
        given["Reference"] = self.chance.pick(REFERENCES)
        doc = compose_document(
            self.books, given, id_field=ID_FIELDS[row.stream], today=NO_DATE, new_id=self.chance.uuid
        )
        self.docs[row.id] = doc
        return doc

    def _credit_line(self, amount: Decimal, *, sales: bool) -> Doc:
        country = self.books.country
        return {
            "Description": "Returned goods; see note", "Quantity": Decimal(1), "UnitAmount": amount,
            "AccountCode": "4000" if sales else "5000",
            "TaxType": country.sales_tax_type if sales else country.purchase_tax_type,
        }  # fmt: skip

    def allocate(self, credit: Row, invoice: Row, *, amount: Decimal) -> None:
        """Applies a part of the credit to the invoice."""
        add_allocation(
            stream=credit.stream, credit=self.docs[credit.id], credit_id=credit.id, invoice=self.docs[invoice.id],
            invoice_id=invoice.id, amount=amount, on=credit.dated or NO_DATE, allocation_id=self.chance.uuid(),
        )  # fmt: skip

    def part(self, row: Row) -> Decimal:
        """A part of what is open on the row's document: more than nothing, less than all when possible."""
        return max(CENT, cents(amount_open(self.docs[row.id]) * self.chance.between(20, 80) / 100))

    def open(self, row: Row) -> Decimal:
        """What is open on the row's document."""
        return amount_open(self.docs[row.id])


def _as_it_is(work: _Work) -> None:
    """Open, draft, submitted, voided, deleted and twins: the invoices alone."""


def _paid(work: _Work) -> None:
    for invoice, payment in zip(work.invoices, work.extras, strict=False):
        work.pay(invoice, payment, amount=work.open(invoice))


def _part(work: _Work) -> None:
    work.pay(work.invoices[0], work.extras[0], amount=work.part(work.invoices[0]))


def _instalments(work: _Work) -> None:
    _part(work)
    work.pay(work.invoices[0], work.extras[1], amount=work.open(work.invoices[0]))


def _reversed(work: _Work) -> None:
    payment = work.pay(work.invoices[0], work.extras[0], amount=work.open(work.invoices[0]))
    remove_payment(work.docs[work.invoices[0].id], payment)


def _credited(work: _Work) -> None:
    amount = work.open(work.invoices[0])
    work.credit(work.extras[0], amount=amount)
    work.allocate(work.extras[0], work.invoices[0], amount=amount)


def _part_credited(work: _Work) -> None:
    amount = work.part(work.invoices[0])
    work.credit(work.extras[0], amount=amount)
    work.allocate(work.extras[0], work.invoices[0], amount=amount)


def _shared_credit(work: _Work) -> None:
    parts = [work.part(row) for row in work.invoices]
    work.credit(work.extras[0], amount=sum(parts, Decimal("17.35")))
    for row, amount in zip(work.invoices, parts, strict=True):
        work.allocate(work.extras[0], row, amount=amount)


def _refunded(work: _Work) -> None:
    note, payment = work.extras
    work.credit(note, amount=work.part(work.invoices[0]))
    work.pay(note, payment, amount=work.open(note))


def _overpaid(work: _Work) -> None:
    payment, over = work.extras
    work.pay(work.invoices[0], payment, amount=work.open(work.invoices[0]))
    amount = work.part(work.invoices[1])
    work.credit(over, amount=amount + Decimal("5.00"))
    work.allocate(over, work.invoices[1], amount=amount)


def _batch(work: _Work) -> None:
    batch = work.extras[3]
    payments = [
        work.pay(invoice, payment, amount=work.open(invoice))
        for invoice, payment in zip(work.invoices, work.extras, strict=False)
    ]
    work.docs[batch.id] = batch_document(
        batch_id=batch.id, kind=batch.kind, on=batch.dated or NO_DATE, payments=payments
    )


_SHAPES: dict[str, Callable[[_Work], None]] = {
    "paid": _paid, "part": _part, "instalments": _instalments, "reversed": _reversed, "credited": _credited,
    "part_credited": _part_credited, "shared_credit": _shared_credit, "refunded": _refunded, "prepaid": _credited,
    "overpaid": _overpaid, "batch": _batch,
}  # fmt: skip
