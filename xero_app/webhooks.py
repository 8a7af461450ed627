"""Webhooks: the signature over the raw bytes, and each message stored before it is answered.

An event is a hint only: the object is read again, so a repeated or forged one costs a call and changes nothing.
Source: Xero's pages "Webhooks overview" and "Configuring your server".
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import IntegrityError, transaction

from core.errors import PermanentError
from core.models import Grant, Organisation, WebhookEvent, WebhookMessage
from core.secret import Secret

MAX_BODY = 256 * 1024
"""Bytes of a message; a larger one is not Xero's."""

_WIDTHS = {"tenant_id": 36, "resource_id": 36, "event_category": 20, "event_type": 20, "event_date_utc": 40}
# What PostgreSQL's eight-byte column can hold.
_LAST_SEQUENCE = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that may sign: the installation's, or one connection's own, good for its organisations only."""

    key: Secret
    grant_id: UUID | None = None


class Announced(msgspec.Struct, frozen=True, rename="camel"):
    """One event as Xero writes it."""

    tenant_id: str = ""
    resource_id: str = ""
    event_category: str = ""
    event_type: str = ""
    event_date_utc: str = ""

    def can_be_kept(self) -> bool:
        """Say whether every part is there and of a length that Xero uses."""
        return all(
            0 < len(text := getattr(self, name)) <= width and "\0" not in text for name, width in _WIDTHS.items()
        )


class Message(msgspec.Struct, frozen=True, rename="camel"):
    """One body: no events at all is Xero's test whether we check signatures (intent to receive)."""

    events: tuple[Announced, ...]
    first_event_sequence: int | None = None
    last_event_sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a body: `stored`, `intent`, `malformed` or `repeated`; the organisations that have news; and
    how many events belong to none of ours."""

    outcome: str
    organisation_ids: tuple[UUID, ...] = ()
    ignored: int = 0
    message: WebhookMessage | None = field(default=None, compare=False, repr=False)


def signers() -> Iterator[Signer]:
    """Give the keys that are valid now: the installation's first, then those of each connection's own app.

    A key that the vault cannot open is passed over, so that one broken connection does not stop the others."""
    for text in settings.XERO_WEBHOOK_KEYS:
        yield Signer(Secret(text))
    for grant in Grant.objects.exclude(webhook_keys=None).only("id", "tenant_id", "webhook_keys"):
        try:
            keys = grant.unseal("webhook_keys")
        except PermanentError:
            continue
        for text in keys.reveal().split() if keys else ():
            yield Signer(Secret(text), grant.pk)


def sign(body: bytes, key: Secret) -> str:
    """Sign a body: the key's text is used as it stands, although it looks like base64."""
    return base64.b64encode(hmac.digest(key.reveal().encode(), body, "sha256")).decode()


def verify(body: bytes, signature: str | None, keys: Iterable[Signer]) -> Signer | None:
    """Find the key that signed a body; None when none did. Every character counts, compared as bytes."""
    if not signature:
        return None
    given = signature.encode(errors="replace")
    return next((item for item in keys if hmac.compare_digest(sign(body, item.key).encode(), given)), None)


def parse(body: bytes) -> Message:
    """Read a body. Raises `ValueError` when it is not a message of Xero's."""
    try:
        message = msgspec.json.decode(body, type=Message)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"not a message of Xero's: {error}") from error
    for number in (message.first_event_sequence, message.last_event_sequence):
        if number is not None and abs(number) > _LAST_SEQUENCE:
            raise ValueError("not a message of Xero's: the sequence number is too large")
    return message


def store(body: bytes, *, signer: Signer) -> Receipt:
    """Commit a verified body and its events, each once however often it comes. Not to be called in a
    transaction."""
    try:
        message = parse(body)
    except ValueError:
        message = None
    sha256 = hashlib.sha256(body).hexdigest()
    row = WebhookMessage(sha256=sha256, body=body, grant_id=signer.grant_id, **_columns(message))
    try:
        with transaction.atomic(durable=True):
            row.save(force_insert=True)
            return Receipt(row.outcome, message=row) if message is None else _store_events(row, message, signer)
    except IntegrityError:
        # Nearly every message is new, so nobody looks for it before.
        if not WebhookMessage.objects.filter(sha256=sha256).exists():
            raise
        return Receipt("repeated")


def _columns(message: Message | None) -> dict[str, Any]:
    if message is None:
        return {"outcome": "malformed"}
    return {
        "outcome": "stored" if message.events else "intent",
        "first_sequence": message.first_event_sequence,
        "last_sequence": message.last_event_sequence,
    }


def _store_events(row: WebhookMessage, message: Message, signer: Signer) -> Receipt:
    kept = [event for event in message.events if event.can_be_kept()]
    known = _organisations({event.tenant_id for event in kept}, signer)
    events = [
        WebhookEvent(
            message=row,
            organisation_id=known.get(event.tenant_id),
            xero_tenant_id=event.tenant_id,
            category=event.event_category,
            kind=event.event_type,
            xero_id=event.resource_id,
            occurred_at=event.event_date_utc,
            state="waiting" if event.tenant_id in known else "ignored",
        )
        for event in kept
    ]
    WebhookEvent.objects.bulk_create(events, batch_size=500, ignore_conflicts=True)
    ignored = len(message.events) - sum(event.organisation_id is not None for event in events)
    return Receipt(row.outcome, tuple(known.values()), ignored, row)


def _organisations(tenant_ids: set[str], signer: Signer) -> dict[str, UUID]:
    rows = Organisation.objects.filter(xero_tenant_id__in=tenant_ids)
    if signer.grant_id is not None:
        rows = rows.filter(grant_id=signer.grant_id)
    return dict(rows.values_list("xero_tenant_id", "pk"))
