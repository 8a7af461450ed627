"""What replay tests share: a delivered invoice, and one step of a replay in the foreground."""

from connector.replay import start_replay
from connector.sync import carry_out, sync
from core.clock import database_now
from core.models import Export, ReplayMode


def send(world, integration, count=1, **invoice):
    """Let invoices be created in Xero and delivered; give their newest exports."""
    for _ in range(count):
        world.xero.create_invoice(**{"Status": "AUTHORISED", **invoice})
    sync(integration)
    return newest(count)


def newest(count=1):
    """The newest exports, oldest first."""
    return list(Export.objects.order_by("-pk")[:count])[::-1]


def chosen(*exports):
    """A queryset of these exports, as a page would give it."""
    return Export.objects.filter(pk__in=[export.pk for export in exports])


def replay(*exports, mode=ReplayMode.MAP_AGAIN, reason="The partner lost it", **details):
    """Replay exports to the end; give the runs as they are then."""
    runs = start_replay(chosen(*exports), mode=mode, reason=reason, now=database_now(), **details)
    return [carry_out(run).run for run in runs]
