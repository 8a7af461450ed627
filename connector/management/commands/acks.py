"""`manage.py acks`: the acknowledgments of both sides, and one of ours sent again."""

from typing import Any

from django.core.management.base import CommandParser

from connector import pipeline
from connector.ack_lines import line, lines
from connector.management.commands.sync import moment
from connector.management.connector_command import ConnectorCommand, Exit
from connector.natural_keys import NotFound, find_partner
from connector.steps.answer import send_again
from core.clock import database_now
from core.models import Acknowledgment
from core.states import FileState

ACTOR = "manage.py acks"


class Command(ConnectorCommand):
    """List acknowledgments; with --send-again deliver one of ours once more, as it was."""

    help = "Show what partners answered and what we answered them; send one of ours again."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--partner", metavar="TENANT/PARTNER")
        parser.add_argument("--since", type=moment, metavar="TIME")
        parser.add_argument("--unmatched", action="store_true", help="only those that answer nothing of ours")
        parser.add_argument("--send-again", type=int, metavar="ID", help="one of ours that the partner has lost")

    def work(self, **options: Any) -> Exit:
        if options["send_again"] is not None:
            return self._send_again(options["send_again"])
        partner = find_partner(options["partner"]) if options["partner"] else None
        count = 0
        for item in lines(partner=partner, since=options["since"], unmatched=options["unmatched"]):
            count += 1
            self.give(item)
            self._tell(item)
        if not count:
            self.say("There are no acknowledgments.")
        return Exit.OK

    def _tell(self, item: dict[str, Any]) -> None:
        whose = "from" if item["direction"] == "theirs" else "to"
        numbers = " / ".join(filter(None, (item["interchange"], item["group"]))) or "no number"
        about = item["answers"] or "nothing of ours"
        self.say(
            f"{item['at']}  {item['id']:>6}  {item['kind']:<6} {whose} {item['partner']}: {item['outcome']}  "
            f"{numbers}  {about}"
        )
        for detail in item["details"]:
            self.say(f"        {detail}")

    def _send_again(self, number: int) -> Exit:
        row = Acknowledgment.objects.select_related("partner__tenant").filter(pk=number).first()
        if row is None:
            raise NotFound(f"There is no acknowledgment {number}.", next_step="See manage.py acks.")
        now = database_now()
        file = send_again(row, actor=ACTOR, now=now)
        pipeline.deliver(file.server_id, now=now)
        file.refresh_from_db()
        self.give({**line(row), "file": {"name": file.name, "folder": file.folder, "state": file.state}})
        self.say(f"{file.folder}/{file.name}  {file.state}")
        return Exit.OK if file.state == FileState.DELIVERED else Exit.PARTLY
