"""Sealed files for delivery tests: real rows whose bytes add up."""

import hashlib

from django.db import transaction

from core import outbox
from core.clock import database_now
from core.models import Export, ExportContent, File
from core.states import ExportState, FileState
from tests.factories import ExportFactory


def sealed_file(integration, *, name="INV_1.csv", rows=3, row_size=0, folder="/outbound", **fields):
    """Make a READY file of a few exports, whose rows have at least `row_size` bytes.

    In one transaction, as files are sealed: a worker that saw one half-made would rightly hold it as not what was
    sealed."""
    with transaction.atomic():
        return _sealed_file(integration, name, rows, row_size, folder, fields)


def _sealed_file(integration, name, rows, row_size, folder, fields):
    server = integration.partner.server
    file = File.objects.create(
        tenant=integration.tenant,
        integration=integration,
        partner=integration.partner,
        server=server,
        folder=folder,
        name=name,
        header=b"invoice_no,amount\r\n",
        trailer=b"",
        state=FileState.READY,
        next_attempt_at=database_now(),
        sealed_at=database_now(),
        record_count=rows,
        **fields,
    )
    for position in range(1, rows + 1):
        export = ExportFactory(integration=integration, state=ExportState.FORMATTED, file=file)
        data = f"INV-{position},10.00".ljust(row_size).encode() + b"\r\n"
        ExportContent.objects.create(
            export=export, file=file, position=position, action="new", sequence=position, data=data
        )
    content = b"".join(outbox.read(file))
    File.objects.filter(pk=file.pk).update(size=len(content), sha256=hashlib.sha256(content).hexdigest())
    file.refresh_from_db()
    return file, content


def states_of(file):
    """Give the file's state and the set of its exports' states, as they are now."""
    file.refresh_from_db()
    return file.state, set(Export.objects.filter(file=file).values_list("state", flat=True))
