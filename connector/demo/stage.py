"""The stage of the demo: its own folder, environment and processes."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from connector import supervisor as processes
from connector.embedded import start_valkey
from connector.supervisor import Supervisor, free_port
from sftp_app.keys import generate_key_pair, public_line
from xero_app.simulator.remote import Remote

CONFIGURATION = Path(__file__).resolve().parent.parent / "examples" / "demo.yaml"
PASSWORD = "demo-only"  # noqa: S105 (opens nothing but the simulated server on loopback)
INVOICES = 300
SERVER_COMES_BACK_SECONDS = 1


def prepare(folder: Path, *, lease_seconds: int = 20) -> dict[str, str]:
    """Empty the demo's folder and give the environment of everything that belongs to it."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "sftp" / "outbound").mkdir(parents=True, mode=0o700)
    simulator_port, sftp_port = free_port(), free_port()
    base = f"http://127.0.0.1:{simulator_port}"
    key = generate_key_pair(comment="demo")
    (folder / "host.key").touch(mode=0o600)
    (folder / "host.key").write_text(key.private.reveal())
    return {
        "MLC_DEMO_FOLDER": str(folder),
        "MLC_DEMO_SIMULATOR_PORT": str(simulator_port),
        "DATABASE_URL": os.environ.get("DATABASE_URL") or f"sqlite:///{folder / 'connector.sqlite3'}",
        "REDIS_URL": os.environ.get("REDIS_URL") or f"unix://{folder / 'valkey.sock'}",
        "SECRET_KEY": settings.SECRET_KEY,
        "CONNECTOR_KEKS": settings.CONNECTOR_KEKS,
        "CONNECTOR_KEK_ACTIVE": settings.CONNECTOR_KEK_ACTIVE,
        "DEBUG": "1",
        "ENVIRONMENT": "demo",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "ALLOWED_PRIVATE_NETS": "127.0.0.0/8",
        "XERO_LOGIN_BASE": base,
        "XERO_IDENTITY_BASE": base,
        "XERO_API_BASE": base,
        "XERO_CC_ID": "SIMCUSTOM",
        "XERO_CC_SECRET": "sim-custom-secret",
        "ERP_SFTP_HOST": "127.0.0.1",
        "ERP_SFTP_PORT": str(sftp_port),
        "ERP_SFTP_PASSWORD": PASSWORD,
        "ERP_SFTP_HOST_KEY": public_line(key.private),
        "RETRY_SECONDS": "1",
        "SWEEP_SECONDS": "1",
        "TICK_SECONDS": "1",
        "LEASE_SECONDS": str(lease_seconds),
    }


class Stage:
    """The running processes of the demo."""

    def __init__(self, supervisor: Supervisor, environment: Mapping[str, str]) -> None:
        self.supervisor, self.environment = supervisor, environment
        self.folder = supervisor.folder
        self.outbound = self.folder / "sftp" / "outbound"
        self.xero = Remote(environment["XERO_API_BASE"])

    def start_services(self) -> None:
        """Start Valkey (unless one was given) and both simulators."""
        if "valkey.sock" in self.environment["REDIS_URL"]:
            self.supervisor.processes["valkey"] = start_valkey(self.folder)
        port = self.environment["MLC_DEMO_SIMULATOR_PORT"]
        arguments = ["--xero-port", port, "--no-sftp", "--invoices", str(INVOICES), "--seed", "7"]
        self.supervisor.start_python("xero", "manage.py", "simulate", *arguments)
        self.start_sftp()
        self.supervisor.wait_for_line("xero", "ready")

    def start_sftp(self) -> None:
        """Start the partner's SFTP server, at the same address and with the same host key each time."""
        arguments = ["--root", str(self.folder / "sftp"), "--port", self.environment["ERP_SFTP_PORT"]]
        arguments += ["--host-key", str(self.folder / "host.key"), "--user", "harbor"]
        (self.folder / "sftp.log").unlink(missing_ok=True)
        self.supervisor.start_python(
            "sftp", "-m", "sftp_app.simulator", *arguments, "--password-env", "ERP_SFTP_PASSWORD"
        )
        self.supervisor.wait_for_line("sftp", "{")

    def stop_sftp(self) -> None:
        """Take the partner's SFTP server down."""
        self.supervisor.stop("sftp")

    def start_workers(self) -> None:
        """Start a Celery worker and beat, and wait for the worker to be ready."""
        self.supervisor.start_python("beat", *processes.beat_command())
        self.start_worker()

    def start_worker(self) -> None:
        """Start the worker, and wait until it is ready."""
        (self.folder / "worker.log").unlink(missing_ok=True)
        self.supervisor.start_python("worker", *processes.worker_command())
        self.supervisor.wait_for_line("worker", "ready.")

    def manage(self, *arguments: str) -> None:
        """Run a management command of the project; raises `ProcessEnded` with its words when it fails."""
        done = subprocess.run(  # noqa: S603 (our own command)
            [sys.executable, "manage.py", *arguments],
            env=dict(self.supervisor.environment),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise processes.ProcessEnded(f"manage.py {' '.join(arguments)}: {(done.stderr or done.stdout).strip()}")
