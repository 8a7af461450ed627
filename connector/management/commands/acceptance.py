"""`manage.py acceptance record|run`: would partners still get the same bytes?"""

from argparse import SUPPRESS
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from connector.acceptance import PUBLISHED, RECORDED, Outcome, read_cases, record_partner, run_cases
from connector.management.commands.preview import positive, read_definition
from connector.management.connector_command import ConnectorCommand, Exit
from connector.natural_keys import find_partner
from core.errors import PermanentError


class FolderUnwritable(PermanentError):
    """The folder cannot be written."""

    code = "FILE_UNWRITABLE"
    next_step = "Check the path."


class Command(ConnectorCommand):
    """Record what a partner got, or make it again and compare."""

    help = "Record a partner's newest files with all they were made of, or make recorded ones again and compare."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True)
        record = parts.add_parser("record", help="record a partner's newest files")
        record.add_argument("partner", metavar="TENANT/PARTNER")
        record.add_argument("folder", type=Path)
        record.add_argument("--files", type=positive, default=3, help="of each integration")
        run = parts.add_parser("run", help="make recorded files again and compare")
        run.add_argument("folder", type=Path)
        help_text = "recorded (the default), published, or a file with a mapping"
        run.add_argument("--with", dest="mapping", default=RECORDED, metavar="MAPPING", help=help_text)
        for part in (record, run):
            part.add_argument("--json", action="store_true", default=SUPPRESS, help="print JSON instead of text")

    def work(self, **options: Any) -> Exit:
        if options["part"] == "record":
            return self._record(options["partner"], options["folder"], options["files"])
        return self._run(options["folder"], options["mapping"])

    def _record(self, partner: str, folder: Path, files: int) -> Exit:
        try:
            found = record_partner(find_partner(partner), folder=folder, files=files)
        except OSError as error:
            raise FolderUnwritable(f"The folder {folder} cannot be written: {error.strerror}.") from error
        left_out = [{"file": name, "sentence": sentence} for name, sentence in found.left_out]
        self.give({"cases": [str(path) for path in found.paths], "left_out": left_out})
        self.say(f"{len(found.paths)} files were recorded in {folder}.")
        for name, sentence in found.left_out:
            self.say(f"  {name} was left out: {sentence}")
        if not found.paths:
            return Exit.FAILED
        return Exit.PARTLY if left_out else Exit.OK

    def _run(self, folder: Path, mapping: str) -> Exit:
        chosen: str | Mapping[str, Any] = (
            mapping if mapping in (RECORDED, PUBLISHED) else read_definition(Path(mapping))
        )
        outcomes = run_cases(read_cases(folder), mapping=chosen)
        equal = Counter(outcome.is_equal for outcome in outcomes)
        self.give({"equal": equal[True], "different": equal[False], "cases": [_object(each) for each in outcomes]})
        for outcome in outcomes:
            self._tell(outcome)
        self.say(f"{equal[True]} are equal, {equal[False]} differ.")
        return Exit.FAILED if equal[False] else Exit.OK

    def _tell(self, outcome: Outcome) -> None:
        case = outcome.case
        self.say(f"{case.integration} {case.file_name}: {'equal' if outcome.is_equal else 'differs'}")
        for line in filter(None, (outcome.sentence, str(outcome.difference))):
            self.say(line)


def _object(outcome: Outcome) -> dict[str, Any]:
    case = outcome.case
    return {
        "case": case.name,
        "integration": case.integration,
        "file": case.file_name,
        "equal": outcome.is_equal,
        "sentence": outcome.sentence,
        "difference": str(outcome.difference),
    }
