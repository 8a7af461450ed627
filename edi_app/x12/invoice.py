"""Works out what an 810 says of an invoice or credit note: parties, terms, lines, taxes, charges, totals.

The figures are Xero's own; where its lines and its total differ by rounding, the difference becomes a charge
or allowance of its own, up to the tolerance.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from core.documents import Action, Document
from core.errors import Finding
from core.formats import ExportFacts
from edi_app.mapping.findings import TOTAL_MISMATCH, WRONG_STATUS, ValueRefused
from edi_app.mapping.plain_text import number_text
from edi_app.x12.lines import LineReader, Lines, charge, required_money
from edi_app.x12.numbers import ZERO
from edi_app.x12.parties import Parties
from edi_app.x12.settings import Settings
from edi_app.x12.taxes import Taxes
from edi_app.x12.text import Cleaner

ROUNDING = "F050"
TAX = "H850"
_BUYS = frozenset({"ACCPAY", "ACCPAYCREDIT"})
_ENDED = frozenset({"VOIDED", "DELETED"})
_UNFINISHED = frozenset({"DRAFT", "SUBMITTED"})
_PURPOSES: Mapping[str, str] = {Action.CANCEL: "01", Action.CHANGE: "05"}
_SHORT_ID = 22
_LONGEST_TERM = 999


class InvoiceReader:
    """Works out the `X12` names of invoices and credit notes under one partner's settings."""

    def __init__(self, settings: Settings, cleaner: Cleaner) -> None:
        self._settings = settings
        self._lines = LineReader(settings, cleaner)
        self._taxes = Taxes(settings)
        self._parties = Parties(settings, cleaner)

    def read(self, document: Document, facts: ExportFacts, notes: list[Finding]) -> dict[str, Any]:
        """Give the `X12` values of one document. Raises ValueRefused when it must not or cannot leave."""
        values = document.values
        kind = values.get("Type") or document.kind
        _check_status(values.get("Status") or document.status, facts.action)
        is_credit = kind.endswith("CREDIT")
        sign = -1 if is_credit and self._settings.credit_sign == "negative" else 1
        country = (values.get("Organisation") or {}).get("CountryCode") or ""
        lines = self._lines.read(values, sign=sign, notes=notes)
        charges = [*lines.charges, *self._tax_charges(lines, country)]
        total = self._total(values, lines, charges, sign, facts.action, notes)
        computed: dict[str, Any] = {
            "Number": self._number(values, notes),
            "Type": "CR" if is_credit else "DI",
            "Purpose": _PURPOSES.get(facts.action),
            "Notes": lines.notes,
            "Terms": _terms(values),
            "Lines": self._with_taxes(lines, country),
            "Taxes": self._taxes.summarise(lines.taxed, country) if self._settings.tax == "summary" else [],
            "Charges": charges,
            "Total": total,
            "TotalTax": lines.tax,
            "LineCount": Decimal(len(lines.items)),
        }
        if self._settings.reference_is_po and kind not in _BUYS:
            computed["OrderNumber"] = values.get("Reference")
        self._add_parties(computed, values, buys=kind in _BUYS, notes=notes)
        return computed

    def _number(self, values: Mapping[str, Any], notes: list[Finding]) -> str | None:
        number = values.get("InvoiceNumber") or values.get("CreditNoteNumber")
        if number or self._settings.number_blank != "id":
            return number
        own = values.get("InvoiceID") or values.get("CreditNoteID") or ""
        notes.append(Finding("BIG02", "The bill has no number; the first characters of its id stand in."))
        return str(own).replace("-", "")[:_SHORT_ID].upper()

    def _with_taxes(self, lines: Lines, country: str) -> list[dict[str, Any]]:
        if self._settings.tax == "line":
            for item in lines.items:
                item["Taxes"] = self._taxes.summarise(item["Tax"], country)
        return lines.items

    def _tax_charges(self, lines: Lines, country: str) -> list[dict[str, Any]]:
        if self._settings.tax != "sac":
            return []
        return [
            charge(TAX, tax["Amount"], tax["Name"] or "Tax")
            for tax in self._taxes.summarise(lines.taxed, country)
            if tax["Amount"]
        ]

    def _total(
        self,
        values: Mapping[str, Any],
        lines: Lines,
        charges: list[dict[str, Any]],
        sign: int,
        action: str,
        notes: list[Finding],
    ) -> Decimal:
        """Give the document's total, and put a rounding difference among the charges."""
        added = lines.net + lines.tax
        if action == Action.CANCEL and values.get("Total") in (None, ZERO) and added:
            # Xero may empty the totals of what was voided; the partner is told what is taken back.
            notes.append(Finding("TDS01", "The total of the voided document is the sum of its lines."))
            return added
        total = required_money(values, "Total") * sign
        has_tax = values.get("TotalTax") is not None
        stated_tax = required_money(values, "TotalTax") * sign if has_tax else lines.tax
        if stated_tax != lines.tax:
            raise _mismatch("The tax of the lines adds", lines.tax * sign, "total tax", stated_tax * sign)
        difference = total - added
        if not difference:
            return total
        if abs(difference) > self._settings.tolerance:
            raise _mismatch("Lines add", added * sign, "invoice", total * sign)
        charges.append(charge(ROUNDING, difference, "Rounding"))
        reason = f"Lines and total differ by {number_text(difference)}; it is sent as a charge of its own."
        notes.append(Finding("SAC05", reason, code=TOTAL_MISMATCH))
        return total

    def _add_parties(
        self, computed: dict[str, Any], values: Mapping[str, Any], *, buys: bool, notes: list[Finding]
    ) -> None:
        contact = self._parties.contact(values.get("Contact") or {}, notes)
        own = self._parties.organisation(values.get("Organisation") or {}, notes)
        computed["BillTo"], computed["Seller"] = (own, contact) if buys else (contact, own)
        computed["Id"] = split_id(values.get("InvoiceID") or values.get("CreditNoteID"), self._settings)


def split_id(identity: str | None, settings: Settings) -> dict[str, str]:
    """Put an id where it fits: REF02 holds 30 characters, from 005010 on 50, REF03 holds 80."""
    if not identity:
        return {}
    return {"Short" if len(identity) <= (50 if settings.release >= "005010" else 30) else "Long": identity}


def _check_status(status: str, action: str) -> None:
    if status in _UNFINISHED:
        raise ValueRefused(f"It is {status.lower()}; only approved documents are sent.", code=WRONG_STATUS)
    if status in _ENDED and action != Action.CANCEL:
        raise ValueRefused(f"It is {status.lower()}; it can only be sent as a cancellation.", code=WRONG_STATUS)


def _terms(values: Mapping[str, Any]) -> dict[str, Any]:
    """Net terms (ITD01 `05`, counted from the invoice date `3`); none without a due date."""
    due = values.get("DueDate")
    if not isinstance(due, date):
        return {}
    terms: dict[str, Any] = {"Type": "05", "Basis": "3", "DueDate": due}
    dated = values.get("Date")
    if isinstance(dated, date):
        days = (due - dated).days
        if 0 <= days <= _LONGEST_TERM:
            terms["Days"] = Decimal(days)
    return terms


def _mismatch(what: str, one: Decimal, name: str, other: Decimal) -> ValueRefused:
    reason = f"{what} up to {number_text(one)}, the {name} says {number_text(other)}."
    return ValueRefused(reason, hint="Show the sum.", code=TOTAL_MISMATCH)
