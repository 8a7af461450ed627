"""`manage.py apply FILE`: make the configuration what a file says."""

import os
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from connector.config.apply import apply_file
from connector.config.changes import CHANGED, CREATED, REMOVED, UNCHANGED, Change
from connector.management.connector_command import ConnectorCommand, Exit
from core.clock import database_now


class Command(ConnectorCommand):
    """Apply a configuration file, all of it or nothing."""

    help = "Apply a configuration file: all of it, or nothing when anything in it is wrong."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="YAML, as export_config writes it")
        parser.add_argument("--dry-run", action="store_true", help="show what would change; change nothing")
        parser.add_argument(
            "--prune", action="store_true", help="remove what the file's tenants have and the file does not"
        )

    def work(self, **options: Any) -> Exit:
        changes = apply_file(
            options["file"],
            environment=os.environ,
            dry_run=options["dry_run"],
            prune=options["prune"],
            now=database_now(),
        )
        counts = Counter(change.action for change in changes)
        summary = {action: counts[action] for action in (CREATED, CHANGED, REMOVED, UNCHANGED)}
        self.give({"dry_run": options["dry_run"], **summary, "changes": [change.as_object() for change in changes]})
        self._tell(changes, summary, is_trial=options["dry_run"])
        return Exit.OK

    def _tell(self, changes: list[Change], summary: dict[str, int], *, is_trial: bool) -> None:
        for change in changes:
            if change.action != UNCHANGED:
                self.say("\n".join(change.lines()))
        counts = ", ".join(f"{count} {action}" for action, count in summary.items())
        self.say(f"Dry run, nothing was changed: {counts}." if is_trial else f"Applied: {counts}.")
