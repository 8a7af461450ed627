"""Export: the configuration as the file that would make it; secrets become names of environment variables."""

from collections.abc import Iterator
from typing import Any

import yaml

from connector.config.entries import SECTIONS, Entry
from connector.config.kinds.all_kinds import KINDS
from connector.config.read import VERSION
from connector.config.stored import load
from core.models import Tenant


class _Dumper(yaml.SafeDumper):
    """Writes values out wherever they stand, since anchors are not read back."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def export(tenants: list[Tenant]) -> dict[str, Any]:
    """Give the configuration of these tenants as the plain values of a configuration file."""
    entries, _ = load([tenant.slug for tenant in tenants])
    found = []
    for tenant in tenants:
        own = [entry for entry in entries.values() if entry.tenant == tenant.slug]
        found.append(_tenant(own))
    return {"version": VERSION, "tenants": found}


def _tenant(entries: list[Entry]) -> dict[str, Any]:
    blocks: dict[str, Any] = {}
    for entry in entries:
        shown = KINDS[entry.kind].shown(entry)
        if entry.kind == "tenant":
            blocks |= shown
        elif shown:
            blocks.setdefault(SECTIONS[entry.kind], []).append(shown)
    return blocks


def as_yaml(configuration: dict[str, Any]) -> str:
    """Write a configuration as YAML, with the variables that it needs in front."""
    names = "".join(f"#   {name}\n" for name in variables(configuration))
    head = (
        f"# Secrets are not in this file. Set these environment variables before applying it:\n{names}" if names else ""
    )
    body = yaml.dump(configuration, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return head + body


def variables(configuration: Any) -> list[str]:
    """Name the environment variables that a configuration refers to, each once."""
    return sorted(set(_variables(configuration)))


def _variables(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if list(value) == ["env"]:
            yield value["env"]
        for item in value.values():
            yield from _variables(item)
    elif isinstance(value, list):
        for item in value:
            yield from _variables(item)
