"""`manage.py replay …`: send again what was sent or failed; no worker needed."""

from typing import Any
from uuid import UUID

from django.core.management.base import CommandParser
from django.db.models import Q, QuerySet

from connector.management.commands.preview import positive
from connector.management.commands.sync import WAITING, moment
from connector.management.connector_command import ConnectorCommand, Exit
from connector.natural_keys import NotFound, find_integration, find_tenant
from connector.replay import (
    Plan,
    failed_since,
    never_delivered_since,
    newest_of,
    plan_replay,
    progress_of,
    rehearse,
    start_replay,
)
from connector.replay.rehearsal import MOST
from connector.sync import carry_out, file_object
from core.clock import database_now
from core.models import Export, MappingVersion, ReplayMode, Run
from core.states import ExportState, RunState

ACTOR = "manage.py replay"
PICKS = ("record", "export", "file", "run", "failed_since", "never_delivered_since")


class Command(ConnectorCommand):
    """Plan, rehearse or carry out a replay."""

    help = "Send again: the same bytes, the same values in a new envelope, mapped again, or read again from Xero."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("scope", metavar="TENANT[/INTEGRATION]", help="whose exports")
        picks = parser.add_mutually_exclusive_group(required=True)
        picks.add_argument("--record", action="append", metavar="ID_OR_NUMBER", help="its newest export; repeatable")
        picks.add_argument("--export", action="append", type=positive, metavar="ID", help="repeatable")
        picks.add_argument("--file", metavar="NAME", help="what files of this name held")
        picks.add_argument("--run", type=positive, metavar="ID", help="what a run sent or failed to send")
        picks.add_argument("--failed-since", type=moment, metavar="TIME")
        picks.add_argument("--never-delivered-since", type=moment, metavar="TIME")
        parser.add_argument("--mode", choices=ReplayMode.values, default=ReplayMode.MAP_AGAIN)
        parser.add_argument("--mapping-version", type=positive, metavar="N", help="instead of the one that applies")
        parser.add_argument("--reason", default="", help="why, for the audit trail; needed unless --dry-run")
        parser.add_argument("--request-id", type=UUID, help="the same id again makes nothing new")
        parser.add_argument("--dry-run", action="store_true", help="say what would be sent; send nothing")
        parser.add_argument("--background", action="store_true", help="leave the work to the workers")

    def work(self, **options: Any) -> Exit:
        picked, mode = _picked(options), options["mode"]
        version = _version(options["scope"], options["mapping_version"])
        plan = plan_replay(picked, mode=mode, version=version)
        if options["dry_run"]:
            return self._dry_run(picked, plan, version)
        details = {"reason": options["reason"], "request_id": options["request_id"], "version": version}
        started = start_replay(picked, mode=mode, actor=ACTOR, now=database_now(), **details)
        ended = started if options["background"] else [carry_out(run).run for run in started]
        runs = [_run_object(run) for run in ended]
        self.give({"mode": mode, "runs": runs, "left_out": plan.left_out, "warnings": plan.warnings})
        self._tell(runs, plan)
        return Exit.OK if options["background"] else _exit(ended)

    def _dry_run(self, picked: "QuerySet[Export]", plan: Plan, version: MappingVersion | None) -> Exit:
        shown: dict[str, Any] = {"mode": plan.mode, "exports": plan.total, "parts": _parts(plan)}
        shown |= {"refused": plan.refused, "left_out": plan.left_out, "warnings": plan.warnings}
        if 0 < plan.total <= MOST:
            tried = rehearse(picked, mode=plan.mode, version=version, now=database_now())
            shown |= {"files": tried.files, "left": tried.left}
        self.give(shown)
        for part in shown["parts"]:
            self.say(f"{part['integration']}: {part['exports']} exports in about {part['files']} files.")
        for file in shown.get("files", ()):
            self.say(f"  {file['folder']}/{file['name']}  {file['size']} bytes  {file['records']} records")
        for export in shown.get("left", ()):
            self.say(f"  {export['number']} would not be sent: {export['sentence']}")
        self._warn(plan)
        return Exit.OK if plan.total else Exit.FAILED

    def _tell(self, runs: list[dict[str, Any]], plan: Plan) -> None:
        for run in runs:
            counts = ", ".join(f"{count} {state}" for state, count in run["exports"].items()) or "nothing yet"
            self.say(f"Run {run['run']} of {run['integration']}: {run['state']}. {counts}.")
            for file in run["files"]:
                self.say(f"  {file['folder']}/{file['name']}  {file['state']}  {file['records']} records")
        self._warn(plan)

    def _warn(self, plan: Plan) -> None:
        for line in filter(None, (*plan.warnings, plan.left_out)):
            self.say(line)


def _picked(options: dict[str, Any]) -> "QuerySet[Export]":
    exports = _scoped(options["scope"])
    name = next(each for each in PICKS if options[each] is not None)
    value = options[name]
    if name == "failed_since":
        return failed_since(exports, since=value)
    if name == "never_delivered_since":
        return never_delivered_since(exports, since=value)
    if name == "record":
        return newest_of(exports.filter(Q(number__in=value) | Q(xero_id__in=value)))
    return exports.filter(**{{"export": "pk__in", "file": "file__name", "run": "run"}[name]: value})


def _scoped(scope: str) -> "QuerySet[Export]":
    if "/" in scope:
        return Export.objects.filter(integration=find_integration(scope))
    return Export.objects.filter(tenant=find_tenant(scope))


def _version(scope: str, number: int | None) -> MappingVersion | None:
    if number is None:
        return None
    mapping = find_integration(scope).mapping
    version = mapping.versions.filter(number=number).first()
    if version is None:
        raise NotFound(f"The mapping {mapping} has no version {number}.")
    return version


def _parts(plan: Plan) -> list[dict[str, Any]]:
    names = ("exports", "files", "already", "along", "newer", "calls", "control_number")
    return [
        {"integration": part.integration.name} | {name: getattr(part, name) for name in names} for part in plan.parts
    ]


def _run_object(run: Run) -> dict[str, Any]:
    progress = progress_of(run, now=database_now())
    states = {state: progress.states[state] for state in ExportState.values if state in progress.states}
    files = [file_object(file) for file in run.files.order_by("pk")]
    shown = {"run": run.pk, "integration": run.integration.name, "state": str(run.state)}
    return shown | {"total": progress.total, "exports": states, "files": files}


def _exit(runs: list[Run]) -> Exit:
    if all(run.state == RunState.DONE for run in runs):
        return Exit.OK
    return Exit.PARTLY if any(run.state in WAITING for run in runs) else Exit.FAILED
