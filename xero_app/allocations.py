"""Allocations: credit applied to invoices, taken out of credit notes, prepayments and overpayments.

Xero lists them inside the credit only. Each becomes an object of its own, built from the credit's own bytes, so
that every amount stays as Xero wrote it.
"""

import uuid
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from core.documents import Mirror, Stream
from xero_app.errors import XeroBadRecord
from xero_app.facts import id_field

SOURCES: Mapping[str, str] = MappingProxyType(
    {
        Stream.CREDIT_NOTES: "CreditNote",
        Mirror.PREPAYMENTS: "Prepayment",
        Mirror.OVERPAYMENTS: "Overpayment",
    }
)
"""The streams that allocations are derived from, and what the credit is called inside an allocation."""

_NAMESPACE = uuid.UUID("5a4c9f1e-8f0a-4c64-9a63-0d1d2f4c7b11")

# Beside the credit itself an allocation has its contact, currency and update time.
_SHARED = ("Contact", "CurrencyCode", "CurrencyRate", "UpdatedDateUTC")
# What stays the same of a credit while it is used up; the whole credit is joined in later, as with payments.
_STUB = (
    "CreditNoteID", "CreditNoteNumber", "PrepaymentID", "OverpaymentID", "InvoiceNumber", "Type", "Date",
    "DateString", "Reference", "CurrencyCode", "CurrencyRate", "SubTotal", "TotalTax", "Total",
)  # fmt: skip
_ENDED = (b'"VOIDED"', b'"DELETED"')

Raws = dict[str, msgspec.Raw]


def derive_allocations(stream: str, payload: bytes, *, previous: bytes | None = None) -> tuple[bytes, ...]:
    """Build a credit's allocations, as bytes that `parse_document("allocations", ...)` reads.

    With the credit's `previous` version only what is new or changed since; what is no longer listed comes with
    `IsDeleted`, since Xero drops removed allocations without a trace. Raises `XeroBadRecord`.
    """
    try:
        found = _derive(stream, payload)
        before = _derive(stream, previous) if previous is not None else {}
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise XeroBadRecord(stream, place="Allocations", reason=str(error)) from error
    stamp = _raws(payload).get("UpdatedDateUTC", msgspec.Raw(b"null"))
    changed = [item for xero_id, item in found.items() if _essence(item) != _essence(before.get(xero_id))]
    gone = [
        {**item, "IsDeleted": True, "UpdatedDateUTC": stamp} for xero_id, item in before.items() if xero_id not in found
    ]
    return tuple(msgspec.json.encode(item) for item in (*changed, *gone))


def _derive(stream: str, payload: bytes) -> dict[str, dict[str, Any]]:
    credit = _raws(payload)
    shared: dict[str, Any] = {name: credit[name] for name in _SHARED if name in credit}
    shared |= {SOURCES[stream]: {name: credit[name] for name in _STUB if name in credit}}
    if bytes(credit.get("Status", b"")) in _ENDED:
        shared |= {"IsDeleted": True}
    allocations = msgspec.json.decode(credit.get("Allocations", b"[]"), type=list[Raws])
    found = {}
    for position, allocation in enumerate(allocations):
        xero_id = _own_id(allocation) or _made_id(stream, credit, allocation, position)
        found[xero_id] = {**allocation, "AllocationID": xero_id, **shared}
    return found


def _raws(payload: bytes) -> Raws:
    return msgspec.json.decode(payload, type=Raws)


def _own_id(allocation: Raws) -> str:
    return msgspec.json.decode(allocation.get("AllocationID", b'""'), type=str)


def _made_id(stream: str, credit: Raws, allocation: Raws, position: int) -> str:
    """Old allocations have no id: credit, invoice and place name them instead."""
    invoice = bytes(msgspec.json.decode(allocation.get("Invoice", b"{}"), type=Raws).get("InvoiceID", b""))
    name = bytes(credit.get(id_field(stream), b"")) + invoice + str(position).encode()
    return str(uuid.uuid5(_NAMESPACE, name.decode(errors="replace")))


def _essence(item: Mapping[str, Any] | None) -> bytes:
    if item is None:
        return b""
    return msgspec.json.encode({name: value for name, value in item.items() if name != "UpdatedDateUTC"})
