"""`manage.py export_failed [TENANT[/INTEGRATION]]`: what failed, as CSV, JSON lines or ZIP."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.db.models import Q

from connector.downloads import FORMS, download_exports
from connector.management.commands.sync import moment
from connector.management.connector_command import ConnectorCommand, Exit
from connector.natural_keys import find_integration, find_tenant
from core.clock import database_now
from core.errors import PermanentError
from core.models import Export
from core.states import ExportState

ACTOR = "manage.py export_failed"


class FileUnwritable(PermanentError):
    """The file cannot be written."""

    code = "FILE_UNWRITABLE"
    next_step = "Check the path."


class Command(ConnectorCommand):
    """Write failed exports out for people."""

    help = "Write failed exports, with their records, as CSV, JSON lines or ZIP."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("scope", metavar="TENANT[/INTEGRATION]", nargs="?", default="", help="empty: all tenants")
        parser.add_argument("--format", choices=list(FORMS), default="csv")
        parser.add_argument("--output", type=Path, help="a file; without it the text is printed")
        parser.add_argument("--since", type=moment, metavar="TIME", help="only what failed at or after this moment")
        parser.add_argument("--held", action="store_true", help="what is on hold, too")

    def work(self, **options: Any) -> Exit:
        form, path = options["format"], options["output"]
        if path is None and form == "zip":
            return self.usage("A ZIP needs --output FILE.")
        states = [ExportState.FAILED, *([ExportState.HELD] if options["held"] else [])]
        exports = self._scoped(options["scope"]).filter(state__in=states)
        if since := options["since"]:
            exports = exports.filter(Q(ended_at__gte=since) | Q(state=ExportState.HELD, created_at__gte=since))
        shown = "jsonl" if self.as_json and path is None else form
        count = exports.count()
        pieces = download_exports(exports, form=shown, actor=ACTOR, now=database_now())
        if path is None:
            for piece in pieces:
                self.stdout.write(piece.decode("utf-8-sig"), ending="")
            return Exit.OK
        try:
            with path.open("wb") as file:
                file.writelines(pieces)
        except OSError as error:
            raise FileUnwritable(f"The file {path} cannot be written: {error.strerror}.") from error
        self.give({"records": count, "file": str(path), "format": form})
        self.say(f"{count} records were written to {path}.")
        return Exit.OK

    def _scoped(self, scope: str) -> Any:
        if not scope:
            return Export.objects.all()
        if "/" in scope:
            return Export.objects.filter(integration=find_integration(scope))
        return Export.objects.filter(tenant=find_tenant(scope))
