"""`manage.py preview TENANT/INTEGRATION [RECORD]`: what records become under a mapping. Nothing is sent."""

from argparse import ArgumentTypeError
from collections.abc import Mapping as Definition
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from connector.config.read import FileUnreadable
from connector.config.yaml_text import LARGEST_BYTES, read_yaml
from connector.management.connector_command import ConnectorCommand, Exit
from connector.natural_keys import find_integration
from connector.previews import Refused, find_records, preview_record, try_on, what_changes
from connector.steps.lots import published_version
from core.clock import database_now
from core.errors import Finding, Invalid, PermanentError
from core.models import Integration
from edi_app.preview import PreviewField

STORED = "-"


class NoVersion(PermanentError):
    """The mapping has no such version."""

    code = "NOT_FOUND"


def positive(text: str) -> int:
    """Read a number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)


class Command(ConnectorCommand):
    """Show one record under a mapping, try a mapping on the newest ones, or compare two mappings."""

    help = "Preview a record, or the newest ones, under the published mapping, a version, or a draft."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("integration", metavar="TENANT/INTEGRATION")
        parser.add_argument("record", metavar="ID_OR_NUMBER", nargs="?", help="without it the newest are tried")
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--mapping-version", dest="number", type=positive, help="a published version")
        which.add_argument("--draft", nargs="?", const=STORED, metavar="FILE", help="a file, or the stored draft")
        parser.add_argument("--last", type=positive, default=100, help="how many of the newest records are tried")
        parser.add_argument("--changes", action="store_true", help="compare with what is published")

    def work(self, **options: Any) -> Exit:
        integration = find_integration(options["integration"])
        definition = _definition(integration, options["number"], options["draft"])
        if options["record"]:
            return self._one(integration, options["record"], definition)
        if options["changes"]:
            return self._changes(integration, definition, options["last"])
        return self._tried(integration, definition, options["last"])

    def _one(self, integration: Integration, name: str, definition: Definition[str, Any]) -> Exit:
        code = Exit.OK
        for record in find_records(integration, name):
            shown = preview_record(integration, record, definition=definition, now=database_now())
            found = shown.preview
            about = {"number": record.number, "xero_id": record.xero_id, "stream": record.stream}
            fields = [_field(each) for each in found.fields]
            self.give({**about, "text": found.text, "fields": fields, "findings": _findings(found.findings)})
            self.say(f"{record.stream} {record.number or record.xero_id}, version {record.version}")
            for line in shown.lines:
                self.say(f"  {line}")
            for each in found.fields:
                self.say(f"  {each.name:<24} {each.text or '(empty)':<24} <- {_source(each)} = {each.value}")
            self._complain(found.findings)
            code = code if found.text else Exit.FAILED
        return code

    def _tried(self, integration: Integration, definition: Definition[str, Any], most: int) -> Exit:
        found = try_on(integration, definition=definition, most=most, now=database_now())
        refused = [_refused(each) for each in found.refused]
        self.give({"tried": found.tried, "refused": refused, "waiting": found.waiting})
        self.say(f"{found.tried} records were tried; {len(refused)} would fail.")
        if found.waiting:
            self.say(f"{found.waiting} wait until their batch payment is whole.")
        self._show_refused(found.refused)
        return Exit.PARTLY if refused else Exit.OK

    def _changes(self, integration: Integration, definition: Definition[str, Any], most: int) -> Exit:
        before = published_version(integration).definition
        found = what_changes(integration, before=before, after=definition, most=most, now=database_now())
        changed = [{"number": each.record.number, "difference": str(each.difference)} for each in found.changed]
        shown = {"compared": found.compared, "differing": found.differing, "changed": changed}
        breaks = [_refused(each) for each in found.breaks]
        self.give({**shown, "breaks": breaks, "mends": [record.number for record in found.mends]})
        counts = f"{found.differing} would differ, {len(breaks)} would fail, {len(found.mends)} would not fail any more"
        self.say(f"{found.compared} records were compared: {counts}.")
        for each in found.changed:
            self.say(f"\n{each.record.number}\n{each.difference}")
        self._show_refused(found.breaks)
        return Exit.PARTLY if breaks else Exit.OK

    def _show_refused(self, refused: Any) -> None:
        for each in refused:
            self.say(f"  {each.record.number or each.record.xero_id}")
            self._complain(each.findings)

    def _complain(self, findings: tuple[Finding, ...]) -> None:
        for finding in findings:
            self.say(f"    {finding}")


def _definition(integration: Integration, number: int | None, draft: str | None) -> Definition[str, Any]:
    if draft == STORED:
        stored: dict[str, Any] = integration.mapping.draft
        return stored
    if draft is not None:
        return read_definition(Path(draft))
    if number is None:
        return dict(published_version(integration).definition)
    version = integration.mapping.versions.filter(number=number).first()
    if version is None:
        raise NoVersion(f"The mapping {integration.mapping} has no version {number}.")
    return dict(version.definition)


def read_definition(path: Path) -> Definition[str, Any]:
    """Read a mapping as it stands in a configuration file, with or without its name. Raises `FileUnreadable`,
    `Invalid`."""
    try:
        with path.open("rb") as file:
            found = read_yaml(file.read(LARGEST_BYTES + 1))
    except OSError as error:
        raise FileUnreadable(f"The file {path} cannot be read: {error.strerror}.") from error
    if not isinstance(found, dict):
        raise Invalid([Finding(str(path), "A mapping is a block of keys.", "Write base: csv-invoices, or fields.")])
    return {key: value for key, value in found.items() if key != "name"}


def _refused(each: Refused) -> dict[str, Any]:
    record = each.record
    return {"number": record.number, "xero_id": record.xero_id, "findings": _findings(each.findings)}


def _findings(findings: tuple[Finding, ...]) -> list[dict[str, str]]:
    return [{"path": item.path, "reason": item.reason, "hint": item.hint, "code": item.code} for item in findings]


def _source(each: PreviewField) -> str:
    """Show a source; one that is worked out says from which of Xero's fields."""
    is_worked_out = each.xero not in ("", each.source)
    return f"{each.source} ({each.xero})" if is_worked_out else each.source


def _field(each: PreviewField) -> dict[str, Any]:
    names = ("record", "line", "name", "source", "transform", "origin", "value", "text", "xero")
    return {name: getattr(each, name) for name in names} | {"findings": _findings(each.findings)}
