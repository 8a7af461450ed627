"""Runs the processes of an embedded installation: starts them, waits for them, and stops only its own.

Children end with their parent on Linux; elsewhere they are stopped on the way out. Output goes to one log a process.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from connector.embedded import end_with_parent
from core.errors import PermanentError

STOP_SECONDS = 15


class ProcessEnded(PermanentError):
    """A process that should run has ended."""

    code = "PROCESS_ENDED"


class PortTaken(PermanentError):
    """Something else listens on the port that was asked for."""

    code = "PORT_TAKEN"


@dataclass(slots=True)
class Supervisor:
    """The processes of one installation. `folder` takes their logs, `environment` is theirs."""

    folder: Path
    environment: Mapping[str, str]
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start a process by a name of our own; its output goes to `NAME.log`."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(  # noqa: S603 (our own commands)
                list(command), env=dict(self.environment), stdout=log, stderr=log, preexec_fn=end_with_parent
            )

    def start_python(self, name: str, *arguments: str) -> None:
        """Start a Python module or script with this interpreter."""
        self.start(name, [sys.executable, *arguments])

    def stop(self, name: str) -> None:
        """Stop a process and wait for it."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def kill(self, name: str) -> None:
        """End a process the hard way, as a power cut would."""
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def stop_all(self) -> None:
        """Stop everything, the last started first."""
        for name in reversed(list(self.processes)):
            self.stop(name)

    def check(self) -> None:
        """Raise `ProcessEnded` with the end of its log when a process is not running any more."""
        for name, process in self.processes.items():
            if process.poll() is not None:
                tail = (self.folder / f"{name}.log").read_text(errors="replace")[-600:].strip()
                raise ProcessEnded(f"The process {name!r} ended with code {process.returncode}: {tail}")

    def wait_for_line(self, name: str, text: str, *, seconds: float = 60) -> str:
        """Wait until a process has logged a line with this text; give the line."""
        log = self.folder / f"{name}.log"
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.check()
            for line in log.read_text(errors="replace").splitlines():
                if text in line:
                    return line
            time.sleep(0.05)
        raise ProcessEnded(f"The process {name!r} was not ready within {seconds:.0f} seconds; see {log.name}.")


@contextlib.contextmanager
def supervised(folder: Path, environment: Mapping[str, str]) -> Iterator[Supervisor]:
    """Give a supervisor; whatever happens, its processes are stopped at the end."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    supervisor = Supervisor(folder, {**os.environ, "PYTHONUNBUFFERED": "1", **environment})
    try:
        yield supervisor
    finally:
        supervisor.stop_all()


def free_port(wanted: int = 0) -> int:
    """Check that a port of this machine is free, or find one. Raises `PortTaken`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError as error:
            next_step = f"Stop what listens there, or choose another: PORT={wanted + 1}."
            raise PortTaken(f"Port {wanted} is taken.", next_step=next_step) from error
        return int(probe.getsockname()[1])


def worker_command() -> list[str]:
    """Give the arguments that start a worker."""
    return [
        "-m",
        "celery",
        "-A",
        "connector",
        "worker",
        "--loglevel",
        "INFO",
        "--without-mingle",
        "--without-gossip",
    ]


def beat_command() -> list[str]:
    """Give the arguments that start beat."""
    return ["-m", "celery", "-A", "connector", "beat", "--loglevel", "INFO"]


def web_command(port: int) -> list[str]:
    """Give the arguments that start the web server on this machine only."""
    bind = f"127.0.0.1:{port}"
    return ["-m", "gunicorn", "connector.wsgi", "--bind", bind, "--threads", "8", "--access-logfile", "-"]
