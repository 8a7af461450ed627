"""Publishing by people: a version is published, or an old one again, with all the checks of a configuration file."""

from datetime import datetime
from typing import Any

from django.db import transaction

from connector.config.apply import apply_entries
from connector.config.entries import Entry
from connector.config.kinds.kind import Author
from core.actors import account_of, actor_name
from core.errors import Finding, Invalid
from core.mappings import Difference, definition_hash, differences, latest_version, save_draft
from core.models import Mapping, MappingVersion

__all__ = ["Difference", "definition_hash", "differences", "latest_version", "publish_draft", "roll_back"]


def publish_draft(mapping: Mapping, *, actor: Any, note: str, now: datetime) -> MappingVersion:
    """Publish a mapping's draft as its next version. Raises `Invalid` with every finding when it cannot work, in
    the mapping itself or in an integration that uses it."""
    return _publish(mapping, mapping.draft, actor=actor, note=note, now=now)


def roll_back(mapping: Mapping, *, to: MappingVersion, actor: Any, note: str = "", now: datetime) -> MappingVersion:
    """Publish an old version again, as the mapping's next one. A draft that nobody published stays as it is.

    Raises `Invalid` when the version is not the mapping's, or when it does not work any more."""
    if to.mapping_id != mapping.pk:
        raise Invalid([Finding("version", f"{to} is no version of {mapping}.", "Choose one of its own.")])
    newest, draft = latest_version(mapping), mapping.draft
    with transaction.atomic():
        version = _publish(mapping, to.definition, actor=actor, note=note or f"Version {to.number} again.", now=now)
        if newest is not None and definition_hash(draft) != newest.sha256:
            save_draft(mapping, draft)
    return version


def _publish(mapping: Mapping, definition: Any, *, actor: Any, note: str, now: datetime) -> MappingVersion:
    entry = Entry("mapping", mapping.tenant.slug, mapping.name, {"definition": definition})
    apply_entries([entry], [], author=Author(actor_name(actor), account_of(actor), note), now=now)
    version = latest_version(mapping)
    assert version is not None  # noqa: S101 (published just now, or there already)
    return version
