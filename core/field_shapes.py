"""How fields are described, and the shapes that documents share: contact, organisation, account, tax rate.

Source: Xero's published accounting specification, schemas of the same names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """What a document holds there: `str`, `Decimal`, `date`, aware UTC `datetime`, `bool`, `list`, `dict`."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    MOMENT = "moment"
    FLAG = "flag"
    LIST = "list"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `fields` are those of the object, or of each item of the list; empty for plain values."""

    kind: Kind
    fields: Mapping[str, "Field"] = field(default_factory=dict)


Shape = Mapping[str, Field]


def shape(
    *,
    text: str = "",
    number: str = "",
    date: str = "",
    moment: str = "",
    flag: str = "",
    lists: Mapping[str, Shape] = MappingProxyType({}),
    objects: Mapping[str, Shape] = MappingProxyType({}),
) -> Shape:
    """Build one object's fields from names separated by blanks, kind by kind."""
    plain = {Kind.TEXT: text, Kind.NUMBER: number, Kind.DATE: date, Kind.MOMENT: moment, Kind.FLAG: flag}
    fields = {name: Field(kind) for kind, names in plain.items() for name in names.split()}
    fields |= {name: Field(Kind.LIST, inner) for name, inner in lists.items()}
    fields |= {name: Field(Kind.OBJECT, inner) for name, inner in objects.items()}
    return MappingProxyType(fields)


def merged(*shapes: Shape) -> Shape:
    """Put the fields of several shapes into one."""
    return MappingProxyType({name: item for part in shapes for name, item in part.items()})


ADDRESS = shape(
    text="AddressType AddressLine1 AddressLine2 AddressLine3 AddressLine4 City Region PostalCode Country AttentionTo"
)
_PHONE = shape(text="PhoneType PhoneNumber PhoneAreaCode PhoneCountryCode")
_TERMS = shape(
    objects={
        "Bills": shape(number="Day", text="Type"),
        "Sales": shape(number="Day", text="Type"),
    }
)
_OUTSTANDING = shape(number="Outstanding Overdue")
TRACKING = shape(text="TrackingCategoryID TrackingOptionID Name Option")
_TRACKING_DEFAULT = shape(text="TrackingCategoryName TrackingOptionName")

CONTACT = shape(
    text="ContactID MergedToContactID ContactNumber AccountNumber ContactStatus Name FirstName LastName"
    " CompanyNumber EmailAddress BankAccountDetails TaxNumber TaxNumberType AccountsReceivableTaxType"
    " AccountsPayableTaxType SalesDefaultLineAmountType PurchasesDefaultLineAmountType DefaultCurrency"
    " XeroNetworkKey SalesDefaultAccountCode PurchasesDefaultAccountCode TrackingCategoryName"
    " TrackingCategoryOption Website",
    number="Discount",
    moment="UpdatedDateUTC",
    flag="IsSupplier IsCustomer HasAttachments",
    lists={
        "Addresses": ADDRESS,
        "Phones": _PHONE,
        "ContactPersons": shape(text="FirstName LastName EmailAddress", flag="IncludeInEmails"),
        "ContactGroups": shape(text="ContactGroupID Name Status"),
        "SalesTrackingCategories": _TRACKING_DEFAULT,
        "PurchasesTrackingCategories": _TRACKING_DEFAULT,
    },
    objects={
        "PaymentTerms": _TERMS,
        "BatchPayments": shape(text="BankAccountNumber BankAccountName Details Code Reference"),
        "Balances": shape(objects={"AccountsReceivable": _OUTSTANDING, "AccountsPayable": _OUTSTANDING}),
        "BrandingTheme": shape(text="BrandingThemeID Name"),
    },
)

ORGANISATION = shape(
    text="OrganisationID Name LegalName Version OrganisationType BaseCurrency CountryCode OrganisationStatus"
    " RegistrationNumber EmployerIdentificationNumber TaxNumber SalesTaxBasis SalesTaxPeriod DefaultSalesTax"
    " DefaultPurchasesTax Timezone OrganisationEntityType ShortCode Class Edition LineOfBusiness",
    number="FinancialYearEndDay FinancialYearEndMonth",
    date="PeriodLockDate EndOfYearLockDate",
    moment="CreatedDateUTC",
    flag="PaysTax IsDemoCompany",
    lists={
        "Addresses": ADDRESS,
        "Phones": _PHONE,
        "ExternalLinks": shape(text="LinkType Url Description"),
    },
    objects={"PaymentTerms": _TERMS},
)

ACCOUNT = shape(
    text="AccountID Code Name Type BankAccountNumber Status Description BankAccountType CurrencyCode TaxType"
    " Class SystemAccount ReportingCode ReportingCodeName",
    moment="UpdatedDateUTC",
    flag="EnablePaymentsToAccount ShowInExpenseClaims HasAttachments AddToWatchlist",
)

TAX_RATE = shape(
    text="Name TaxType Status ReportTaxType",
    number="DisplayTaxRate EffectiveRate",
    flag="CanApplyToAssets CanApplyToEquity CanApplyToExpenses CanApplyToLiabilities CanApplyToRevenue",
    lists={"TaxComponents": shape(text="Name", number="Rate", flag="IsCompound IsNonRecoverable")},
)
