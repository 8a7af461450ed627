"""What a soak does: files come, workers and servers are killed, a partner takes files, and figures are kept."""

import random
import threading
import time
from collections import Counter

from connector.embedded import start_valkey
from connector.supervisor import beat_command, worker_command
from core.models import Attempt, File, HostKey
from sftp_app.hostkeys import read_host_keys
from tests.factories import IntegrationFactory, PartnerFactory, ServerFactory, TenantFactory
from tests.faults.sshd_killing import kill_sessions
from tests.faults.working import CRASH_POINTS
from tests.outbox_files import sealed_file

WORKERS = ("worker-1", "worker-2")
END_SECONDS = 180


class Partner(threading.Thread):
    """Takes half of the files the moment they have their name, and counts every one."""

    def __init__(self, folder, chance):
        super().__init__(daemon=True)
        self.folder, self.chance = folder, chance
        self.seen, self.content = Counter(), {}
        self.is_over = threading.Event()

    def run(self):
        while not self.is_over.wait(0.005):
            self.look()

    def look(self, *, all_of_them=False):
        for path in self.folder.glob("INV_*.csv"):
            if all_of_them or self.chance.random() < 0.5:
                self.content[path.name] = path.read_bytes()
                path.unlink()
                self.seen[path.name] += 1


class Soak:
    """Everything that runs, and what is done to it."""

    def __init__(self, options, place, supervisor, sshd):
        self.options, self.place, self.supervisor, self.sshd = options, place, supervisor, sshd
        self.chance = random.Random(options.seed)  # noqa: S311 (a plan, not a secret)
        self.partner = Partner(sshd.root, random.Random(options.seed + 1))  # noqa: S311
        self.sent, self.crashes, self.begins = {}, Counter(), {}
        self.valkey, self.is_ending = None, False

    def run(self):
        self._start_broker()
        self.supervisor.start_python("beat", *beat_command(), "--schedule", str(self.place / "beat"))
        for name in WORKERS:
            self._start_worker(name)
        self.integration = make_integration(self.sshd)
        self.partner.start()
        ends_at = time.monotonic() + self.options.seconds
        while time.monotonic() < ends_at:
            self._seal_some()
            self._restart_the_dead()
            time.sleep(self.chance.uniform(0.2, 0.8))
            self._kill_something()
        self._let_it_end()

    def _start_broker(self):
        self.valkey = start_valkey(self.place / "valkey")

    def _start_worker(self, name):
        point, action = self.chance.choice([*CRASH_POINTS, ""]), self.chance.choice(["exit", "exit", "pause:6"])
        point = "" if self.is_ending else point
        self.supervisor.environment["MLC_FAILPOINTS"] = f"{point}={action}" if point else ""
        log = self._log_of(name)
        self.begins[name] = log.stat().st_size if log.exists() else 0
        self.supervisor.start_python(name, *worker_command(), "-n", f"{name}@%h")

    def _log_of(self, name):
        return self.place / "logs" / f"{name}.log"

    def _is_ready(self, name):
        """Say whether a worker has come up: on a slow machine killing it earlier would test nothing."""
        return b" ready." in self._log_of(name).read_bytes()[self.begins[name] :]

    def _seal_some(self):
        for _ in range(self.chance.randint(1, 4)):
            name = f"INV_{len(self.sent):05d}.csv"
            size = self.chance.choice([0, 0, 400_000])
            _, self.sent[name] = sealed_file(
                self.integration, name=name, rows=2, row_size=size, folder=str(self.sshd.root)
            )

    def _restart_the_dead(self):
        for name, process in list(self.supervisor.processes.items()):
            if name in WORKERS and process.poll() is not None:
                self.crashes["worker, at a point"] += 1
                self.supervisor.processes.pop(name)
                self._start_worker(name)

    def _kill_something(self):
        victim = self.chance.choices(["nothing", "worker", "redis", "sshd"], weights=[8, 3, 1, 1])[0]
        if victim == "worker":
            name = self.chance.choice(WORKERS)
            if not self._is_ready(name):
                return
            self.supervisor.kill(name)
            self._start_worker(name)
        elif victim == "redis":
            self.valkey.kill()
            self.valkey.wait()
            self._start_broker()
        elif victim == "sshd":
            kill_sessions(self.sshd)
            self.sshd.start()
        if victim != "nothing":
            self.crashes[victim] += 1

    def _let_it_end(self):
        """Kill nothing more, plan no more deaths, and wait until every file has ended."""
        self.is_ending = True
        ends_at = time.monotonic() + END_SECONDS
        while time.monotonic() < ends_at and File.objects.exclude(state__in=["delivered", "held", "failed"]).exists():
            self._restart_the_dead()
            time.sleep(0.5)
        self.partner.is_over.set()
        self.partner.join()
        self.partner.look(all_of_them=True)
        self.valkey.terminate()

    def table(self):
        """Give the figures; the first three must be 0."""
        states = Counter(File.objects.values_list("state", flat=True))
        evidence = Counter(File.objects.values_list("evidence", flat=True))
        named = states["held"] + states["failed"]
        return {
            "lost": len(self.sent) - len(self.partner.seen) - named,
            "doubled": sum(count - 1 for count in self.partner.seen.values()),
            "cut or changed": sum(self.sent[name] != data for name, data in self.partner.content.items()),
            "held or failed, with a name": named,
            **{f"  {code}": count for code, count in sorted(self._codes().items())},
            "files": len(self.sent),
            "crashes": sum(self.crashes.values()),
            **{f"  of {what}": count for what, count in sorted(self.crashes.items())},
            **{f"known by: {how or '-'}": count for how, count in sorted(evidence.items())},
            "attempts": Attempt.objects.count(),
            "temporary files left": sum(1 for _ in self.sshd.root.glob("*.tmp")),
        }

    def stories(self):
        """Tell of each file that was not delivered what came of its tries, one a line."""
        for file in File.objects.filter(state__in=["held", "failed"]).order_by("pk"):
            tries = file.attempt_rows.order_by("number")
            told = ", ".join(f"{attempt.result} {attempt.problem_code}".strip() for attempt in tries)
            yield f"{file.name} is {file.state} ({file.problem_code}): {told}"

    def _codes(self):
        return Counter(File.objects.filter(state__in=["held", "failed"]).values_list("problem_code", flat=True))


def make_integration(sshd):
    """Make the rows of one integration that sends to an sshd."""
    server = ServerFactory.build(tenant=TenantFactory(), host=sshd.host, port=sshd.port, username=sshd.username)
    server.seal("private_key", sshd.private_key.reveal())
    server.save()
    for pin in read_host_keys(sshd.host_key_line()):
        HostKey.objects.create(server=server, key_type=pin.key_type, fingerprint=pin.fingerprint, state="approved")
    return IntegrationFactory(tenant=server.tenant, partner=PartnerFactory(tenant=server.tenant, server=server))
