"""Xero's limits under fifty workers' worth of demand, in scaled time: nothing refused, nothing left unused.

The simulator enforces 5 calls in flight and 60 in a minute that lasts some seconds only; fifty threads want to call
all the time, with latencies scaled alike. Beside ours, the same demand paced by a peer's way: a token bucket of 60 a
minute in each worker's process, without a shared count.

    python -m bench.xero_limits [SECONDS A MINUTE] [MINUTES]
"""

import base64
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(tempfile.mkdtemp(prefix="mlc-bench"))
os.environ.setdefault("DATABASE_URL", f"sqlite:///{FOLDER / 'bench.sqlite3'}")
os.environ.setdefault("SECRET_KEY", "bench")
os.environ.setdefault("CONNECTOR_KEKS", "bench=" + base64.b64encode(os.urandom(32)).decode())
os.environ["DJANGO_SETTINGS_MODULE"] = "connector.settings"

import django

django.setup()

import httpx
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from connector.embedded import start_valkey
from core.models import Organisation
from tests.factories import GrantFactory, OrganisationFactory
from xero_app.client import XeroClient
from xero_app.errors import XeroRateLimited
from xero_app.ratelimit import Limits
from xero_app.simulator import CUSTOM_CONNECTION, Simulator, SimulatorConfig

WORKERS = 50
ALLOWED = 60


def main() -> None:
    """Measure both ways against a simulator of their own and print the table."""
    minute = float(sys.argv[1]) if len(sys.argv) > 1 else 6.0
    minutes = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    valkey = start_valkey(FOLDER / "valkey")
    settings.REDIS_URL = f"unix://{FOLDER / 'valkey' / 'valkey.sock'}"
    call_command("migrate", verbosity=0)
    print(f"{WORKERS} workers, a minute of {minute:g} s, {minutes} minutes after the first")
    print(f"{'':28}{'calls':>8}{'of allowed':>12}{'refused 429':>13}{'peak in flight':>16}")
    show("shared through Redis (ours)", minute, minutes, ours)
    show("a bucket in each worker", minute, minutes, bucket_each)
    valkey.terminate()


def show(name: str, minute: float, minutes: int, demand: Callable[[Simulator, float], Callable[[], bool]]) -> None:
    """Let fifty threads demand calls of a fresh simulator; print what came of it."""
    config = SimulatorConfig(
        invoices=0, contacts=5, manual_journals=0, minute_seconds=minute, day_limit=1_000_000,
        latency=(0.15 * minute / 60, 0.6 * minute / 60),
    )  # fmt: skip
    simulator = Simulator(config)
    with simulator.serve() as base_url:
        settings.XERO_LOGIN_BASE = settings.XERO_IDENTITY_BASE = settings.XERO_API_BASE = base_url
        answered = demanded(demand(simulator, minute), seconds=minute * (minutes + 1))
    began = answered[0] + minute
    counted = sum(began <= moment < began + minute * minutes for moment in answered)
    stats = simulator.stats
    share = counted / (ALLOWED * minutes)
    print(f"{name:28}{counted:8}{share:12.1%}{stats['rate_limited']:13}{stats['peak_concurrency']:16}")


def demanded(call: Callable[[], bool], *, seconds: float) -> list[float]:
    """Call from fifty threads until the time is over; give the moments of the answers."""
    answered: list[float] = []
    until = time.monotonic() + seconds

    def work() -> None:
        while time.monotonic() < until:
            if call():
                answered.append(time.monotonic())
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answered)


def ours(simulator: Simulator, minute: float) -> Callable[[], bool]:
    """Call through the product's client, whose limiter all workers share."""
    organisation = _organisation(simulator)
    limits = Limits(day=1_000_000, window_ms=round(minute * 1000))
    local = threading.local()

    def call() -> bool:
        if not hasattr(local, "client"):
            local.client = XeroClient(organisation, limits=limits)
        try:
            local.client.page("contacts", page_size=1)
        except XeroRateLimited:
            return False
        return True

    return call


def _organisation(simulator: Simulator) -> Organisation:
    grant = GrantFactory.build(client_id=CUSTOM_CONNECTION.client_id)
    grant.tenant.save()
    grant.seal("client_secret", CUSTOM_CONNECTION.client_secret)
    grant.save()
    made: Organisation = OrganisationFactory(grant=grant, tenant=grant.tenant, xero_tenant_id=simulator.tenant_id)
    return made


def bucket_each(simulator: Simulator, minute: float) -> Callable[[], bool]:
    """Call with a pause of a worker's own after each call, and back off after a 429, as SDK users do."""
    token = simulator.grant()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json", "xero-tenant-id": simulator.tenant_id}
    address = f"{settings.XERO_API_BASE}/api.xro/2.0/Contacts?page=1&pageSize=1"
    local = threading.local()

    def call() -> bool:
        if not hasattr(local, "http"):
            local.http = httpx.Client(headers=headers)
        answer = local.http.get(address)
        time.sleep(minute / ALLOWED if answer.status_code == 200 else minute / 12)
        return bool(answer.status_code == 200)

    return call


if __name__ == "__main__":
    main()
