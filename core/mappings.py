"""Mappings: the only writer of drafts and published versions. A version never changes; going back publishes an old
one again."""

import hashlib
import json
from collections.abc import Iterator
from collections.abc import Mapping as Definition
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.actors import account_of, actor_name
from core.audit import EventDraft
from core.models import Mapping, MappingVersion, Tenant


@dataclass(frozen=True, slots=True)
class Published:
    """The version that says what was published, and the events for the caller to append: none when it was there."""

    version: MappingVersion
    events: tuple[EventDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """One place at which two definitions differ; None stands for nothing there."""

    path: str
    was: Any = None
    becomes: Any = None


def definition_hash(definition: Definition[str, Any]) -> str:
    """Give the sha256 of a definition, however its keys are ordered."""
    text = json.dumps(definition, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def latest_version(mapping: Mapping) -> MappingVersion | None:
    """Give the newest published version of a mapping."""
    return mapping.versions.order_by("-number").first()


def create(tenant: Tenant, name: str, *, draft: Definition[str, Any]) -> Mapping:
    """Begin a mapping with a draft; nothing is published by this."""
    return Mapping.objects.create(tenant=tenant, name=name, draft=dict(draft))


def save_draft(mapping: Mapping, draft: Definition[str, Any]) -> None:
    """Keep a draft; what is published stays as it is."""
    mapping.draft = dict(draft)
    Mapping.objects.filter(pk=mapping.pk).update(draft=mapping.draft)


def publish(
    mapping: Mapping, definition: Definition[str, Any], *, actor: Any = None, note: str = "", now: datetime
) -> Published:
    """Publish a definition as the mapping's next version; the newest version itself when it says the same.

    `actor` is an account or a name. The caller has checked the definition, holds a transaction, and appends the
    returned events last."""
    Mapping.objects.select_for_update().get(pk=mapping.pk)
    newest = latest_version(mapping)
    digest = definition_hash(definition)
    if newest is not None and newest.sha256 == digest:
        return Published(newest)
    version = MappingVersion.objects.create(
        mapping=mapping,
        number=newest.number + 1 if newest else 1,
        definition=definition,
        sha256=digest,
        note=note[:500],
        published_by=account_of(actor),
        published_at=now,
    )
    draft = EventDraft(
        tenant_id=mapping.tenant_id,
        event="mapping.published",
        actor=actor_name(actor),
        detail={"mapping": mapping.name, "version": version.number, "sha256": digest, "note": version.note},
    )
    return Published(version, (draft,))


def differences(before: Definition[str, Any], after: Definition[str, Any]) -> list[Difference]:
    """Name every place at which two definitions differ. Fields are told apart by their names, so that one that
    moved or was put in shows as that, and not as a change of everything behind it."""
    return list(_differences(before, after, ""))


def _differences(was: Any, becomes: Any, path: str) -> Iterator[Difference]:
    if was == becomes:
        return
    if isinstance(was, dict) and isinstance(becomes, dict):
        for key in dict.fromkeys((*was, *becomes)):
            yield from _differences(was.get(key), becomes.get(key), f"{path}.{key}" if path else str(key))
    elif (old := _by_name(was)) is not None and (new := _by_name(becomes)) is not None:
        yield from _differences(old, new, path)
        stay = [name for name in old if name in new], [name for name in new if name in old]
        if stay[0] != stay[1]:
            yield Difference(f"{path} (order)", ", ".join(stay[0]), ", ".join(stay[1]))
    else:
        yield Difference(path, was, becomes)


def _by_name(items: Any) -> dict[str, Any] | None:
    """Index a list of fields by name; None for what is no such list, or has a name twice."""
    if not isinstance(items, list) or not all(isinstance(item, dict) and item.get("name") for item in items):
        return None
    found = {str(item["name"]): item for item in items}
    return found if len(found) == len(items) else None
