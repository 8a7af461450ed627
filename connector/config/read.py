"""A configuration file, read into entries: everything that its shape alone can get wrong is found here."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from connector.config.entries import CONFLICT, SECTIONS, WORDS, Entry
from connector.config.kinds.all_kinds import KINDS
from connector.config.kinds.tenants import KEYS
from connector.config.shape import Key, Place, anything, block
from connector.config.sources import Sources
from connector.config.yaml_text import LARGEST_BYTES, read_yaml
from core.errors import Finding, PermanentError

VERSION = 1
_TOP = block({"version": Key(anything, required=True), "tenants": Key(anything, required=True)})
_PARTS = {kind: section for kind, section in SECTIONS.items() if kind != "tenant"}
_TENANT = block({**KEYS, **{section: Key(anything) for section in _PARTS.values()}})


class FileUnreadable(PermanentError):
    """The configuration file cannot be opened."""

    code = "CONFIG_FILE"
    next_step = "Check the path."


def read_file(path: Path, *, environment: Mapping[str, str]) -> tuple[list[Entry], list[Finding]]:
    """Read a file into entries and findings; references are looked up beside it and in the environment.

    Raises `FileUnreadable`, and `Invalid` for what is not YAML as `yaml_text` takes it.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise FileUnreadable(f"The file {path} cannot be read: {error.strerror}.") from error
    place = Place("", Sources(environment, path.parent))
    entries = list(_entries(read_yaml(data), place))
    return entries, place.findings + _repeated(entries)


def _entries(document: Any, place: Place) -> Iterator[Entry]:
    top = _TOP(document, place)
    if top is None:
        return
    if top["version"] not in (None, VERSION):
        place.at("version").refuse(f"This program reads version {VERSION} of the file.", f"Write `{VERSION}`.")
    for item, at in _items(top["tenants"], place.at("tenants")):
        tenant = _TENANT(item, at)
        if tenant is not None and tenant["slug"]:
            yield Entry(
                "tenant", tenant["slug"], tenant["slug"], {key: tenant[key] for key in KEYS if key != "slug"}, at.path
            )
            for kind, section in _PARTS.items():
                yield from _section(kind, tenant["slug"], tenant[section], at.at(section))


def _section(kind: str, tenant: str, values: Any, place: Place) -> Iterator[Entry]:
    for item, at in _items(values, place):
        plain = KINDS[kind].read(item, at)
        name = plain and plain.pop("name")
        if name:
            yield Entry(kind, tenant, name, plain, at.path)


def _items(values: Any, place: Place) -> Iterator[tuple[Any, Place]]:
    if values is None:
        return
    if not isinstance(values, list):
        place.refuse("This is a list.", "Put a hyphen in front of each item.")
        return
    for index, item in enumerate(values):
        yield item, place.at(index)


def _repeated(entries: list[Entry]) -> list[Finding]:
    seen: dict[tuple[str, str, str], Entry] = {}
    findings = []
    for entry in entries:
        first = seen.setdefault((entry.kind, entry.tenant.lower(), entry.name.lower()), entry)
        if first is not entry:
            reason = f"The {WORDS[entry.kind]} {entry.name} is there already, at {first.path}."
            findings.append(entry.finding("", reason, "Give each a name of its own.", CONFLICT))
    return findings
