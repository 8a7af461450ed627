"""Join what a document needs into it: full contact, organisation, tax rates, settled invoice, account.

Lists from Xero carry stubs (a contact's id and name), so the mirrored latest versions take their place. Which
versions were used is returned with each document, and pinned by the export.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.document_fields import LINES_FIELD
from core.documents import Document, Mirror, Stream
from core.models import Organisation
from core.records import latest_records
from xero_app.parse import parse_document

SETTLED: Mapping[str, tuple[str, str]] = {
    "Invoice": ("invoices", "InvoiceID"),
    "CreditNote": ("credit_notes", "CreditNoteID"),
    "Prepayment": ("prepayments", "PrepaymentID"),
    "Overpayment": ("overpayments", "OverpaymentID"),
}
"""What a payment or allocation settles: the key in the document, the stream that mirrors it, its id field."""

CREDITS: Mapping[str, str] = {
    "ACCRECCREDIT": "CreditNote",
    "ACCPAYCREDIT": "CreditNote",
    "ARPREPAYMENT": "Prepayment",
    "APPREPAYMENT": "Prepayment",
    "AROVERPAYMENT": "Overpayment",
    "APOVERPAYMENT": "Overpayment",
}
"""Types under which a payment's `Invoice` is a credit that was paid back (Xero: Invoices, Type)."""

NEEDS: Mapping[str, tuple[str, ...]] = {
    Stream.INVOICES: (Mirror.ORGANISATION, Mirror.TAX_RATES, Stream.CONTACTS),
    Stream.CREDIT_NOTES: (Mirror.ORGANISATION, Mirror.TAX_RATES, Stream.CONTACTS),
    Stream.PAYMENTS: (
        Mirror.ORGANISATION,
        Mirror.ACCOUNTS,
        Stream.CONTACTS,
        Stream.INVOICES,
        Stream.CREDIT_NOTES,
        Mirror.PREPAYMENTS,
        Mirror.OVERPAYMENTS,
    ),
    Stream.MANUAL_JOURNALS: (Mirror.ORGANISATION, Mirror.TAX_RATES),
    Stream.CONTACTS: (Mirror.ORGANISATION,),
    Stream.ALLOCATIONS: (
        Mirror.ORGANISATION,
        Stream.CONTACTS,
        Stream.INVOICES,
        Stream.CREDIT_NOTES,
        Mirror.PREPAYMENTS,
        Mirror.OVERPAYMENTS,
    ),
}
"""The streams that must be mirrored before documents of a stream are whole, in reading order."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A whole document and the ids of the record versions that were joined in."""

    document: Document
    record_ids: tuple[int, ...]


def contact_id(values: Mapping[str, Any]) -> str:
    """Give the id of the contact that a document is about, straight or through what it settles."""
    for holder in (values, *(values.get(key) or {} for key in SETTLED)):
        found = (holder.get("Contact") or {}).get("ContactID")
        if found:
            return str(found)
    return ""


