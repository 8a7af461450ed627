"""`manage.py reconcile TENANT --from DAY --to DAY`: Xero's documents of these days against what became of them."""

from datetime import date
from typing import Any

from django.core.management.base import CommandParser

from connector.management.connector_command import ConnectorCommand, Exit
from connector.natural_keys import find_tenant
from connector.reconcile import Became, Line, Sum, reconcile

MOST_TOLD = 20


class Command(ConnectorCommand):
    """Compare Xero with what was delivered, by document date."""

    help = "Compare what Xero holds for a range of document dates with what became of it: exit 0 when all agrees."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", metavar="TENANT")
        parser.add_argument("--from", dest="day_from", type=date.fromisoformat, required=True, metavar="DAY")
        parser.add_argument("--to", dest="day_to", type=date.fromisoformat, required=True, metavar="DAY")

    def work(self, **options: Any) -> Exit:
        report = reconcile(find_tenant(options["tenant"]), day_from=options["day_from"], day_to=options["day_to"])
        self.give(report.as_object())
        for line in report.lines:
            self._tell(line)
        for change in report.late:
            self.say(f"locked period: {change.stream} {change.number}, {change.dated_on}: {change.what}")
        if not report.lines:
            self.say("No live integration reads anything.")
        return Exit.OK if report.is_ok else Exit.FAILED

    def _tell(self, line: Line) -> None:
        verdict = "ok" if line.is_ok else "NOT EQUAL"
        self.say(f"{line.integration}, {line.stream}, {line.currency}: {verdict}")
        self.say(f"  {'in Xero':14} {_shown(line.xero, line)}")
        for outcome in Became:
            if outcome in line.ours:
                self.say(f"  {outcome.replace('_', ' '):14} {_shown(line.ours[outcome], line)}")
        if line.error:
            self.say(f"  {line.error}")
        if line.unlisted:
            self.say(f"  Xero counts {line.unlisted} more than it listed: run it again.")
        for item in line.missing[:MOST_TOLD]:
            self.say(f"  missing: {item.number or item.xero_id} {item.amount} ({item.xero_id}): {item.reason}")
        if line.missing_count > MOST_TOLD:
            self.say(f"  and {line.missing_count - MOST_TOLD} more, all of them with --json")


def _shown(found: Sum, line: Line) -> str:
    base = f"  {found.base:>16,.2f} {line.base_currency}" if line.currency != line.base_currency else ""
    return f"{found.count:>8}  {found.amount:>16,.2f} {line.currency}{base}"
