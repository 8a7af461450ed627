"""Reading the audit trail: lines as `audit --json` prints them, with set events expanded for one object."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q, QuerySet

from core.audit import INSTALLATION
from core.models import Event, Export, Integration, Record, Tenant


def lines_of(id_or_number: str) -> Iterator[dict[str, Any]]:
    """Give the life of every object with this Xero id or number, one object after the other."""
    records = Record.objects.filter(Q(xero_id=id_or_number) | Q(number=id_or_number))
    objects = records.values_list("tenant_id", "organisation_id", "stream", "xero_id").distinct()
    for tenant_id, organisation_id, stream, xero_id in sorted(objects, key=str):
        versions = Record.objects.filter(organisation_id=organisation_id, stream=stream, xero_id=xero_id)
        number = versions.order_by("-version").values_list("number", flat=True).first() or ""
        for event in _events_of(tenant_id, versions):
            yield line(event) | {"stream": stream, "xero_id": xero_id, "number": number}


def _events_of(tenant_id: Any, versions: "QuerySet[Record]") -> "QuerySet[Event]":
    """The events about an object: its own, and those of the sets that it was in."""
    exports = Export.objects.filter(record__in=versions)
    names = list(Integration.objects.filter(exports__in=exports).values_list("name", flat=True).distinct())
    fetch_ids = [pk for pk in versions.values_list("fetch_id", flat=True) if pk]
    file_ids = [pk for pk in exports.values_list("file_id", flat=True) if pk]
    chosen = (
        Q(export_id__in=list(exports.values_list("pk", flat=True)))
        | Q(file_id__in=file_ids)
        | Q(fetch_id__in=fetch_ids, event="records.stored")
        | Q(fetch_id__in=fetch_ids, event__startswith="exports.", integration__in=names)
    )
    return Event.objects.filter(chosen, tenant_id=tenant_id).order_by("sequence")


def lines(*, file: str = "", since: datetime | None = None) -> Iterator[dict[str, Any]]:
    """Give all lines, of one file name and since a moment where asked."""
    events = Event.objects.order_by("at", "id")
    if file:
        events = events.filter(file=file)
    if since:
        events = events.filter(at__gte=since)
    for event in events.iterator(chunk_size=1000):
        yield line(event)


def line(event: Event) -> dict[str, Any]:
    """Give one event as the interface prints it."""
    return {
        "at": event.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "event": event.event,
        "tenant": tenant_word(event.tenant_id),
        "integration": event.integration or None,
        "stream": event.stream or None,
        "xero_id": event.xero_id or None,
        "number": event.number or None,
        "file": event.file or None,
        "state": event.state,
        "detail": event.detail | ({"actor": event.actor} if event.actor else {}),
    }


def tenant_word(tenant_id: Any) -> str:
    """Name a chain's owner: the slug, `installation`, or the id of a tenant that is gone."""
    if tenant_id == INSTALLATION:
        return "installation"
    return Tenant.objects.filter(pk=tenant_id).values_list("slug", flat=True).first() or str(tenant_id)
