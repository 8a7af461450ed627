"""What every command shares: `--json`, the exit codes, and plain sentences instead of tracebacks."""

import json
import sys
from enum import IntEnum
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from core.errors import ConnectorError, Invalid


class Exit(IntEnum):
    """How a command ended. Usage errors (2) are the parser's own."""

    OK = 0
    FAILED = 1
    USAGE = 2
    PARTLY = 3


class ConnectorCommand(BaseCommand):
    """A command that says what went wrong in words, or with `--json` in objects of one shape.

    Subclasses do their work in `work`, show text with `say`, and hand objects to `give`.
    """

    as_json = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--json`, and the command's own arguments."""
        parser.add_argument("--json", action="store_true", help="print JSON instead of text")
        self.add_own_arguments(parser)

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Add what this command takes beside `--json`."""

    def work(self, **options: Any) -> Exit:
        """Do the work and say how it ended. May raise `ConnectorError`."""
        raise NotImplementedError

    def handle(self, *_: Any, **options: Any) -> None:
        """Run `work`; leave with its exit code, or 1 behind a sentence."""
        self.as_json = options["json"]
        try:
            code = self.work(**options)
        except ConnectorError as error:
            self._show(error)
            code = Exit.FAILED
        except DatabaseError as error:
            self._show(database_trouble(error))
            code = Exit.FAILED
        if code is not Exit.OK:
            sys.exit(code)

    def say(self, text: str = "") -> None:
        """Show a line to people; nothing with `--json`."""
        if not self.as_json:
            self.stdout.write(text)

    def give(self, thing: dict[str, Any]) -> None:
        """Print one object as a line of JSON; nothing without `--json`."""
        if self.as_json:
            self.stdout.write(json.dumps(thing, ensure_ascii=False, default=str))

    def usage(self, sentence: str) -> Exit:
        """Refuse arguments that the parser alone could not refuse."""
        self._show(ConnectorError(sentence, code="USAGE", next_step=f"See manage.py {self.name()} --help."))
        return Exit.USAGE

    def name(self) -> str:
        """Give the command's own name."""
        return type(self).__module__.rpartition(".")[2]

    def _show(self, error: ConnectorError) -> None:
        self.give(error_object(error))
        if not self.as_json:
            self.stderr.write("\n".join(filter(None, (error.sentence, error.next_step))))


def error_object(error: ConnectorError) -> dict[str, Any]:
    """Give an error as the object that `--json` prints."""
    shown: dict[str, Any] = {"code": error.code, "sentence": error.sentence, "next": error.next_step}
    if isinstance(error, Invalid):
        shown["findings"] = [
            {"path": item.path, "reason": item.reason, "hint": item.hint, "code": item.code} for item in error.findings
        ]
    return shown


def database_trouble(error: DatabaseError) -> ConnectorError:
    """Say in words that the database does not answer or is not prepared."""
    first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
    return ConnectorError(
        f"The database did not do as asked: {first_line}",
        code="DATABASE",
        next_step="Check DATABASE_URL and that the database runs, then run manage.py migrate.",
    )
