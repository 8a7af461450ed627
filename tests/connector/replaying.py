"""What replay tests share: a delivered invoice, and one step of a replay in the foreground."""

import json
import uuid

from connector.replay import start_replay
from connector.sync import carry_out, sync
from core.clock import database_now
from core.models import Export, ReplayMode
from tests.factories import ExportContentFactory, ExportFactory, FileFactory, RecordFactory


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


def stored_invoice(integration, number="INV-1", *, version=1, xero_id="", **values):
    """Store a whole invoice as it was read; `values` are Xero's own fields."""
    xero_id = xero_id or str(uuid.uuid4())
    whole = {
        "InvoiceID": xero_id,
        "InvoiceNumber": number,
        "Type": "ACCREC",
        "Status": "AUTHORISED",
        "Date": "/Date(1780272000000)/",
        "UpdatedDateUTC": "/Date(1780272000000)/",
        "Total": 12.50,
        **values,
    }
    return RecordFactory(
        organisation=integration.organisation,
        xero_id=xero_id,
        number=number,
        version=version,
        payload=json.dumps(whole).encode(),
    )


def delivered_invoices(integration, count=1):
    """Make delivered exports of whole invoices, each in a file of its own."""
    exports = []
    for number in range(1, count + 1):
        file = FileFactory(integration=integration, sha256="0" * 64)
        record = stored_invoice(integration, f"INV-{number}")
        exports.append(ExportFactory(integration=integration, record=record, state="delivered", file=file))
        ExportContentFactory(export=exports[-1], file=file)
    return exports
