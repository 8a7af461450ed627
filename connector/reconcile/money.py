"""Money of documents for sums: what a document amounts to, in its own currency and in the organisation's."""

from decimal import ROUND_HALF_UP, Decimal

from core.documents import Document

CENT = Decimal("0.01")


def amount_of(document: Document) -> Decimal:
    """Give what a document amounts to; for manual journals their debits, for contacts nothing."""
    return (document.total if document.total is not None else Decimal(0)) + Decimal("0.00")


def base_of(document: Document) -> Decimal:
    """Give the amount in the organisation's currency, rounded to the cent as each document is booked.

    CurrencyRate is the number of the document's units in one unit of the base currency (Xero's page "Invoices")."""
    rate = document.values.get("CurrencyRate")
    if not rate or rate == 1:
        return amount_of(document)
    return (amount_of(document) / Decimal(rate)).quantize(CENT, ROUND_HALF_UP)
