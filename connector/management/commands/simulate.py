"""`manage.py simulate`: the Xero and SFTP simulators for development."""

import contextlib
import json
import signal
import threading
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from connector.management.connector_command import ConnectorCommand, Exit
from connector.supervisor import free_port
from sftp_app.simulator import SftpSimulator
from xero_app.simulator import Simulator, SimulatorConfig

DEVELOPMENT_PASSWORD = "simulated"  # opens nothing but the simulator on loopback  # noqa: S105  # nosec B105


class Command(ConnectorCommand):
    """Serve simulators until stopped."""

    help = "Serve a simulated Xero (with a page at /_sim/) and a simulated SFTP server, on loopback, until stopped."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--xero-port", type=int, default=0, help="0 takes a free one")
        parser.add_argument("--sftp-port", type=int, default=0, help="0 takes a free one")
        parser.add_argument("--no-sftp", action="store_true", help="only Xero")
        parser.add_argument("--folder", type=Path, default=settings.VAR_DIR / "simulated-sftp")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--invoices", type=int, default=250)

    def work(self, **options: Any) -> Exit:
        ended = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        config = SimulatorConfig(seed=options["seed"], invoices=options["invoices"])
        with contextlib.ExitStack() as stack:
            port = free_port(options["xero_port"])
            base = stack.enter_context(Simulator(config).serve(port=port))
            ready: dict[str, Any] = {"xero": base, "page": f"{base}/_sim/"}
            if not options["no_sftp"]:
                ready |= self._serve_sftp(stack, options["folder"], options["sftp_port"])
            self.stdout.write(json.dumps({"ready": ready}))
            self.stdout.flush()
            ended.wait()
        return Exit.OK

    def _serve_sftp(self, stack: contextlib.ExitStack, folder: Path, port: int) -> dict[str, Any]:
        folder.mkdir(parents=True, exist_ok=True)
        sftp = SftpSimulator(root=folder, username="harbor", password=DEVELOPMENT_PASSWORD)
        host, bound = stack.enter_context(sftp.serve(port=free_port(port)))
        return {"sftp": f"{host}:{bound}", "host_key": sftp.host_key_line, "folder": str(folder)}
