"""`manage.py acks`: the acknowledgments of both sides, what is still awaited, ours sent again, theirs reviewed."""

from typing import Any

from django.core.management.base import CommandParser

from connector import pipeline
from connector.ack_lines import awaited_lines, line, lines
from connector.management.commands.sync import moment
from connector.management.connector_command import ConnectorCommand, Exit
from connector.natural_keys import NotFound, find_partner
from connector.steps.answer import send_again
from core.awaiting import review
from core.clock import database_now
from core.models import Acknowledgment, File, Partner
from core.states import FileState

ACTOR = "manage.py acks"


class Command(ConnectorCommand):
    """List acknowledgments; with --send-again deliver one of ours once more, as it was; with --review take your word
    for an answer that never came."""

    help = "Show what partners answered and what we answered them; send one of ours again; review what is missing."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--partner", metavar="TENANT/PARTNER")
        parser.add_argument("--since", type=moment, metavar="TIME")
        parser.add_argument("--unmatched", action="store_true", help="only those that answer nothing of ours")
        parser.add_argument("--awaited", action="store_true", help="files that wait for an answer")
        parser.add_argument("--overdue", action="store_true", help="files whose answer is overdue")
        parser.add_argument("--review", type=int, metavar="ID", help="a file of --awaited that was answered otherwise")
        parser.add_argument("--outcome", choices=["accepted", "rejected"], help="with --review")
        parser.add_argument("--comment", default="", help="with --review: how you know")
        parser.add_argument("--send-again", type=int, metavar="ID", help="one of ours that the partner has lost")

    def work(self, **options: Any) -> Exit:
        if options["send_again"] is not None:
            return self._send_again(options["send_again"])
        if options["review"] is not None:
            return self._review(options["review"], options["outcome"], options["comment"])
        partner = find_partner(options["partner"]) if options["partner"] else None
        if options["awaited"] or options["overdue"]:
            return self._show_awaited(partner, only_overdue=options["overdue"])
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

    def _show_awaited(self, partner: Partner | None, *, only_overdue: bool) -> Exit:
        count = 0
        for item in awaited_lines(partner=partner, only_overdue=only_overdue):
            count += 1
            self.give(item)
            due = f"due {item['due_at']}" if item["due_at"] else "never due"
            what = f"{item['awaited'] or 'an answer'} from {item['partner']} for {item['file']}"
            self.say(f"{item['id']:>6}  {item['outcome']:<8} {what}  {due}")
        if not count:
            self.say("No answer is awaited." if not only_overdue else "No answer is overdue.")
        return Exit.OK

    def _review(self, number: int, outcome: str | None, comment: str) -> Exit:
        if not (outcome and comment):
            return self.usage("A review needs --outcome and --comment.")
        file = File.objects.select_related("partner", "integration").filter(pk=number).first()
        if file is None:
            raise NotFound(f"There is no file {number}.", next_step="See manage.py acks --awaited.")
        if not review(file, outcome=outcome, comment=comment, actor=ACTOR, now=database_now()):
            raise NotFound(f"Nothing is awaited for {file.name}.", next_step="See manage.py acks --awaited.")
        self.give({"file": file.name, "outcome": outcome})
        self.say(f"{file.name}  {outcome}")
        return Exit.OK

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
