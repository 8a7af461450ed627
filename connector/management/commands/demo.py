"""`manage.py demo`: the main job for real, on this machine alone."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from rich.console import Console

from connector.demo.stage import Stage, prepare
from connector.demo.story import Story
from connector.management.connector_command import ConnectorCommand, Exit
from connector.serving import serve
from connector.supervisor import supervised

OWN_ENVIRONMENT = "MLC_DEMO_FOLDER"


class Command(ConnectorCommand):
    """Run the demo in an environment of its own."""

    help = "Sync 300 invoices from a simulated Xero to a real SFTP server on this machine, and prove it."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--serve", action="store_true", help="leave the console running at the end")
        parser.add_argument("--port", type=int, default=8000, help="of the console")
        parser.add_argument("--folder", type=Path, default=settings.VAR_DIR / "demo", help="emptied at the start")
        parser.add_argument("--kills", type=int, default=0, help="end the worker so many times on the way")

    def work(self, **options: Any) -> Exit:
        if OWN_ENVIRONMENT not in os.environ:
            return self._in_own_environment(options)
        console = Console()
        with supervised(Path(os.environ[OWN_ENVIRONMENT]), os.environ) as supervisor:
            stage = Stage(supervisor, os.environ)
            proved = Story(stage, console, kills=options["kills"]).tell()
            if options["serve"]:
                serve(supervisor, port=options["port"], say=console.print)
                threading.Event().wait()
        return Exit.OK if proved else Exit.FAILED

    def _in_own_environment(self, options: dict[str, Any]) -> Exit:
        """Start again with the demo's settings: they are read once, when a process starts."""
        lease_seconds = 3 if options["kills"] else 20
        environment = {**os.environ, **prepare(options["folder"], lease_seconds=lease_seconds)}
        code = subprocess.run([sys.executable, *sys.argv], env=environment, check=False).returncode  # noqa: S603
        return Exit(code) if code in list(Exit) else Exit.FAILED
