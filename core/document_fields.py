"""The fields that each stream's documents have, in Xero's own names, and what kind of value each one holds.

One tree serves the reader (which kind to make of a JSON value) and the mapping check (which paths exist).
Source: Xero's published accounting specification, schemas of the same names; joined, derived and own fields
are marked where they are added.
"""

from collections.abc import Mapping
from types import MappingProxyType

from core.documents import Mirror, Stream
from core.field_shapes import (
    ACCOUNT,
    ADDRESS,
    CONTACT,
    ORGANISATION,
    TAX_RATE,
    TRACKING,
    Field,
    Kind,
    Shape,
    merged,
    shape,
)

__all__ = ["FIELDS", "ID_FIELD", "LINES_FIELD", "MIRRORS", "Field", "Kind", "Shape"]

# `TaxRate` is joined by the line's TaxType; Xero itself lists only the type.
LINE_ITEM = shape(
    text="LineItemID Description ItemCode AccountCode AccountID TaxType RepeatingInvoiceID Taxability",
    number="Quantity UnitAmount LineAmount TaxAmount DiscountRate DiscountAmount SalesTaxCodeId",
    lists={
        "Tracking": TRACKING,
        "TaxBreakdown": shape(
            text="TaxComponentId Type Name StateAssignedNo JurisdictionRegion",
            number="TaxPercentage TaxAmount TaxableAmount NonTaxableAmount ExemptAmount",
        ),
    },
    objects={"Item": shape(text="ItemID Name Code"), "TaxRate": TAX_RATE},
)

JOURNAL_LINE = shape(
    text="AccountCode AccountID Description TaxType",
    number="LineAmount TaxAmount",
    flag="IsBlank",
    lists={"Tracking": TRACKING},
    objects={"TaxRate": TAX_RATE},
)

# Ours, for rows that are lines: the position counted from 1, the amount without tax, and whether the row is
# a tax line that was split off (a manual journal's tax as lines of its own).
_LINE_EXTRA = shape(number="Number NetAmount", flag="IsTax")

EXPORT = shape(text="Action Key", number="Version Sequence Position")

_APPLIED_PAYMENT = shape(
    text="PaymentID Reference BatchPaymentID PaymentType Status",
    number="Amount BankAmount CurrencyRate",
    date="Date",
    flag="HasAccount",
)
_APPLIED_CREDIT = shape(
    text="CreditNoteID CreditNoteNumber PrepaymentID OverpaymentID Type Status Reference CurrencyCode",
    number="AppliedAmount Total SubTotal TotalTax RemainingCredit CurrencyRate",
    date="Date",
)
_INVOICE_STUB = shape(text="InvoiceID InvoiceNumber Type CurrencyCode")
_ALLOCATION = shape(
    text="AllocationID",
    number="Amount",
    date="Date",
    flag="IsDeleted",
    objects={"Invoice": _INVOICE_STUB},
)

# What invoices, credit notes, prepayments and overpayments have in common.
_TRADE = shape(
    text="Type Status LineAmountTypes CurrencyCode Reference BrandingThemeID DateString DueDateString"
    " UpdatedDateUTCString",
    number="CurrencyRate SubTotal TotalTax Total",
    date="Date DueDate FullyPaidOnDate",
    moment="UpdatedDateUTC",
    flag="SentToContact HasAttachments",
    lists={"LineItems": LINE_ITEM, "Payments": _APPLIED_PAYMENT},
    objects={"Contact": CONTACT},
)
_INVOICE_ADDRESS = merged(ADDRESS, shape(text="InvoiceAddressType"))

INVOICE = merged(
    _TRADE,
    shape(
        text="InvoiceID InvoiceNumber RepeatingInvoiceID Url",
        number="AmountDue AmountPaid AmountCredited TotalDiscount CISDeduction CISRate",
        date="ExpectedPaymentDate PlannedPaymentDate",
        flag="IsDiscounted",
        lists={
            "CreditNotes": _APPLIED_CREDIT,
            "Prepayments": _APPLIED_CREDIT,
            "Overpayments": _APPLIED_CREDIT,
            "InvoiceAddresses": _INVOICE_ADDRESS,
        },
    ),
)

_CREDIT = shape(number="RemainingCredit AppliedAmount", lists={"Allocations": _ALLOCATION})
CREDIT_NOTE = merged(
    _TRADE,
    _CREDIT,
    shape(
        text="CreditNoteID CreditNoteNumber",
        number="CISDeduction CISRate",
        lists={"InvoiceAddresses": _INVOICE_ADDRESS},
    ),
)
PREPAYMENT = merged(_TRADE, _CREDIT, shape(text="PrepaymentID InvoiceNumber"))
OVERPAYMENT = merged(_TRADE, _CREDIT, shape(text="OverpaymentID"))

