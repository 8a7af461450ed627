"""`manage.py sync TENANT/INTEGRATION`: one whole run in the foreground, no worker needed."""

from datetime import UTC, date, datetime
from typing import Any

from django.core.management.base import CommandParser

from connector.management.connector_command import ConnectorCommand, Exit
from connector.natural_keys import find_integration
from connector.sync import Synced, sync
from core.states import RunState

WAITING = (RunState.DUE, RunState.FETCHING, RunState.FORMATTING, RunState.DELIVERING, RunState.PARTLY)


def moment(text: str) -> datetime:
    """Read an ISO moment; without a zone it is UTC."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


class Command(ConnectorCommand):
    """Fetch, format and deliver one integration now."""

    help = "Run one integration once, in the foreground: fetch, format, deliver."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("integration", metavar="TENANT/INTEGRATION")
        parser.add_argument("--since", type=moment, help="only what Xero updated at or after this moment")
        parser.add_argument("--until", type=moment, help="only what Xero updated before this moment")
        parser.add_argument("--dated-from", type=date.fromisoformat, help="only documents dated from this day on")
        parser.add_argument("--dated-to", type=date.fromisoformat, help="only documents dated up to this day")
        parser.add_argument("--resend", action="store_true", help="send again what was sent before")
        parser.add_argument("--dry-run", action="store_true", help="show what would be sent; send nothing")

    def work(self, **options: Any) -> Exit:
        integration = find_integration(options["integration"])
        result = sync(
            integration,
            dry_run=options["dry_run"],
            updated_since=options["since"],
            updated_until=options["until"],
            dated_from=options["dated_from"],
            dated_to=options["dated_to"],
            resend=options["resend"],
        )
        self.give(result.as_object())
        self._tell(result)
        if result.run.state == RunState.DONE:
            return Exit.OK
        return Exit.PARTLY if result.run.state in WAITING else Exit.FAILED

    def _tell(self, result: Synced) -> None:
        shown = result.as_object()
        read = ", ".join(f"{count} {stream}" for stream, count in shown["fetched"].items())
        self.say(f"Run {shown['run']}: {shown['state']}. Read {read}.")
        self.say("Exports: " + (", ".join(f"{n} {state}" for state, n in shown["exports"].items() if n) or "none"))
        for file in shown["files"]:
            what = f"{file['state']}  {file['size']} bytes  {file['records']} records"
            self.say(f"  {file['folder']}/{file['name']}  {what}")
        for problem in shown["problems"]:
            self.say(f"  {problem['code']}: {problem['sentence']} {problem['next']}")
