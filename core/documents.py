"""Documents: Xero objects as plain values in Xero's own field names.

A document's `values` are what mappings read: money and quantities as `Decimal` (never float, scale kept as
Xero wrote it), calendar dates as `date` (never shifted through a zone), moments as aware UTC `datetime`,
text as `str`, missing things simply absent. `core/document_fields.py` says which fields Xero has.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Stream(StrEnum):
    """What is read from Xero. `allocations` is derived: credit applied to invoices."""

    INVOICES = "invoices"
    PAYMENTS = "payments"
    MANUAL_JOURNALS = "manual_journals"
    CONTACTS = "contacts"
    CREDIT_NOTES = "credit_notes"
    ALLOCATIONS = "allocations"


class Mirror(StrEnum):
    """What is kept as latest version only because documents need it joined in."""

    ORGANISATION = "organisation"
    ACCOUNTS = "accounts"
    TAX_RATES = "tax_rates"
    PREPAYMENTS = "prepayments"
    OVERPAYMENTS = "overpayments"


class Action(StrEnum):
    """What a partner is told about an object (`Export.Action` in mappings)."""

    NEW = "new"
    CHANGE = "change"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Document:
    """One version of one Xero object. `total` is the amount shown to people and summed in counts."""

    stream: str
    xero_id: str
    values: Mapping[str, Any] = field(repr=False)
    updated_at: datetime
    number: str = ""
    kind: str = ""
    """Xero's own Type (ACCREC, ACCPAY, ...), PaymentType for payments, empty elsewhere."""
    status: str = ""
    contact_id: str = ""
    dated_on: date | None = None
    currency: str = ""
    total: Decimal | None = None