BATCH_PAYMENT = shape(
    text="BatchPaymentID Type Status Reference Particulars Code Details Narrative DateString",
    number="TotalAmount Amount",
    date="Date",
    moment="UpdatedDateUTC",
    flag="IsReconciled",
    lists={"Payments": _APPLIED_PAYMENT},
    objects={"Account": ACCOUNT},
)

# `Contact` is joined from what the payment settles.
PAYMENT = shape(
    text="PaymentID PaymentType Status Reference InvoiceNumber CreditNoteNumber BatchPaymentID Code"
    " BankAccountNumber Particulars Details UpdatedDateUTCString",
    number="Amount BankAmount CurrencyRate",
    date="Date",
    moment="UpdatedDateUTC",
    flag="IsReconciled HasAccount",
    objects={
        "Invoice": INVOICE,
        "CreditNote": CREDIT_NOTE,
        "Prepayment": PREPAYMENT,
        "Overpayment": OVERPAYMENT,
        "BatchPayment": BATCH_PAYMENT,
        "Account": ACCOUNT,
        "Contact": CONTACT,
    },
)

MANUAL_JOURNAL = shape(
    text="ManualJournalID Narration Status LineAmountTypes Url",
    date="Date",
    moment="UpdatedDateUTC",
    flag="ShowOnCashBasisReports HasAttachments",
    lists={"JournalLines": JOURNAL_LINE},
)

# Derived: one application of a credit note, prepayment or overpayment to an invoice. Exactly one of the
# three is present; contact, currency and update time are those of the credit.
ALLOCATION = shape(
    text="AllocationID CurrencyCode",
    number="Amount CurrencyRate",
    date="Date",
    moment="UpdatedDateUTC",
    flag="IsDeleted",
    objects={
        "Invoice": INVOICE,
        "CreditNote": CREDIT_NOTE,
        "Prepayment": PREPAYMENT,
        "Overpayment": OVERPAYMENT,
        "Contact": CONTACT,
    },
)

_JOINED = shape(objects={"Organisation": ORGANISATION, "Export": EXPORT})


def _with_lines(document: Shape, line: Shape) -> Shape:
    return merged(document, _JOINED, shape(objects={"Line": merged(line, _LINE_EXTRA)}))


FIELDS: Mapping[str, Shape] = MappingProxyType(
    {
        Stream.INVOICES: _with_lines(INVOICE, LINE_ITEM),
        Stream.CREDIT_NOTES: _with_lines(CREDIT_NOTE, LINE_ITEM),
        Stream.MANUAL_JOURNALS: _with_lines(MANUAL_JOURNAL, JOURNAL_LINE),
        Stream.PAYMENTS: merged(PAYMENT, _JOINED),
        Stream.CONTACTS: merged(CONTACT, _JOINED),
        Stream.ALLOCATIONS: merged(ALLOCATION, _JOINED),
    }
)
"""Everything that a mapping of the stream may name, joins, `Line` and `Export` included."""

MIRRORS: Mapping[str, Shape] = MappingProxyType(
    {
        Mirror.ORGANISATION: ORGANISATION,
        Mirror.ACCOUNTS: ACCOUNT,
        Mirror.TAX_RATES: TAX_RATE,
        Mirror.PREPAYMENTS: PREPAYMENT,
        Mirror.OVERPAYMENTS: OVERPAYMENT,
    }
)
"""What is kept as latest version only, to be joined in."""

LINES_FIELD: Mapping[str, str] = MappingProxyType(
    {
        Stream.INVOICES: "LineItems",
        Stream.CREDIT_NOTES: "LineItems",
        Stream.MANUAL_JOURNALS: "JournalLines",
    }
)
"""The list whose items become `Line` where rows are lines; other streams have no lines."""

ID_FIELD: Mapping[str, str] = MappingProxyType(
    {
        Stream.INVOICES: "InvoiceID",
        Stream.CREDIT_NOTES: "CreditNoteID",
        Stream.MANUAL_JOURNALS: "ManualJournalID",
        Stream.PAYMENTS: "PaymentID",
        Stream.CONTACTS: "ContactID",
        Stream.ALLOCATIONS: "AllocationID",
    }
)
"""The field that holds the object's own id."""
