"""Works out what an 820 says of a payment or a batch payment: amount, payer and payee, the item that is paid.

Who pays and what RMR01 says follows from Xero's PaymentType; a Xero payment always settles exactly one item.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.documents import Document
from core.errors import Finding
from edi_app.mapping.findings import BAD_VALUE, REQUIRED_EMPTY, WRONG_STATUS, ValueRefused
from edi_app.mapping.plain_text import number_text
from edi_app.x12.invoice import split_id
from edi_app.x12.lines import required_money
from edi_app.x12.numbers import ZERO
from edi_app.x12.parties import Parties
from edi_app.x12.settings import Settings
from edi_app.x12.text import Cleaner

DELETED = "EDI_PAYMENT_DELETED"
_DEFAULT_METHOD = "ZZZ/NON"
_TRACE_LENGTH = 30


@dataclass(frozen=True, slots=True)
class _Kind:
    """One PaymentType: does the organisation pay, RMR01, and where the settled item is joined."""

    we_pay: bool
    item: str
    joined: str
    number: str


KINDS: Mapping[str, _Kind] = {
    "ACCRECPAYMENT": _Kind(False, "IV", "Invoice", "InvoiceNumber"),
    "ACCPAYPAYMENT": _Kind(True, "IV", "Invoice", "InvoiceNumber"),
    "ARCREDITPAYMENT": _Kind(True, "CL", "CreditNote", "CreditNoteNumber"),
    "APCREDITPAYMENT": _Kind(False, "CL", "CreditNote", "CreditNoteNumber"),
    "AROVERPAYMENTPAYMENT": _Kind(True, "ZZ", "Overpayment", "OverpaymentID"),
    "ARPREPAYMENTPAYMENT": _Kind(True, "ZZ", "Prepayment", "PrepaymentID"),
    "APOVERPAYMENTPAYMENT": _Kind(False, "ZZ", "Overpayment", "OverpaymentID"),
    "APPREPAYMENTPAYMENT": _Kind(False, "ZZ", "Prepayment", "PrepaymentID"),
}


def batch_of(document: Document) -> Mapping[str, Any]:
    """Give the batch payment that a payment belongs to; empty when it stands alone."""
    batch: Mapping[str, Any] = document.values.get("BatchPayment") or {}
    return batch if batch.get("BatchPaymentID") else {}


class PaymentReader:
    """Works out the `X12` names of payments under one partner's settings."""

    def __init__(self, settings: Settings, cleaner: Cleaner) -> None:
        self._settings = settings
        self._parties = Parties(settings, cleaner)

    def read(self, document: Document, notes: list[Finding], *, entity: int, names_entity: bool) -> dict[str, Any]:
        """Give the `X12` values of one payment: its item, its entity, and itself as the whole set.

        Raises ValueRefused when it cannot be told to a partner.
        """
        values = document.values
        kind = _kind(document)
        in_batch = bool(batch_of(document)) and self._settings.group == "batch"
        self._check_status(document, in_batch)
        joined = values.get(kind.joined) or {}
        amount = required_money(values, "Amount")
        item = self._item(document, kind, joined, self._sign(document, kind, in_batch) * amount)
        computed = {
            "Amount": item["Amount"],
            "Date": values.get("Date"),
            "Currency": joined.get("CurrencyCode") or document.currency,
            "Trace": self._trace(values.get("Reference"), values.get("PaymentID") or document.xero_id),
            "Id": split_id(values.get("PaymentID") or document.xero_id, self._settings),
            "Item": item,
            **self._method(values.get("Account") or {}),
        }
        self._add_parties(computed, values, kind.we_pay, notes)
        computed["Entity"] = self._entity(computed, kind, entity, names_entity=names_entity)
        return computed

    def read_batch(self, documents: Sequence[Document], notes: list[Finding]) -> dict[str, Any]:
        """Give the `X12` values of a batch's set: the sum, the batch's own date and reference."""
        each = [self.read(item, notes, entity=1, names_entity=False) for item in documents]
        batch = batch_of(documents[0])
        currencies = sorted({str(values["Currency"]) for values in each})
        if len(currencies) > 1:
            raise ValueRefused(f"The batch has payments in {' and '.join(currencies)}.", code=BAD_VALUE)
        total = sum((values["Amount"] for values in each), ZERO)
        if total < 0:
            raise ValueRefused(f"The batch adds up to {number_text(total)}; BPR02 cannot be negative.")
        computed = dict(each[0])
        if len({item.contact_id for item in documents}) > 1:
            # Several payees: the entities name them, the head only names us.
            side = "Payee" if batch.get("Type") != "RECBATCH" else "Payer"
            computed[side] = {}
        computed["Amount"] = total
        computed["Date"] = batch.get("Date") or computed["Date"]
        computed["Trace"] = self._trace(batch.get("Reference"), str(batch["BatchPaymentID"]))
        computed["Id"] = split_id(str(batch["BatchPaymentID"]), self._settings)
        computed.update(self._method(batch.get("Account") or documents[0].values.get("Account") or {}))
        return computed

    def _check_status(self, document: Document, in_batch: bool) -> None:
        if (document.values.get("Status") or document.status) != "DELETED":
            return
        if not in_batch or self._settings.deleted_in_batch == "hold":
            number = document.number or document.xero_id
            raise ValueRefused(f"Payment {number} was deleted; an 820 cannot take it back.", code=DELETED)

    def _sign(self, document: Document, kind: _Kind, in_batch: bool) -> int:
        """In a batch, what goes the other way counts against it, as does a deleted payment."""
        if not in_batch:
            return 1
        batch_pays = batch_of(document).get("Type") != "RECBATCH"
        sign = 1 if batch_pays == kind.we_pay else -1
        return -sign if (document.values.get("Status") or document.status) == "DELETED" else sign

    def _item(self, document: Document, kind: _Kind, joined: Mapping[str, Any], amount: Decimal) -> dict[str, Any]:
        if joined.get("Total") is None:
            reason = f"{kind.joined} of payment {document.number or document.xero_id} is not known."
            raise ValueRefused(reason, hint="Read it from Xero first.", code=REQUIRED_EMPTY)
        total = required_money(joined, "Total")
        number = joined.get(kind.number) or joined.get(f"{kind.joined}ID") or ""
        if number == joined.get(f"{kind.joined}ID"):
            number = str(number).replace("-", "")[:_TRACE_LENGTH]
        item = {"Kind": kind.item, "Number": number, "Amount": amount, "Total": total}
        if abs(amount) < total:
            item["Action"] = "PP"
        item["Reference"] = joined.get("Reference")
        item["Date"] = joined.get("Date")
        return item

    def _trace(self, reference: str | None, identity: str) -> str:
        if reference and reference.strip():
            return reference
        return identity.replace("-", "")[: 50 if self._settings.release >= "005010" else _TRACE_LENGTH]

    def _method(self, account: Mapping[str, Any]) -> dict[str, str]:
        methods = self._settings.methods
        found = next(
            (methods[key] for key in (account.get("Code"), account.get("Type")) if key and key in methods),
            methods.get("default", _DEFAULT_METHOD),
        )
        method, _, form = found.partition("/")
        return {"Method": method, "Format": form}

    def _add_parties(
        self, computed: dict[str, Any], values: Mapping[str, Any], we_pay: bool, notes: list[Finding]
    ) -> None:
        contact = self._parties.contact(values.get("Contact") or {}, notes)
        if "Name" not in contact:
            raise ValueRefused("N102 is required, but Contact.Name is empty.", code=REQUIRED_EMPTY)
        own = self._parties.organisation(values.get("Organisation") or {}, notes)
        computed["Payer"], computed["Payee"] = (own, contact) if we_pay else (contact, own)
        computed["Contact"] = contact

    def _entity(self, computed: Mapping[str, Any], kind: _Kind, number: int, *, names_entity: bool) -> dict[str, Any]:
        """ENT numbers the contacts of a set; where a batch has several, it also says who they are."""
        entity: dict[str, Any] = {"Number": Decimal(number)}
        if not names_entity:
            return entity
        contact = computed["Contact"]
        code = "PE" if kind.we_pay else "PR"
        if "Id" in contact:
            entity |= {"Code": code, "IdQualifier": contact["IdQualifier"], "Id": contact["Id"]}
        if "Name" in contact:
            entity |= {"NameCode": code, "NameType": "2", "Name": contact["Name"]}
        return entity


def _kind(document: Document) -> _Kind:
    name = document.values.get("PaymentType") or document.kind
    if name not in KINDS:
        raise ValueRefused(f"There is no payment type {name!r}.", code=WRONG_STATUS)
    return KINDS[name]
