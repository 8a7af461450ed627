"""Links from a record to its own page in Xero (Xero's developer guide, "Deep link to Xero")."""

from urllib.parse import quote

from core.models import Record

ENTRY = "https://go.xero.com/organisationlogin/default.aspx"
PAGES = {
    "ACCREC": "/AccountsReceivable/View.aspx?InvoiceID=",
    "ACCPAY": "/AccountsPayable/Edit.aspx?InvoiceID=",
    "contacts": "/Contacts/View/",
}
"""By an invoice's type, else by stream. What Xero names no address for has no link."""


def address_in_xero(record: Record) -> str:
    """Give the address of a record in Xero; empty where Xero has none, or before its organisation was read."""
    page = PAGES.get(record.kind) or PAGES.get(record.stream)
    code = record.organisation.short_code
    if not page or not code:
        return ""
    return f"{ENTRY}?shortcode={quote(code, safe='!')}&redirecturl={page}{quote(record.xero_id, safe='')}"
