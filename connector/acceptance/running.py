"""Running: recorded cases made again, with the mapping as recorded, as published now, or as a person proposes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.acceptance.case import Case
from connector.acceptance.making import make
from connector.natural_keys import find_integration
from connector.readable import NO_DIFFERENCE, TextDifference, difference
from connector.steps.lots import published_version
from core.errors import PermanentError
from core.lookups import newest_tables

RECORDED, PUBLISHED = "recorded", "published"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case went: equal, or `difference` of the bytes, or `sentence` that says why else."""

    case: Case
    is_equal: bool
    difference: TextDifference = NO_DIFFERENCE
    sentence: str = ""


def run_cases(cases: Sequence[Case], *, mapping: str | Mapping[str, Any] = RECORDED) -> list[Outcome]:
    """Make every case again and compare it with what the partner got.

    `mapping` is `recorded` (did an upgrade change anything?), `published` (did a change of the mapping or of the
    lookup tables?), or a definition (would this one?). Raises `NotFound` for an integration that is gone."""
    return [_run(case, *_mapping(case, mapping)) for case in cases]


def _mapping(case: Case, mapping: str | Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    if mapping == RECORDED:
        return case.definition, case.tables
    integration = find_integration(f"{case.tenant}/{case.integration}")
    tables = newest_tables(integration.tenant_id).rows
    if isinstance(mapping, Mapping):
        return mapping, tables
    return published_version(integration).definition, tables


def _run(case: Case, definition: Mapping[str, Any], tables: Mapping[str, Any]) -> Outcome:
    try:
        name, data = make(case, definition=definition, tables=tables)
    except PermanentError as error:
        return Outcome(case, is_equal=False, sentence=error.sentence)
    if data != case.expected:
        return Outcome(case, is_equal=False, difference=difference(case.expected, data, names=("recorded", "now")))
    if name != case.file_name:
        return Outcome(case, is_equal=False, sentence=f"The file would be named {name}, not {case.file_name}.")
    return Outcome(case, is_equal=True)
