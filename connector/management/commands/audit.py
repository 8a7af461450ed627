"""`manage.py audit`: the audit trail, for one record, one file, or since a time."""

from typing import Any

from django.core.management.base import CommandParser

from connector.audit_lines import lines, lines_of
from connector.management.commands.sync import moment
from connector.management.connector_command import ConnectorCommand, Exit


class Command(ConnectorCommand):
    """Print audit lines."""

    help = "Show the audit trail: of every record with an id or number, of a file, or since a time."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--record", metavar="ID_OR_NUMBER")
        parser.add_argument("--file", metavar="NAME", default="")
        parser.add_argument("--since", type=moment, metavar="TIME")

    def work(self, **options: Any) -> Exit:
        found = (
            lines_of(options["record"]) if options["record"] else lines(file=options["file"], since=options["since"])
        )
        count = 0
        for count, item in enumerate(found, start=1):  # noqa: B007 (the last count is used)
            self.give(item)
            about = " ".join(filter(None, (item["integration"], item["stream"], item["number"], item["file"])))
            self.say(f"{item['at']}  {item['event']:<20} {about}  {item['detail'] or ''}")
        if not count:
            self.say("No audit line matches.")
        return Exit.OK
