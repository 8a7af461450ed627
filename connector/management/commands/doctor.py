"""`manage.py doctor`: is this installation in order, and does its work move?"""

from typing import Any

from connector.doctor import Standing, examine
from connector.management.connector_command import ConnectorCommand, Exit

MARKS = {Standing.OK: "ok  ", Standing.WARN: "WARN", Standing.FAIL: "FAIL"}


class Command(ConnectorCommand):
    """Look at everything and say what is not in order."""

    help = (
        "Look at settings, clock, queues, keys, migrations, workers and stuck work. Exit 0 ok, 1 failing, 3 warnings."
    )
    requires_system_checks: list[str] = []  # they are among what is looked at

    def work(self, **_: Any) -> Exit:
        checks = examine()
        standings = {check.standing for check in checks}
        shown = [
            {"name": each.name, "state": each.standing, "sentence": each.sentence, "next": each.next_step}
            for each in checks
        ]
        self.give({"ok": Standing.FAIL not in standings, "checks": shown})
        for check in checks:
            self.say(
                f"{MARKS[Standing(check.standing)]}  {check.name:<10}  {check.sentence} {check.next_step}".rstrip()
            )
        if Standing.FAIL in standings:
            return Exit.FAILED
        return Exit.PARTLY if Standing.WARN in standings else Exit.OK
