"""Reading Xero: calls for n records of each stream, and memory from 10,000 to 100,000 invoices.

Each size is read by a process of its own, from a simulator in another one, into an empty database; the minute's limit
is forgotten whenever it is used up, since not the waiting is measured.

    python -m bench.fetch [INVOICES ...]
"""

import base64
import contextlib
import gc
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FOLDER = Path(tempfile.mkdtemp(prefix="mlc-bench"))
os.environ.setdefault("DATABASE_URL", f"sqlite:///{FOLDER / 'bench.sqlite3'}")
os.environ.setdefault("SECRET_KEY", "bench")
os.environ.setdefault("CONNECTOR_KEKS", "bench=" + base64.b64encode(os.urandom(32)).decode())
os.environ["DJANGO_SETTINGS_MODULE"] = "connector.settings"

import django

django.setup()

import redis
from django.conf import settings
from django.core.management import call_command

from connector import pipeline
from connector.embedded import start_valkey
from core import fetches
from core.clock import database_now
from core.models import CallCount, Fetch, Organisation
from tests.factories import GrantFactory, OrganisationFactory
from xero_app.simulator import CUSTOM_CONNECTION, Simulator, SimulatorConfig

STREAMS = ("contacts", "invoices", "credit_notes", "prepayments", "overpayments", "accounts", "payments")
SIZES = ("10000", "100000")


def main() -> None:
    """Play the part that the arguments name: the simulator, one reader, or all of it."""
    if sys.argv[1:2] == ["--simulate"]:
        simulate(int(sys.argv[2]))
    elif sys.argv[1:2] == ["--read"]:
        print(json.dumps(read_all(sys.argv[2])))
    else:
        compare(sys.argv[1:] or list(SIZES))


def compare(sizes: list[str]) -> None:
    """Read each size in a process of its own and print the table."""
    print(f"{'invoices':>9}{'stream':>14}{'records':>9}{'calls':>7}{'pages':>7}{'seconds':>9}{'records/s':>11}")
    peaks = [measured(size) for size in sizes]
    print(f"{'invoices':>9}{'before, MB':>12}{'peak, MB':>10}")
    for size, (before, peak) in zip(sizes, peaks, strict=True):
        print(f"{size:>9}{before:12.1f}{peak:10.1f}")
    if len(peaks) > 1:
        print(f"peak grows by {peaks[-1][1] / peaks[0][1] - 1:.1%} from {sizes[0]} to {sizes[-1]} invoices")


def measured(size: str) -> tuple[float, float]:
    """Start a simulator and a reader; print the reader's streams, give its memory before and at its peak."""
    command = [sys.executable, "-m", "bench.fetch"]
    with subprocess.Popen([*command, "--simulate", size], stdout=subprocess.PIPE, text=True) as simulator:
        assert simulator.stdout is not None
        base = simulator.stdout.readline().strip()
        own = os.environ | {"DATABASE_URL": f"sqlite:///{FOLDER / size}.sqlite3"}
        done = subprocess.run([*command, "--read", base], env=own, capture_output=True, text=True, check=False)
        simulator.terminate()
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    for stream, (records, calls, seconds) in found["streams"].items():
        pages = max(1, -(-records // 1000))
        speed = records / seconds if seconds else 0
        print(f"{size:>9}{stream:>14}{records:9}{calls:7}{pages:7}{seconds:9.2f}{speed:11,.0f}")
    return found["before"], found["peak"]


def simulate(invoices: int) -> None:
    """Serve a simulated Xero of this size until the process is ended."""
    config = SimulatorConfig(invoices=invoices, contacts=1200, manual_journals=0, limits=False, compact_json=True)
    with Simulator(config).serve() as base_url:
        print(base_url, flush=True)
        time.sleep(3600)


def read_all(base_url: str) -> dict[str, object]:
    """Read every stream once; give records, calls and seconds by stream, and memory in MB."""
    settings.XERO_LOGIN_BASE = settings.XERO_IDENTITY_BASE = settings.XERO_API_BASE = base_url
    valkey = start_valkey(FOLDER / "valkey")
    settings.REDIS_URL = f"unix://{FOLDER / 'valkey' / 'valkey.sock'}"
    call_command("migrate", verbosity=0)
    organisation = _organisation()
    read(organisation, "organisation")
    before = _forget_peak()
    streams = {stream: read(organisation, stream) for stream in STREAMS}
    valkey.terminate()
    return {"before": before, "peak": _peak(), "streams": streams}


def read(organisation: Organisation, stream: str) -> tuple[int, int, float]:
    """Read one stream to its end."""
    fetch = fetches.open_fetch(organisation, stream, trigger="poll", now=database_now())
    began = time.perf_counter()
    while True:
        pipeline.fetch(fetch.pk, now=database_now())
        fetch = Fetch.objects.get(pk=fetch.pk)
        if fetch.state == "done":
            return fetch.read, fetch.calls, round(time.perf_counter() - began, 3)
        assert fetch.problem_code == "XERO_RATE_MINUTE", fetch.problem_code
        CallCount.objects.all().delete()
        redis.Redis.from_url(settings.REDIS_URL).flushall()
        Fetch.objects.filter(pk=fetch.pk).update(next_attempt_at=database_now())


def _organisation() -> Organisation:
    grant = GrantFactory.build(client_id=CUSTOM_CONNECTION.client_id)
    grant.tenant.save()
    grant.seal("client_secret", CUSTOM_CONNECTION.client_secret)
    grant.save()
    made: Organisation = OrganisationFactory(grant=grant, tenant=grant.tenant)
    return made


def _forget_peak() -> float:
    """Begin a new peak where Linux allows it, since starting up needs more than reading; give the memory now."""
    gc.collect()
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return _peak()


def _peak() -> float:
    with contextlib.suppress(OSError):
        line = next(row for row in Path("/proc/self/status").read_text().splitlines() if row.startswith("VmHWM"))
        return round(int(line.split()[1]) / 1024, 1)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


if __name__ == "__main__":
    main()
