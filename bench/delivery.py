"""Files a second through the whole delivery machine, beside OpenSSH's own `sftp` in the same rounds, and memory.

Ours: claim, read from the database, upload under temporary names, note PUBLISHING, rename, note DELIVERED, with the
audit trail of every step. Theirs: `put` in one batch, nothing noted and nothing atomic.

    python -m bench.delivery [FILES] [ROUNDS]
"""

import base64
import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

FOLDER = Path(tempfile.mkdtemp(prefix="mlc-bench"))
os.environ.setdefault("DATABASE_URL", f"sqlite:///{FOLDER / 'bench.sqlite3'}")
os.environ.setdefault("SECRET_KEY", "bench")
os.environ.setdefault("CONNECTOR_KEKS", "bench=" + base64.b64encode(os.urandom(32)).decode())
os.environ["DJANGO_SETTINGS_MODULE"] = "connector.settings"
os.environ["ALLOWED_PRIVATE_NETS"] = "127.0.0.0/8"

import django

django.setup()

from django.core.management import call_command
from django.db.models.functions import Now

from connector import pipeline
from core.clock import database_now
from core.models import Export, ExportContent, File, Integration
from core.states import ExportState, FileState
from tests.factories import RecordFactory
from tests.faults.soak import make_integration
from tests.sshd import Sshd, running_sshd

SIZE = 10 * 1024
LARGE_PART, LARGE_PARTS = 1 << 20, 100


def main() -> None:
    """Measure both ways in turn, and print the medians."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    call_command("migrate", verbosity=0)
    with running_sshd(FOLDER / "sshd") as sshd:
        integration = make_integration(sshd)
        times = [one_round(integration, sshd, count, number) for number in range(rounds)]
        ours, theirs = (statistics.median(column) for column in zip(*times, strict=True))
        ratio = statistics.median(theirs / ours for ours, theirs in times)
        print(f"{count} files of {SIZE} bytes over one connection, medians of {rounds}")
        print(f"  ours, the whole machine      {ours:7.2f} s  {count / ours:7.0f} files/s  {ratio:5.2f}x")
        print(f"  OpenSSH sftp, one batch      {theirs:7.2f} s  {count / theirs:7.0f} files/s   1.00x")
        seconds, peak = large_file(integration, sshd)
        print(f"one file of {LARGE_PARTS} MB: {seconds:.2f} s, {peak:.1f} MB at the peak (with tracing)")


def one_round(integration: Integration, sshd: Sshd, count: int, number: int) -> tuple[float, float]:
    """Let both ways bring the same files; give the seconds of ours and of theirs."""
    data = os.urandom(SIZE)
    small_files(integration, sshd, count, data, number)
    ours = measured(lambda: deliver(integration))
    empty(sshd)
    theirs = measured(lambda: batch_put(sshd, count, data))
    empty(sshd)
    return ours, theirs


def measured(action) -> float:
    """Give the seconds that an action takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def deliver(integration: Integration) -> None:
    """Deliver everything that is due; all of it must arrive."""
    pipeline.deliver(integration.partner.server_id, now=database_now())
    assert not File.objects.exclude(state=FileState.DELIVERED).exists()


def small_files(integration: Integration, sshd: Sshd, count: int, data: bytes, turn: int) -> None:
    """Seal files of one export each, in bulk."""
    record = RecordFactory(organisation=integration.organisation)
    files = File.objects.bulk_create(
        [_file(integration, sshd, f"INV_{turn}_{number:06d}.csv", [data]) for number in range(count)]
    )
    for start in range(0, count, 500):
        _fill(integration, record, files[start : start + 500], data, start)


def _file(integration: Integration, sshd: Sshd, name: str, parts: list[bytes]) -> File:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return File(
        tenant=integration.tenant, integration=integration, partner=integration.partner,
        server=integration.partner.server, state=FileState.READY, folder=str(sshd.root), name=name,
        size=sum(map(len, parts)), sha256=digest.hexdigest(), next_attempt_at=Now(), sealed_at=Now(),
    )  # fmt: skip


def _fill(integration, record, files, data, start) -> None:
    exports = Export.objects.bulk_create(
        [
            Export(
                tenant=integration.tenant, integration=integration, record=record, replay_number=start + position,
                stream=record.stream, xero_id=record.xero_id, number=record.number, file=file,
                state=ExportState.FORMATTED,
            )
            for position, file in enumerate(files, start=1)
        ]
    )  # fmt: skip
    ExportContent.objects.bulk_create(
        [
            ExportContent(export=export, file=export.file, position=1, sequence=1, action="new", data=data)
            for export in exports
        ]
    )


def large_file(integration: Integration, sshd: Sshd) -> tuple[float, float]:
    """Deliver one large file of many exports; give the seconds and the megabytes at the peak."""
    part = os.urandom(LARGE_PART)
    file = _file(integration, sshd, "LARGE.csv", [part] * LARGE_PARTS)
    file.save()
    record = RecordFactory(organisation=integration.organisation)
    for position in range(1, LARGE_PARTS + 1):
        export = Export.objects.create(
            tenant=integration.tenant, integration=integration, record=record, replay_number=position,
            stream=record.stream, xero_id=record.xero_id, state=ExportState.FORMATTED, file=file,
        )  # fmt: skip
        ExportContent.objects.create(
            export=export, file=file, position=position, sequence=position, action="new", data=part
        )
    tracemalloc.start()
    seconds = measured(lambda: deliver(integration))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return seconds, peak / (1 << 20)


def batch_put(sshd: Sshd, count: int, data: bytes) -> None:
    """Let OpenSSH put the same files."""
    local = FOLDER / "local"
    local.mkdir(exist_ok=True)
    for number in range(count):
        (local / f"f{number}").write_bytes(data)
    settings = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"]
    flags = [flag for setting in settings for flag in ("-o", setting)]
    command = ["sftp", "-q", "-b", "-", "-i", sshd.place / "user", *flags, "-P", str(sshd.port), sshd.host]
    batch = "\n".join(f"put {local / f'f{number}'} f{number}" for number in range(count))
    subprocess.run(command, input=batch.encode(), check=True, stdout=subprocess.DEVNULL)


def empty(sshd: Sshd) -> None:
    """Remove everything that was delivered."""
    for entry in sshd.root.iterdir():
        entry.unlink()


if __name__ == "__main__":
    main()
