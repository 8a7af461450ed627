"""News: what Xero announced by webhook becomes fetches, and what they brought goes out at once where that is set.

An event is a hint only: the object is read again. Events of one organisation are taken together; while a fetch of
earlier news runs, later ones wait, so that a storm of events costs a few calls. Polling finds what a webhook missed.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from core import fetches, runs
from core.documents import Mirror, Stream
from core.models import (
    Export,
    Fetch,
    FetchTrigger,
    Integration,
    OnWebhook,
    Organisation,
    Run,
    RunTrigger,
    WebhookEvent,
)
from core.states import ExportState, FetchState, RunState

STREAM_OF: Mapping[str, str] = {
    "INVOICE": Stream.INVOICES,
    "CONTACT": Stream.CONTACTS,
    "CREDITNOTE": Stream.CREDIT_NOTES,
    "PREPAYMENT": Mirror.PREPAYMENTS,
    "OVERPAYMENT": Mirror.OVERPAYMENTS,
}
"""What a category of events is about (Xero: webhooks overview)."""

MOST_IDS = 200
"""More objects than this are read by a poll: that takes fewer calls than lists of 40 ids."""
EVENTS_AT_A_TIME = 5000


def take_news(organisation_id: Any, *, now: datetime) -> list[Fetch]:
    """Open the fetches for an organisation's waiting events; none while earlier news is still being read."""
    with transaction.atomic():
        organisation = Organisation.objects.select_for_update().get(pk=organisation_id)
        reading = Fetch.objects.filter(
            organisation=organisation,
            trigger=FetchTrigger.WEBHOOK,
            state__in=[FetchState.DUE, FetchState.READING],
        )
        if reading.exists():
            return []
        waiting = WebhookEvent.objects.filter(organisation=organisation, state="waiting").order_by("pk")
        events = list(waiting[:EVENTS_AT_A_TIME])
        return _open_fetches(organisation, events, now) if events else []


def _open_fetches(organisation: Organisation, events: list[WebhookEvent], now: datetime) -> list[Fetch]:
    opened = []
    for category, stream in STREAM_OF.items():
        of_stream = [event for event in events if event.category == category]
        if not of_stream:
            continue
        ids = sorted({event.xero_id for event in of_stream})
        window = {"xero_ids": ids} if len(ids) <= MOST_IDS else {}
        fetch = fetches.open_fetch(organisation, stream, trigger=FetchTrigger.WEBHOOK, now=now, **window)
        WebhookEvent.objects.filter(pk__in=[event.pk for event in of_stream]).update(state="fetched", fetch=fetch)
        opened.append(fetch)
    if any(event.category == "INVOICE" for event in events) and _reads_payments(organisation):
        opened.append(
            fetches.open_fetch(organisation, Stream.PAYMENTS, trigger=FetchTrigger.WEBHOOK, now=now)
        )  # a payment is not announced, but it changes its invoice
    WebhookEvent.objects.filter(pk__in=[event.pk for event in events], state="waiting").update(state="ignored")
    return opened


def _reads_payments(organisation: Organisation) -> bool:
    live = Integration.objects.filter(organisation=organisation, enabled_at__isnull=False)
    return any(Stream.PAYMENTS in integration.streams for integration in live)


def organisations_with_news(limit: int) -> list[Any]:
    """Name the organisations whose events wait."""
    waiting = WebhookEvent.objects.filter(state="waiting", organisation__isnull=False)
    return list(waiting.values_list("organisation_id", flat=True).distinct()[:limit])


def open_webhook_runs(*, now: datetime, organisation_id: Any = None) -> list[Run]:
    """Open a run for each enabled integration that sends at once and has exports that a webhook brought.

    A run that is about to format takes them along, so none is opened beside it; a backfill may read for hours."""
    brought = Export.objects.filter(
        integration=OuterRef("pk"),
        state=ExportState.PENDING,
        record__fetch__trigger=FetchTrigger.WEBHOOK,
    )
    soon = Q(state__in=[RunState.DUE, RunState.FETCHING]) & ~Q(trigger=RunTrigger.BACKFILL)
    about_to_format = Run.objects.filter(soon | Q(state=RunState.FORMATTING), integration=OuterRef("pk"))
    ready = Integration.objects.filter(
        Exists(brought), ~Exists(about_to_format), is_enabled=True, on_webhook=OnWebhook.SEND
    )
    if organisation_id is not None:
        ready = ready.filter(organisation=organisation_id)
    opened = [runs.open_run(integration, trigger=RunTrigger.WEBHOOK, fetches=False, now=now) for integration in ready]
    return [run for run in opened if run is not None]