def rightly_named(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put what a payment settles under its own name: Xero lists a credit that was paid back as `Invoice`."""
    stub = values.get("Invoice") or {}
    key = CREDITS.get(stub.get("Type", ""))
    if key is None:
        return values
    others = {name: value for name, value in values.items() if name != "Invoice"}
    credit = {name: value for name, value in stub.items() if name != "InvoiceID"}
    if key == "CreditNote" and "InvoiceNumber" in credit:
        credit["CreditNoteNumber"] = credit.pop("InvoiceNumber")
    return {**others, key: {SETTLED[key][1]: stub.get("InvoiceID", ""), **credit}}


def merged_into(contact: Document) -> str:
    """Name the contact that this one was merged into; empty when it was not."""
    return str(contact.values.get("MergedToContactID") or "")


def last_of(xero_id: str, known: Mapping[str, tuple[int, Document]]) -> str:
    """Follow merges to the last contact that is known; a circle ends where it began."""
    passed = {xero_id}
    while (following := merged_into(known[xero_id][1])) in known and following not in passed:
        xero_id = following
        passed.add(xero_id)
    return xero_id


def _ids(documents: Sequence[Document], key: str, id_field: str) -> list[str]:
    found = {(document.values.get(key) or {}).get(id_field) for document in documents}
    return sorted(str(item) for item in found if item)


class Joiner:
    """Joins documents of one organisation, a batch at a time; keeps the small mirrors in memory."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation
        self._keep_small_mirrors()

    def _keep_small_mirrors(self) -> None:
        self._organisation = self._mirror(Mirror.ORGANISATION)
        self._tax_rates = {
            str(document.values.get("TaxType", "")): (pk, document.values)
            for pk, document in self._mirror(Mirror.TAX_RATES)
        }

    def _mirror(self, stream: str, ids: Sequence[str] | None = None) -> list[tuple[int, Document]]:
        rows = latest_records(self.organisation, stream, ids).values_list("pk", "payload")
        return [(pk, parse_document(stream, bytes(payload))) for pk, payload in rows if payload is not None]

    def contacts(self, ids: Iterable[str]) -> dict[str, tuple[int, Document]]:
        """Give full contacts by the id asked for; a merged contact answers with the one it was merged into."""
        wanted = {found for found in ids if found}
        known: dict[str, tuple[int, Document]] = {}
        asked, missing = set(wanted), wanted
        while missing:
            new = {document.xero_id: (pk, document) for pk, document in self._mirror("contacts", sorted(missing))}
            known |= new
            missing = {merged_into(document) for _, document in new.values()} - asked - {""}
            asked |= missing
        return {xero_id: known[last_of(xero_id, known)] for xero_id in wanted if xero_id in known}

    def join(self, documents: Sequence[Document]) -> list[Joined]:
        """Make documents whole. What is not mirrored keeps Xero's stub."""
        documents = [replace(document, values=rightly_named(document.values)) for document in documents]
        settled = self._settled(documents)
        whole = [self._with_settled(document, settled) for document in documents]
        contacts = self.contacts(contact_id(joined.document.values) for joined in whole)
        accounts = self._accounts(documents)
        return [self._with_people(joined, contacts, accounts) for joined in whole]

    def _settled(self, documents: Sequence[Document]) -> dict[tuple[str, str], tuple[int, Document]]:
        found: dict[tuple[str, str], tuple[int, Document]] = {}
        for key, (stream, id_field) in SETTLED.items():
            ids = _ids(documents, key, id_field)
            if ids:
                mirrored = self._mirror(stream, ids)
                found |= {(key, document.xero_id): (pk, document) for pk, document in mirrored}
        return found

    def _with_settled(self, document: Document, settled: Mapping[tuple[str, str], tuple[int, Document]]) -> Joined:
        values, used = dict(document.values), []
        for key, (_, id_field) in SETTLED.items():
            stub = values.get(key)
            hit = settled.get((key, str(stub.get(id_field)))) if stub else None
            if hit:
                values[key] = hit[1].values
                used.append(hit[0])
        return Joined(replace(document, values=values), tuple(used))

    def _accounts(self, documents: Sequence[Document]) -> dict[str, tuple[int, Document]]:
        ids = _ids(documents, "Account", "AccountID")
        mirrored = self._mirror(Mirror.ACCOUNTS, ids) if ids else []
        return {document.xero_id: (pk, document) for pk, document in mirrored}

    def _with_people(
        self,
        joined: Joined,
        contacts: Mapping[str, tuple[int, Document]],
        accounts: Mapping[str, tuple[int, Document]],
    ) -> Joined:
        document, used = joined.document, list(joined.record_ids)
        values = dict(document.values)
        joins = [
            ("Organisation", self._organisation[0] if self._organisation else None),
            ("Contact", contacts.get(contact_id(values))),
            ("Account", accounts.get(str((values.get("Account") or {}).get("AccountID")))),
        ]
        for key, hit in joins:
            if hit:
                values[key] = hit[1].values
                used.append(hit[0])
        used += self._join_tax_rates(document.stream, values)
        return Joined(replace(document, values=values), tuple(dict.fromkeys(used)))

    def _join_tax_rates(self, stream: str, values: dict[str, Any]) -> list[int]:
        """Join tax rates into lines; give the ids of the versions that were used."""
        lines_field = LINES_FIELD.get(stream)
        if lines_field is None or not values.get(lines_field):
            return []
        rates, lines = self._tax_rates, values[lines_field]
        values[lines_field] = [
            line | {"TaxRate": rates[line["TaxType"]][1]} if line.get("TaxType") in rates else line for line in lines
        ]
        return [rates[line["TaxType"]][0] for line in lines if line.get("TaxType") in rates]


class PinnedJoiner(Joiner):
    """Joins the versions that an earlier export of one document used (`ExportContent.joined`), whatever is newer."""

    def __init__(self, versions: Sequence[tuple[int, Document]]) -> None:
        self._versions = versions
        self._keep_small_mirrors()

    def _mirror(self, stream: str, ids: Sequence[str] | None = None) -> list[tuple[int, Document]]:
        return [
            (pk, document)
            for pk, document in self._versions
            if document.stream == stream and (ids is None or document.xero_id in ids)
        ]

    def contacts(
        self, ids: Iterable[str], *, followed: frozenset[str] = frozenset()
    ) -> dict[str, tuple[int, Document]]:
        """Give the contact that was used, under the id asked for: it may have been merged into another one."""
        used = [hit for hit in self._mirror(Stream.CONTACTS) if hit[1].xero_id not in followed]
        return {found: used[0] for found in ids if found and used}
