"""Seeded contacts: complete and half-empty ones, archived, merged and with hostile names."""

from datetime import datetime, timedelta
from decimal import Decimal

from xero_app.simulator.chance import Chance
from xero_app.simulator.documents import Doc, Row
from xero_app.simulator.seed.countries import FOREIGN, Country
from xero_app.simulator.seed.words import (
    ATTENTION,
    COMPANIES,
    FIRST_NAMES,
    LAST_NAMES,
    NASTY_NAMES,
    STREETS,
    SUFFIXES,
)

ROLES = ("customer", "supplier", "both")
_TERMS = ("DAYSAFTERBILLDATE", "DAYSAFTERBILLMONTH", "OFCURRENTMONTH", "OFFOLLOWINGMONTH")


def contact_rows(*, chance: Chance, count: int, country: Country, base: str, nasty: bool, until: datetime) -> list[Row]:
    """`count` contacts; at least customers and suppliers, one archived, one merged when there are ten or more."""
    rows = [
        _contact_row(chance, number, country=country, base=base, nasty=nasty, until=until) for number in range(count)
    ]
    if count >= 10:
        _archive(rows[7])
        _archive(rows[9], merged_to=rows[3].id)
    return rows


def blank_contact(*, contact_id: str, name: str) -> Doc:
    """The fields that every contact has, as Xero fills them for a contact of which only the name is known."""
    return {
        "ContactID": contact_id, "ContactStatus": "ACTIVE", "Name": name, "EmailAddress": "",
        "BankAccountDetails": "",
        "Addresses": [_empty_address("STREET"), _empty_address("POBOX")],
        "Phones": [_phone(kind) for kind in ("DDI", "DEFAULT", "FAX", "MOBILE")],
        "ContactGroups": [], "IsSupplier": False, "IsCustomer": False, "ContactPersons": [],
        "HasAttachments": False,
    }  # fmt: skip


def _contact_row(chance: Chance, number: int, *, country: Country, base: str, nasty: bool, until: datetime) -> Row:
    name = _name(chance, number, nasty=nasty)
    doc = blank_contact(contact_id=chance.uuid(), name=name)
    role = ROLES[number % 3]
    doc |= {"IsCustomer": role != "supplier", "IsSupplier": role != "customer"}
    _add_identity(chance, doc, number)
    doc["Addresses"] = [_address(chance, "STREET", country), _address(chance, "POBOX", country)]
    doc["DefaultCurrency"] = chance.pick(FOREIGN) if chance.happens(0.2) else base
    _add_terms(chance, doc)
    moment = until - timedelta(days=chance.between(1, 700), seconds=chance.between(0, 86_000))
    return Row(
        stream="contacts", xero_id=doc["ContactID"],
        updated_ms=int(moment.timestamp() * 1000) + chance.between(0, 999),
        status="ACTIVE", number=doc.get("ContactNumber", ""), contact_id=doc["ContactID"], doc=doc,
    )  # fmt: skip


def _name(chance: Chance, number: int, *, nasty: bool) -> str:
    if nasty and number % 6 == 5:
        suffix = f" {number}" if number >= 60 else ""
        return NASTY_NAMES[(number // 6) % len(NASTY_NAMES)][: 255 - len(suffix)] + suffix
    name = f"{COMPANIES[number % len(COMPANIES)]} {chance.pick(SUFFIXES)}".strip()
    return name if number < len(COMPANIES) else f"{name} {number}"


def _add_identity(chance: Chance, doc: Doc, number: int) -> None:
    if chance.happens(0.7):
        doc["ContactNumber"] = f"C{number + 1:05d}"
    if chance.happens(0.6):
        doc["AccountNumber"] = f"ACME{number + 1:02d}" if number < 99 else f"AC-{number + 1}"
    if chance.happens(0.6):
        doc["FirstName"], doc["LastName"] = chance.pick(FIRST_NAMES), chance.pick(LAST_NAMES)
    if chance.happens(0.8):
        doc["EmailAddress"] = f"accounts{number + 1}@example.com"
    if chance.happens(0.5):
        doc["TaxNumber"] = f"{chance.between(10, 99)}-{chance.between(100, 999)}-{chance.between(100, 999)}"
    if chance.happens(0.3):
        doc["BankAccountDetails"] = f"12-3456-{chance.between(10**6, 10**7 - 1)}-00"
    doc["Phones"][1] |= {
        "PhoneNumber": f"{chance.between(200, 999)}-{chance.between(1000, 9999)}",
        "PhoneAreaCode": "512",
    }
    if chance.happens(0.2):
        doc["ContactPersons"] = [
            {
                "FirstName": chance.pick(FIRST_NAMES), "LastName": chance.pick(LAST_NAMES),
                "EmailAddress": f"person{number}@example.com", "IncludeInEmails": chance.happens(0.5),
            }
        ]  # fmt: skip


def _address(chance: Chance, kind: str, country: Country) -> Doc:
    if chance.happens(0.25):
        return _empty_address(kind)
    city, region, postal = chance.pick(country.cities)
    address: Doc = {"AddressType": kind, "AddressLine1": chance.pick(STREETS)}
    if chance.happens(0.3):
        address |= {"AddressLine2": "", "AddressLine3": "c/o Accounts ~ Payable"}
    address |= {"City": city, "Region": region, "PostalCode": postal}
    address["Country"] = chance.pick((country.name, country.code, "", country.name.upper()))
    address["AttentionTo"] = chance.pick(ATTENTION)
    return address


def _empty_address(kind: str) -> Doc:
    return {"AddressType": kind, "City": "", "Region": "", "PostalCode": "", "Country": "", "AttentionTo": ""}


def _phone(kind: str) -> Doc:
    return {"PhoneType": kind, "PhoneNumber": "", "PhoneAreaCode": "", "PhoneCountryCode": ""}


def _add_terms(chance: Chance, doc: Doc) -> None:
    if chance.happens(0.4):
        doc["PaymentTerms"] = {
            "Bills": {"Day": chance.between(1, 31), "Type": chance.pick(_TERMS)},
            "Sales": {"Day": chance.between(1, 31), "Type": chance.pick(_TERMS)},
        }
    if chance.happens(0.1):
        doc["Discount"] = Decimal("12.50")


def _archive(row: Row, *, merged_to: str = "") -> None:
    doc = row.doc or {}
    doc["ContactStatus"] = row.status = "ARCHIVED"
    if merged_to:
        doc["MergedToContactID"] = merged_to
