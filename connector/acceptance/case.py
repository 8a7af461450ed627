"""Cases: one file that a partner got, and everything that it was made of, as a JSON file beside its bytes."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from core.errors import PermanentError

VERSION = 1
EXPECTED = ".expected"


class CaseUnreadable(PermanentError):
    """A recorded case cannot be read."""

    code = "ACCEPTANCE_CASE"
    next_step = "Record it again."


@dataclass(frozen=True, slots=True)
class RecordedExport:
    """One export: its object's JSON, the versions that were joined in (places in the case's `records`), its facts."""

    stream: str
    xero_id: str
    payload: str
    joined: tuple[int, ...]
    action: str
    version: int
    sequence: int
    group: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """One recorded file. `moment` is in the integration's zone; `numbers` are the control numbers by level; `records`
    are (stream, JSON) of what was joined in."""

    name: str
    tenant: str
    partner: str
    integration: str
    streams: tuple[str, ...]
    file_name: str
    template: str
    mapping: str
    mapping_version: int
    definition: dict[str, Any] = field(repr=False)
    tables: dict[str, dict[str, str]] = field(repr=False)
    profile: dict[str, Any] = field(repr=False)
    moment: str
    zone: str
    numbers: dict[str, int]
    is_test: bool
    sequence: int
    sender: str
    records: tuple[tuple[str, str], ...] = field(repr=False)
    exports: tuple[RecordedExport, ...] = field(repr=False)
    expected: bytes = field(repr=False)


def write_case(case: Case, folder: Path) -> Path:
    """Write a case into a folder; give its path. Raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    plain = {key: value for key, value in asdict(case).items() if key != "expected"}
    path = folder / f"{case.name}.json"
    path.write_text(json.dumps({"version": VERSION, **plain}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    path.with_suffix(EXPECTED).write_bytes(case.expected)
    return path


def read_cases(folder: Path) -> list[Case]:
    """Read every case of a folder, in order of name. Raises `CaseUnreadable`, also when there is none."""
    paths = sorted(folder.glob("*.json"))
    if not paths:
        raise CaseUnreadable(f"There is no recorded case in {folder}.", next_step="Record a partner first.")
    return [_read(path) for path in paths]


def _read(path: Path) -> Case:
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        if plain.pop("version") != VERSION:
            raise CaseUnreadable(f"{path} was recorded by another version of this program.")
        exports = tuple(
            RecordedExport(**{**export, "joined": tuple(export["joined"])}) for export in plain.pop("exports")
        )
        records = tuple((stream, payload) for stream, payload in plain.pop("records"))
        expected = path.with_suffix(EXPECTED).read_bytes()
        return Case(
            **{**plain, "streams": tuple(plain["streams"])}, exports=exports, records=records, expected=expected
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CaseUnreadable(f"{path} cannot be read: {type(error).__name__}.") from error
