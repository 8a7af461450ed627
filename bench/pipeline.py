"""The whole main job, from a simulated Xero over HTTP to a real SFTP server: records a second, CPU, memory.

Beside it, in the same run, the least that any program must do for the same file: read the pages, decode them exactly,
write CSV rows, upload with paramiko. The ratio says what tables, audit trail, mapping and delivery safety cost.

    python -m bench.pipeline [INVOICES]
"""

import base64
import csv
import io
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

FOLDER = Path(tempfile.mkdtemp(prefix="mlc-bench"))
os.environ.setdefault("DATABASE_URL", f"sqlite:///{FOLDER / 'bench.sqlite3'}")
os.environ.setdefault("SECRET_KEY", "bench")
os.environ.setdefault("CONNECTOR_KEKS", "bench=" + base64.b64encode(os.urandom(32)).decode())
os.environ["DJANGO_SETTINGS_MODULE"] = "connector.settings"
os.environ["ALLOWED_PRIVATE_NETS"] = "127.0.0.0/8"

import django

django.setup()

import httpx
import msgspec
import paramiko
from django.conf import settings
from django.core.management import call_command
from django.db import connection, reset_queries

from connector.embedded import start_valkey
from connector.sync import sync
from sftp_app.simulator import SftpSimulator
from tests.world import PASSWORD, World
from xero_app.simulator import CUSTOM_CONNECTION, Simulator, SimulatorConfig

FIELDS = {
    "format": "csv",
    "options": {"header": True, "rows": "document"},
    "fields": [
        {"name": name, "source": source}
        for name, source in [
            ("id", "InvoiceID"), ("number", "InvoiceNumber"), ("type", "Type"), ("status", "Status"),
            ("reference", "Reference"), ("contact", "Contact.Name"), ("currency", "CurrencyCode"),
            ("net", "SubTotal"), ("tax", "TotalTax"), ("total", "Total"), ("action", "Export.Action"),
        ]
    ],
}  # fmt: skip


def main() -> None:
    """Measure both ways once and print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    config = SimulatorConfig(invoices=count, limits=False, max_rows=None, contacts=200, manual_journals=0)
    (FOLDER / "sftp" / "outbound").mkdir(parents=True)
    (FOLDER / "floor").mkdir()
    valkey = start_valkey(FOLDER / "valkey")
    settings.REDIS_URL = f"unix://{FOLDER / 'valkey' / 'valkey.sock'}"
    call_command("migrate", verbosity=0)
    sftp = SftpSimulator(root=FOLDER / "sftp", username="harbor", password=PASSWORD)
    simulator = Simulator(config)
    with simulator.serve() as base, sftp.serve() as (host, port):
        settings.XERO_LOGIN_BASE = settings.XERO_IDENTITY_BASE = settings.XERO_API_BASE = base
        ours = measured(lambda: whole_job(World(simulator, _at(sftp, host, port), FOLDER / "sftp")))
        floor = measured(lambda: least_work(simulator, base, host, port))
    valkey.terminate()
    report(count, ours, floor)


def _at(sftp: SftpSimulator, host: str, port: int) -> SftpSimulator:
    sftp.host, sftp.port = host, port
    return sftp


def whole_job(world: World) -> int:
    """Run one integration from nothing; give the records delivered."""
    integration = world.integration(name="bench")
    version = integration.mapping.versions.get()
    version.definition = FIELDS
    version.save()
    result = sync(integration)
    assert result.run.state == "done", result.as_object()["problems"]
    return sum(file["records"] for file in result.files)


def least_work(simulator: Simulator, base: str, host: str, port: int) -> int:
    """Read, decode, write, upload: nothing is kept, checked or recorded."""
    token = simulator.grant(client_id=CUSTOM_CONNECTION.client_id)["access_token"]
    decoder = msgspec.json.Decoder(float_hook=str)
    out, rows, page = io.StringIO(newline=""), 0, 1
    writer = csv.writer(out)
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json", "xero-tenant-id": simulator.tenant_id}
    with httpx.Client(headers=headers) as http:
        while True:
            answer = http.get(f"{base}/api.xro/2.0/Invoices", params={"page": page, "pageSize": 1000, "unitdp": 4})
            items = decoder.decode(answer.content)["Invoices"]
            for item in items:
                if item["Status"] in ("AUTHORISED", "PAID"):
                    rows += 1
                    writer.writerow(
                        [item.get(name, "") for name in ("InvoiceID", "InvoiceNumber", "Type", "Status", "Total")]
                        + [item["Contact"]["Name"]]
                    )
            if len(items) < 1000:
                break
            page += 1
    transport = paramiko.Transport((host, port))
    transport.connect(username="harbor", password=PASSWORD)
    paramiko.SFTPClient.from_transport(transport).putfo(io.BytesIO(out.getvalue().encode()), "/outbound/floor.csv")
    transport.close()
    return rows


def measured(work) -> tuple[int, float, float]:  # type: ignore[no-untyped-def]
    """Give (records, wall seconds, CPU seconds of this process, simulators included)."""
    reset_queries()
    started, used = time.perf_counter(), time.process_time()
    records = work()
    return records, time.perf_counter() - started, time.process_time() - used


def report(count: int, ours: tuple[int, float, float], floor: tuple[int, float, float]) -> None:
    """Print both ways and the ratio."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{count:,} invoices, {connection.vendor}; CPU includes both simulators in the same process")
    for name, (records, wall, cpu) in (("ml-connector", ours), ("least work", floor)):
        print(f"{name:<14} {records:>8,} records  {wall:7.2f} s  {cpu:7.2f} CPU s  {records / wall:>8,.0f} records/s")
    print(f"ratio          {floor[1] / ours[1]:.2f} of the least work's speed; peak memory {peak:.0f} MB")


if __name__ == "__main__":
    main()
