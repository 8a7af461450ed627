"""Organisation, accounts, tax rates and manual journals."""

from datetime import UTC, datetime

from xero_app.simulator.books import Books
from xero_app.simulator.documents import Doc, Row
from xero_app.simulator.shapes.view import View
from xero_app.simulator.wire import BareStamp, Stamp


def organisation(books: Books) -> Doc:
    """The organisation; OrganisationID is the connection's tenantId."""
    country = books.country
    return {
        "Name": books.name, "LegalName": books.name, "PaysTax": True, "Version": country.code,
        "OrganisationType": "COMPANY", "BaseCurrency": books.base_currency, "CountryCode": country.code,
        "IsDemoCompany": False, "OrganisationStatus": "ACTIVE", "TaxNumber": "071-138-054",
        "FinancialYearEndDay": 31, "FinancialYearEndMonth": 3, "SalesTaxBasis": "ACCRUALS",
        "SalesTaxPeriod": "TWOMONTHS", "DefaultSalesTax": "Tax Exclusive", "DefaultPurchasesTax": "Tax Exclusive",
        "PeriodLockDate": books.lock_date, "CreatedDateUTC": BareStamp(_CREATED),
        "OrganisationEntityType": "COMPANY", "Timezone": books.time_zone, "ShortCode": books.short_code,
        "OrganisationID": books.tenant_id, "Edition": "BUSINESS", "Class": "PREMIUM",
        "Addresses": [_address(books, kind) for kind in ("STREET", "POBOX", "DELIVERY")],
        "Phones": [{"PhoneType": "OFFICE", "PhoneNumber": "800-1234", "PhoneAreaCode": "512",
        "PhoneCountryCode": "1"}],
        "ExternalLinks": [], "PaymentTerms": {"Sales": {"Day": 30, "Type": "DAYSAFTERBILLDATE"}},
    }  # fmt: skip


_CREATED = int(datetime(2012, 2, 18, 19, 36, 33, tzinfo=UTC).timestamp() * 1000)


def _address(books: Books, kind: str) -> Doc:
    city, region, postal = books.country.cities[0]
    return {
        "AddressType": kind, "AddressLine1": "1 Harbor Road", "City": city, "Region": region, "PostalCode": postal,
        "Country": books.country.name, "AttentionTo": "",
    }  # fmt: skip


def account(books: Books, row: Row, view: View) -> Doc:
    """One account of the chart; Code may be missing."""
    return {**books.doc(row), "UpdatedDateUTC": Stamp(row.updated_ms)}


def tax_rate(books: Books, row: Row, view: View) -> Doc:
    """A tax rate with its components; it has no id and no update time."""
    return books.doc(row)


def manual_journal(books: Books, row: Row, view: View) -> Doc:
    """A manual journal; its lines only in paged lists and single reads. No number, no currency, no DateString."""
    doc = books.doc(row)
    shown: Doc = {key: doc[key] for key in ("Date", "Status", "LineAmountTypes")}
    shown |= {"UpdatedDateUTC": Stamp(row.updated_ms), "ManualJournalID": row.id, "Narration": doc["Narration"]}
    shown["JournalLines"] = doc["JournalLines"] if view.lines else []
    return shown | {key: doc[key] for key in ("ShowOnCashBasisReports", "HasAttachments")}
