"""Storing: one page of a stream becomes record versions and their exports, in one transaction under the fence."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from connector.steps.fan_out import fan_out, integrations_for
from connector.steps.mirror import mirror_missing
from connector.steps.reading import Reading, is_ordered
from core import audit, failpoints, fetches, problems, records
from core.audit import EventDraft
from core.clock import database_now
from core.documents import Mirror, Stream
from core.errors import PermanentError
from core.models import ExportReason, Fetch, Organisation
from core.problems import ProblemDraft
from core.records import Read, Stored
from xero_app.allocations import SOURCES as ALLOCATING
from xero_app.allocations import derive_allocations
from xero_app.client import Page
from xero_app.errors import XeroBadRecord
from xero_app.parse import parse_document
from xero_app.streams import endpoint


class OrganisationTaken(PermanentError):
    """The organisation behind these credentials is bound to another connection."""

    code = "XERO_ORGANISATION_TAKEN"
    holds = True
    next_step = "Use the connection that reads it already, or the credentials of another organisation."


def store_page(reading: Reading, page: Page, number: int) -> list[str]:
    """Store what a page brought; give the ids on it, also of what could not be read.

    One object that cannot be read is a problem of its own and stops nothing. Raises `LeaseLost`."""
    fetch, stream = reading.fetch, reading.fetch.stream
    reads, bad = _parsed(stream, page.items)
    mirror_missing(reading, reads)
    ids = [read.document.xero_id for read in reads] + list(bad)
    if number == 1 or not is_ordered(stream):
        fetch.item_count = page.item_count
    now = database_now()
    with transaction.atomic():
        stored = records.store(reads, organisation=fetch.organisation, stream=stream, fetch=fetch, now=now)
        counts = _counts(reading, page, reads, bad)
        progress = fetches.progressed(
            fetch, reading.lease, page=number, counts=counts, stored=stored, read=len(page.items), now=now
        )
        seen = reading.note(ids)
        if (page.page_count or 2) > 1:
            fetches.remember_page(fetch, seen)
        events = _derived(fetch, stored, now)
        _report(fetch, reads, bad, now)
        failpoints.hit(f"fetch.page_{number}")
        audit.append([progress, *events, *_bad_events(fetch, bad)], now=now)
    fetch.page, fetch.page_count, reading.extra_calls = number, page.page_count, 0
    failpoints.hit(f"fetch.after_page_{number}")
    return ids


def _parsed(stream: str, items: Sequence[bytes]) -> tuple[list[Read], dict[str, XeroBadRecord]]:
    reads: list[Read] = []
    bad: dict[str, XeroBadRecord] = {}
    for item in items:
        try:
            reads.append(Read(parse_document(stream, item), item))
        except XeroBadRecord as error:
            bad[error.xero_id or f"unknown {hashlib.sha256(item).hexdigest()[:12]}"] = error
    return reads, bad


def _counts(reading: Reading, page: Page, reads: Sequence[Read], bad: dict[str, XeroBadRecord]) -> dict[str, Any]:
    fetch = reading.fetch
    return {
        "page_count": page.page_count,
        "item_count": fetch.item_count,
        "xero_time": reading.xero_time,
        "calls": F("calls") + 1 + reading.extra_calls,
        "bad": F("bad") + len(bad),
        "older": F("older") + _older(fetch, reads),
    }


def _older(fetch: Fetch, reads: Sequence[Read]) -> int:
    """Count what did not change since the time that was asked for, which Xero compares in whole seconds."""
    if fetch.modified_since is None or fetch.xero_ids or not endpoint(fetch.stream).takes_since:
        return 0
    since = fetch.modified_since.replace(microsecond=0)
    return sum(read.document.updated_at < since for read in reads)


def _derived(fetch: Fetch, stored: Stored, now: datetime) -> list[EventDraft]:
    events = _exports(fetch, fetch.stream, stored, now)
    if fetch.stream == Mirror.ORGANISATION:
        _learn_organisation(fetch, stored)
    if fetch.stream in ALLOCATING:
        events += _store_allocations(fetch, stored, now)
    return events


def _exports(fetch: Fetch, stream: str, stored: Stored, now: datetime) -> list[EventDraft]:
    integrations = integrations_for(fetch.organisation, stream)
    return fan_out(stored.new, integrations, reason=ExportReason.FETCH, fetch=fetch, now=now)


def _store_allocations(fetch: Fetch, stored: Stored, now: datetime) -> list[EventDraft]:
    """Store the allocations that new versions of credits bring, changed or gone since the version before."""
    before = records.payloads_before([record for record, _ in stored.new])
    payloads = [
        payload
        for record, _ in stored.new
        for payload in derive_allocations(
            fetch.stream, bytes(record.payload or b""), previous=before.get(record.xero_id)
        )
    ]
    if not payloads:
        return []
    reads = [Read(parse_document(Stream.ALLOCATIONS, payload), payload) for payload in payloads]
    derived = records.store(reads, organisation=fetch.organisation, stream=Stream.ALLOCATIONS, fetch=fetch, now=now)
    return _exports(fetch, Stream.ALLOCATIONS, derived, now)


def _learn_organisation(fetch: Fetch, stored: Stored) -> None:
    """Keep what Xero says of the organisation itself: a custom connection does not know its id before."""
    for _, document in stored.new:
        values = document.values
        others = Organisation.objects.filter(xero_tenant_id=document.xero_id).exclude(pk=fetch.organisation_id)
        if others.exists():
            raise OrganisationTaken(f"{values.get('Name', 'This organisation')} is bound to another connection.")
        Organisation.objects.filter(pk=fetch.organisation_id).update(
            xero_tenant_id=document.xero_id,
            legal_name=values.get("LegalName") or values.get("Name", ""),
            base_currency=values.get("BaseCurrency", ""),
            country=values.get("CountryCode", ""),
            xero_time_zone=values.get("Timezone", ""),
            short_code=values.get("ShortCode", ""),
        )


def _report(fetch: Fetch, reads: Sequence[Read], bad: dict[str, XeroBadRecord], now: datetime) -> None:
    """Open a problem for each object that cannot be read, and end those of objects that can be read again."""
    tenant_id, prefix = fetch.organisation.tenant_id, f"record:{fetch.organisation_id}/{fetch.stream}/"
    links = {"organisation_id": fetch.organisation_id}
    drafts = [
        ProblemDraft(tenant_id, error.code, f"{prefix}{xero_id}", error.sentence, error.next_step, links)
        for xero_id, error in bad.items()
    ]
    problems.report(drafts, now=now)
    well_again = problems.open_subjects(tenant_id, prefix) & {f"{prefix}{read.document.xero_id}" for read in reads}
    if well_again:
        problems.resolve(tenant_id, sorted(well_again), now=now)


def _bad_events(fetch: Fetch, bad: dict[str, XeroBadRecord]) -> list[EventDraft]:
    return [
        EventDraft(
            tenant_id=fetch.organisation.tenant_id,
            event="record.unreadable",
            stream=fetch.stream,
            xero_id=error.xero_id,
            fetch_id=fetch.pk,
            detail={"place": error.place},
        )
        for error in bad.values()
    ]
