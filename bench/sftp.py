"""How fast deliveries are, side by side with OpenSSH's own `sftp` and paramiko's `put` in one run.

Everything goes to one sshd on loopback, each time with a new connection. Run with `python -m bench.sftp [rounds]`;
only the ratios mean something on a shared machine.
"""

import ipaddress
import os
import statistics
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import paramiko

from sftp_app.bulk import Upload
from sftp_app.hostkeys import read_host_keys
from sftp_app.names import temporary_name
from sftp_app.session import Session, open_session
from sftp_app.target import Target
from tests.sshd import Sshd, running_sshd

NOW = datetime(2026, 11, 25, tzinfo=UTC)
MEGABYTE = os.urandom(1 << 20)
LARGE = 100
FILES, FILE_SIZE = 1_000, 10 * 1024
GCM = "aes128-gcm@openssh.com"


class Bench:
    """One sshd, the local files that `sftp` sends, and what each contestant does."""

    def __init__(self, server: Sshd, place: Path) -> None:
        self.server, self.place = server, place
        self.small = MEGABYTE[:FILE_SIZE]
        (place / "large").write_bytes(MEGABYTE * LARGE)
        for number in range(FILES):
            (place / f"f{number}").write_bytes(self.small)

    @contextmanager
    def session(self, *, fsync: bool = True) -> Iterator[Session]:
        target = Target(
            host=self.server.host,
            port=self.server.port,
            username=self.server.username,
            private_key=self.server.private_key,
            host_keys=read_host_keys(self.server.host_key_line()),
            allowed_nets=(ipaddress.ip_network("127.0.0.0/8"),),
            fsync=fsync,
        )
        with open_session(target, now=NOW, deadline_seconds=300) as session:
            yield session

    def ours_large(self, *, fsync: bool = True) -> None:
        with self.session(fsync=fsync) as session:
            session.write(".large.1.tmp", (MEGABYTE for _ in range(LARGE)), size=LARGE << 20)
            session.rename(".large.1.tmp", "large")

    def ours_back(self) -> None:
        with self.session() as session:
            session.sha256("large")

    def ours_many(self, *, fsync: bool = True) -> None:
        names = [(temporary_name(f"f{number}", fence=1), f"f{number}") for number in range(FILES)]
        with self.session(fsync=fsync) as session:
            written = session.write_many(Upload(name, [self.small], FILE_SIZE) for name, _ in names)
            assert not [outcome.error for outcome in written if outcome.error]
            assert not [outcome.error for outcome in session.rename_many(names) if outcome.error]

    def sftp(self, *commands: str, options: tuple[str, ...] = ()) -> None:
        settings = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"]
        flags = [flag for setting in settings for flag in ("-o", setting)]
        key = str(self.server.place / "user")
        command = ["sftp", "-q", "-b", "-", "-i", key, *flags, *options, "-P", str(self.server.port), self.server.host]
        batch = "\n".join(commands).encode()
        subprocess.run(command, input=batch, check=True, stdout=subprocess.DEVNULL)

    def theirs_many(self, *, put: str = "put") -> None:
        self.sftp(*(f"{put} {self.place / f'f{number}'} f{number}" for number in range(FILES)))

    def paramiko_many(self) -> None:
        transport = paramiko.Transport((self.server.host, self.server.port))
        key = paramiko.Ed25519Key.from_private_key_file(str(self.server.place / "user"))
        transport.connect(username=self.server.username, pkey=key)
        client = paramiko.SFTPClient.from_transport(transport)
        for number in range(FILES):
            client.put(str(self.place / f"f{number}"), f".f{number}.tmp")
            client.rename(f".f{number}.tmp", f"f{number}")
        transport.close()

    def empty(self) -> None:
        for entry in self.server.root.iterdir():
            entry.unlink()


def median_seconds(bench: Bench, actions: dict[str, Callable[[], None]], rounds: int, *, keep: bool = False) -> None:
    """Run all in turn, round by round, and print each median beside the first one's."""
    seconds: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(rounds):
        for name, action in actions.items():
            if not keep:
                bench.empty()
            began = perf_counter()
            action()
            seconds[name].append(perf_counter() - began)
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    base = next(iter(medians.values()))
    for name, median in medians.items():
        print(f"  {name:<46} {median:7.3f} s   {base / median:5.2f}x")


def peak_memory(bench: Bench) -> float:
    """Give the megabytes that an upload of 100 MB takes at its peak."""
    bench.empty()
    tracemalloc.start()
    bench.ours_large()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / (1 << 20)


def main(rounds: int) -> None:
    """Run everything against one sshd."""
    with tempfile.TemporaryDirectory() as folder, running_sshd(Path(folder) / "sshd") as server:
        place = Path(folder) / "local"
        place.mkdir()
        bench = Bench(server, place)
        put = f"put {place / 'large'} large"
        print(f"{LARGE} MB up, medians of {rounds} (speed against OpenSSH with the same cipher)")
        contestants = {
            f"OpenSSH sftp put, {GCM}": lambda: bench.sftp(put, options=("-c", GCM)),
            "OpenSSH sftp put, its own choice": lambda: bench.sftp(put),
            f"OpenSSH sftp put -f (fsync), {GCM}": lambda: bench.sftp(
                put.replace("put", "put -f", 1), options=("-c", GCM)
            ),
            "ours: temporary name, fsync, size, rename": bench.ours_large,
            "ours without fsync": lambda: bench.ours_large(fsync=False),
        }
        median_seconds(bench, contestants, rounds)
        get = f"get large {place / 'back'}"
        print(f"{LARGE} MB back")
        median_seconds(
            bench,
            {f"OpenSSH sftp get, {GCM}": lambda: bench.sftp(get, options=("-c", GCM)), "ours: sha256": bench.ours_back},
            rounds,
            keep=True,
        )
        print(f"{FILES} files of {FILE_SIZE} bytes, one session (speed against OpenSSH's plain batch)")
        contestants = {
            "OpenSSH sftp batch put, not atomic": bench.theirs_many,
            "OpenSSH sftp batch put -f (fsync)": lambda: bench.theirs_many(put="put -f"),
            "paramiko put and rename": bench.paramiko_many,
            "ours: temporary name, fsync, size, rename": bench.ours_many,
            "ours without fsync": lambda: bench.ours_many(fsync=False),
        }
        median_seconds(bench, contestants, rounds)
        print(f"memory of an upload at its peak: {peak_memory(bench):.1f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
