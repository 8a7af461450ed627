"""`manage.py check_connection server:TENANT/NAME` or `xero:TENANT/NAME`: try a connection step by step."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from connector.connection_check import Step, check_server, check_xero, probe_server
from connector.management.connector_command import ConnectorCommand, Exit
from connector.natural_keys import find_organisation, find_server
from core.clock import database_now
from core.errors import ConnectorError
from core.models import Server

_MARKS = {"ok": "ok     ", "warning": "warning", "failed": "FAILED "}


class Command(ConnectorCommand):
    """Try everything that the work on a connection needs, and say where it stops."""

    help = "Test a server or a Xero connection step by step; the first failure says what to do."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("connection", metavar="server:TENANT/NAME | xero:TENANT/NAME")
        parser.add_argument("--folder", default="", help="of the server; usually the first partner's send_to")
        parser.add_argument(
            "--probe",
            action="store_true",
            help="find out with small files what the server can do, and which way of publishing suits it",
        )

    def work(self, **options: Any) -> Exit:
        kind, colon, key = options["connection"].partition(":")
        if not colon or kind not in ("server", "xero"):
            return self.usage(f"{options['connection']!r} is neither server:TENANT/NAME nor xero:TENANT/NAME.")
        steps = list(self._shown(self._steps(kind, key, options["folder"])))
        is_good = not any(step.is_failed for step in steps)
        shown = {"connection": options["connection"], "ok": is_good, "steps": [_object(step) for step in steps]}
        if options["probe"] and kind == "server":
            shown["suggested"] = self._probed(find_server(key), options["folder"])
        self.give(shown)
        return Exit.OK if is_good else Exit.FAILED

    def _probed(self, server: Server, folder: str) -> dict[str, Any] | None:
        """Tell what a server can do, also when a step failed: often the way of publishing is why."""
        try:
            profile = asdict(probe_server(server, folder=folder, now=database_now()))
        except ConnectorError as error:
            self.say(f"What the server can do was not found out: {error.sentence}")
            return None
        dot = "with" if profile["hidden_temporary"] else "without"
        self.say(f"Suggested: publish {profile['publish']}, temporary names {dot} a leading dot.")
        for note in profile["notes"]:
            self.say(f"  {note}")
        return profile

    def _steps(self, kind: str, key: str, folder: str) -> Iterator[Step]:
        if kind == "xero":
            return check_xero(find_organisation(key))
        return check_server(find_server(key), folder=folder, now=database_now())

    def _shown(self, steps: Iterator[Step]) -> Iterator[Step]:
        for step in steps:
            self.say(f"{_MARKS[step.outcome]} {step.name:<16} {step.seconds * 1000:6.0f} ms  {step.detail}")
            if step.next_step:
                self.say(f"{'':34}  {step.next_step}")
            yield step


def _object(step: Step) -> dict[str, Any]:
    return {
        "name": step.name,
        "outcome": str(step.outcome),
        "ms": round(step.seconds * 1000),
        "detail": step.detail,
        "next": step.next_step,
        "code": step.code,
    }
