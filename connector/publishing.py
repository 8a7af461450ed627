"""Publishing: a mapping's definition becomes a numbered version that never changes."""

import hashlib
import json
from collections.abc import Mapping as Definition
from typing import Any

from core.models import Mapping, MappingVersion


def definition_hash(definition: Definition[str, Any]) -> str:
    """Give the sha256 of a definition, however its keys are ordered."""
    text = json.dumps(definition, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def latest_version(mapping: Mapping) -> MappingVersion | None:
    """Give the newest published version of a mapping."""
    return mapping.versions.order_by("-number").first()


def publish(mapping: Mapping, definition: Definition[str, Any], *, note: str = "", by: Any = None) -> MappingVersion:
    """Publish a definition as the mapping's next version; the newest version itself when it says the same.

    The caller has checked the definition and holds a transaction."""
    newest = latest_version(mapping)
    digest = definition_hash(definition)
    if newest is not None and newest.sha256 == digest:
        return newest
    number = newest.number + 1 if newest else 1
    return MappingVersion.objects.create(
        mapping=mapping, number=number, definition=definition, sha256=digest, note=note, published_by=by
    )
