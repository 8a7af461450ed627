"""When rows with a schedule are due next, in UTC. Asked whenever a schedule, or its zone, has changed."""

from datetime import datetime

from connector.cron import next_slot
from core.models import Integration, Organisation, Partner, Tenant

USUAL_PICK_UP = "*/5 * * * *"


def next_poll(organisation: Organisation, *, now: datetime) -> datetime:
    """Give the next poll of an organisation, in its tenant's zone."""
    return next_slot(organisation.poll, zone=organisation.tenant.time_zone, after=now)


def next_pickup(partner: Partner, *, now: datetime) -> datetime | None:
    """Give the next visit to the folder that a partner answers in, in its tenant's zone; None without a folder."""
    if not partner.folders.get("pick_up_from"):
        return None
    return next_slot(partner.acks.get("pick_up") or USUAL_PICK_UP, zone=partner.tenant.time_zone, after=now)


def next_due(integration: Integration, *, now: datetime) -> datetime | None:
    """Give the next slot of an integration, in its own zone or its tenant's; None without a schedule."""
    if not integration.cron:
        return None
    return next_slot(integration.cron, zone=integration.time_zone or integration.tenant.time_zone, after=now)


def reschedule(tenant: Tenant, *, now: datetime) -> None:
    """Compute every due time of a tenant anew: its zone has changed."""
    for organisation in Organisation.objects.filter(tenant=tenant).select_related("tenant"):
        Organisation.objects.filter(pk=organisation.pk).update(next_poll_at=next_poll(organisation, now=now))
    for partner in Partner.objects.filter(tenant=tenant).select_related("tenant"):
        Partner.objects.filter(pk=partner.pk).update(next_pickup_at=next_pickup(partner, now=now))
    for integration in Integration.objects.filter(tenant=tenant, time_zone="").select_related("tenant"):
        Integration.objects.filter(pk=integration.pk).update(next_due_at=next_due(integration, now=now))
