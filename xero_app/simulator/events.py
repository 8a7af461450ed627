"""Webhook events and their bodies, byte for byte as they are signed."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from xero_app.simulator.books import Books
from xero_app.simulator.chance import Chance
from xero_app.simulator.documents import Row
from xero_app.simulator.wire import iso_second

CATEGORIES = {
    "invoices": ("INVOICE", "Invoices"),
    "contacts": ("CONTACT", "Contacts"),
    "credit_notes": ("CREDITNOTE", "CreditNotes"),
    "prepayments": ("PREPAYMENT", "Prepayments"),
    "overpayments": ("OVERPAYMENT", "Overpayments"),
}
"""Streams that have webhooks; payments and manual journals have none, so those always have to be polled."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event of one subscription, with its place in the sequence."""

    sequence: int
    created_at: datetime
    content: dict[str, Any]


def event_content(*, books: Books, row: Row, kind: str, at: datetime) -> dict[str, Any]:
    """The event of a change: `kind` is CREATE or UPDATE. LookupError for a stream without webhooks."""
    if row.stream not in CATEGORIES:
        msg = f"Xero sends no webhooks for {row.stream}."
        raise LookupError(msg)
    category, path = CATEGORIES[row.stream]
    content: dict[str, Any] = {
        "resourceUrl": f"https://api.xero.com/api.xro/2.0/{path}/{row.id}",
        "resourceId": row.id,
        "tenantId": books.tenant_id,
        "tenantType": "ORGANISATION",
        "eventCategory": category,
        "eventType": kind,
        "eventDateUtc": at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}",
    }
    if category == "CREDITNOTE":
        content["data"] = {"Type": row.kind, "Status": row.status}
    elif category in ("PREPAYMENT", "OVERPAYMENT"):
        content["data"] = {
            "Type": row.kind, "Status": row.status, "UpdatedDateUTCString": iso_second(row.updated_ms),
        }  # fmt: skip
    return content


def payload(events: list[Event], *, chance: Chance) -> bytes:
    """The body: with blanks after some colons, as the real ones, so that writing it again breaks the signature."""
    first = events[0].sequence if events else 0
    last = events[-1].sequence if events else 0
    entropy = "".join(chr(65 + chance.between(0, 25)) for _ in range(20))
    listed = msgspec.json.encode([event.content for event in events]).decode()
    text = f'{{"events":{listed},"firstEventSequence": {first},"lastEventSequence": {last}, "entropy": "{entropy}"}}'
    return text.encode()


def signature(body: bytes, *, key: str) -> str:
    """x-xero-signature: base64 of HMAC-SHA256 over the raw body; the key is used as the text it is."""
    return base64.b64encode(hmac.new(key.encode(), body, hashlib.sha256).digest()).decode()


def spoiled(text: str, *, chance: Chance) -> str:
    """The same signature with one character changed."""
    at = chance.between(0, len(text) - 2)
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
