"""Changing single keys of one configured thing (enable, pause, go to production), with all its checks."""

from datetime import date, datetime
from typing import Any

from connector.config.apply import apply_entries
from connector.config.changes import Change
from connector.config.entries import Entry
from connector.config.kinds.all_kinds import KINDS
from connector.config.kinds.kind import Author
from connector.config.kinds.servers import SECRETS
from connector.config.shape import Place
from connector.console.configuring.form import no_sources
from core.errors import ConnectorError, Invalid
from core.models import Tenant

NOTE = "From the console."


def written(kind: str, row: Any, tenant: Tenant) -> dict[str, Any]:
    """Give a row's entry as a configuration file would have it, secrets only as references."""
    for entry, stored in KINDS[kind].stored(tenant):
        if stored.pk == row.pk:
            return KINDS[kind].shown(entry)
    return {}


def change_entry(kind: str, row: Any, *, user: Any, dry_run: bool = False, now: datetime, **keys: Any) -> list[Change]:
    """Change keys of a row's entry; None takes one away. With `dry_run` it is tried and taken back.
    Secrets stay what they are.

    Raises `Invalid` with every finding when the rest of the configuration speaks against it."""
    place = Place("", no_sources())
    known = {key: value for key, value in written(kind, row, row.tenant).items() if key not in SECRETS}
    wanted = {key: value for key, value in {**known, **keys}.items() if value is not None}
    plain = KINDS[kind].read(_plain(wanted), place)
    name = plain.pop("name") if plain else ""
    entries = [Entry(kind, row.tenant.slug, name, plain)] if plain else []
    author = Author(user.get_username(), user, NOTE)
    return apply_entries(entries, place.findings, author=author, dry_run=dry_run, now=now)


def said(error: ConnectorError) -> list[str]:
    """Give what speaks against a change as sentences, one a finding."""
    if isinstance(error, Invalid):
        return [f"{item.reason} {item.hint}".strip() for item in error.findings]
    return [f"{error.sentence} {error.next_step}".strip()]


def _plain(value: Any) -> Any:
    """Write days as text, as they stand in a file."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value.isoformat() if isinstance(value, date) else value
