"""Creating, changing, archiving and merging contacts."""

from xero_app.simulator.checks import check_fields
from xero_app.simulator.documents import Doc, Row
from xero_app.simulator.given import exact
from xero_app.simulator.ledger import Ledger, Refusal
from xero_app.simulator.seed.contacts import blank_contact


def create_contact(ledger: Ledger, fields: Doc) -> Row:
    """A new active contact; whatever is not given is as empty as Xero leaves it."""
    given = {name: value for name, value in exact(fields).items() if value is not None}
    check_fields("contacts", given, books=ledger.books)
    contact_id = given.pop("ContactID", None) or ledger.new_id()
    doc = blank_contact(contact_id=contact_id, name=given.pop("Name", "New contact"))
    doc |= {"IsCustomer": True, "IsSupplier": True, "DefaultCurrency": ledger.books.base_currency, **given}
    return ledger.add("contacts", doc, xero_id=contact_id)


def update_contact(ledger: Ledger, contact_id: str, fields: Doc) -> Row:
    """Changes fields of a contact; IsCustomer, IsSupplier and Balances alone do not bump it."""
    given = {name: value for name, value in exact(fields).items() if name != "ContactID"}
    check_fields("contacts", given, books=ledger.books)
    row, doc = ledger.edit("contacts", contact_id)
    changed = {name for name, value in given.items() if doc.get(name) != value}
    doc.update({name: value for name, value in given.items() if value is not None})
    for name in [name for name, value in given.items() if value is None]:
        doc.pop(name, None)
    silent = bool(changed) and changed <= {"IsCustomer", "IsSupplier", "Balances"}
    ledger.done(row, doc, bump=not silent)
    return row


def archive_contact(ledger: Ledger, contact_id: str) -> Row:
    """Archives a contact: lists leave it out unless includeArchived is asked."""
    row, doc = ledger.edit("contacts", contact_id)
    doc["ContactStatus"] = "ARCHIVED"
    ledger.done(row, doc)
    return row


def merge_contact(ledger: Ledger, contact_id: str, *, into: str) -> Row:
    """Merges a contact into another: archived, MergedToContactID set, its documents show the other one."""
    target = ledger.books.find("contacts", into)
    if target.id == contact_id or ledger.books.contact(into)["ContactID"] == contact_id:
        msg = "A contact cannot be merged into itself."
        raise Refusal(msg)
    row, doc = ledger.edit("contacts", contact_id)
    doc |= {"ContactStatus": "ARCHIVED", "MergedToContactID": target.id}
    ledger.done(row, doc)
    return row
