"""OpenSSH's own sshd on loopback, as the current user, with its own keys and configuration.

Where sshd is not installed, tests that need it are not collected; with CI=true that is an error instead.
"""

import contextlib
import getpass
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.secret import Secret
from tests.ssh_keys import make_key

SSHD = Path("/usr/sbin/sshd")


def sshd_is_installed() -> bool:
    """Say whether sshd is there; with CI=true a missing one ends the test run."""
    if SSHD.exists():
        return True
    if os.environ.get("CI") == "true":
        raise pytest.UsageError(f"{SSHD} is missing: install openssh-server. With CI=true nothing is left out.")
    return False


@dataclass
class Sshd:
    """One server. `options` are lines of sshd_config that come first, so they win; `sftp_options` go to its SFTP."""

    place: Path
    host_key_types: Sequence[str] = ("ed25519",)
    options: Sequence[str] = ()
    sftp_options: str = ""
    host: str = "127.0.0.1"
    port: int = 0
    username: str = field(default_factory=getpass.getuser)
    process: subprocess.Popen | None = None

    def __post_init__(self) -> None:
        self.place.mkdir(parents=True, exist_ok=True)
        self.root = self.place / "files"
        self.root.mkdir()
        for kind in self.host_key_types:
            make_key(self.place / f"host_{kind}", kind)
        make_key(self.place / "user", "ed25519")
        self.authorize((self.place / "user.pub").read_text())

    @property
    def private_key(self) -> Secret:
        """The key that signs in."""
        return Secret((self.place / "user").read_text())

    def host_key_line(self, kind: str = "ed25519") -> str:
        """A host key as `type base64`."""
        return " ".join((self.place / f"host_{kind}.pub").read_text().split()[:2])

    def authorize(self, line: str) -> None:
        """Let one more public key in."""
        with (self.place / "authorized_keys").open("a") as file:
            file.write(line.rstrip() + "\n")

    @property
    def log(self) -> str:
        """What sshd has written so far."""
        return (self.place / "log").read_text()

    def start(self) -> None:
        """Start on a free port, or on the same one again."""
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        self.port = self.port or _free_port()
        (self.place / "config").write_text("\n".join(self._config()) + "\n")
        command = [SSHD, "-D", "-f", self.place / "config", "-E", self.place / "log"]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while self.process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection((self.host, self.port), 1):
                return
            time.sleep(0.02)
        raise RuntimeError(f"sshd did not start: {self.log}")

    def stop(self) -> None:
        """Stop; open connections end too."""
        if self.process:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    def _config(self) -> Iterator[str]:
        yield from self.options
        yield f"Port {self.port}"
        yield f"ListenAddress {self.host}"
        for kind in self.host_key_types:
            yield f"HostKey {self.place / f'host_{kind}'}"
        yield f"AuthorizedKeysFile {self.place / 'authorized_keys'}"
        yield f"PidFile {self.place / 'pid'}"
        yield "StrictModes no"
        yield "UsePAM no"
        yield "PasswordAuthentication no"
        yield "LogLevel VERBOSE"
        yield f"Subsystem sftp internal-sftp -d {self.root} {self.sftp_options}"


@contextlib.contextmanager
def running_sshd(place: Path, **settings) -> Iterator[Sshd]:
    """Run an sshd whose files live under `place`; settings are those of `Sshd`."""
    server = Sshd(place, **settings)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]
