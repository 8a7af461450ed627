"""`manage.py up`: console, worker and beat on this machine, with the embedded database and broker by default."""

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandParser

from connector.embedded import start_valkey
from connector.management.connector_command import ConnectorCommand, Exit
from connector.serving import serve, wait_for_redis
from connector.supervisor import beat_command, supervised, worker_command


class Command(ConnectorCommand):
    """Run everything until stopped."""

    help = "Run the console, a worker and beat until stopped."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="of the console")

    def work(self, **options: Any) -> Exit:
        ended = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        with supervised(settings.VAR_DIR / "run", {}) as supervisor:
            if settings.EMBEDDED_REDIS:
                supervisor.processes["valkey"] = start_valkey(settings.VAR_DIR)
            wait_for_redis()
            call_command("migrate", verbosity=0)
            supervisor.start_python("worker", *worker_command())
            supervisor.start_python("beat", *beat_command())
            serve(supervisor, port=options["port"], say=self.say)
            while not ended.wait(1):
                supervisor.check()
        return Exit.OK
