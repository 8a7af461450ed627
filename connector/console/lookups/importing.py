"""Importing a lookup table: a CSV file or pasted rows, checked with everything that looks values up in it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from connector.config.apply import apply_entries
from connector.config.entries import Entry
from connector.config.kinds.kind import Author
from connector.console.lookups.forms import MERGE, RowsForm
from core.errors import Finding, Invalid
from core.models import LookupTable, Tenant
from edi_app.mapping.findings import BAD_TABLE
from edi_app.mapping.tables import MOST_ENTRIES


class Compared(NamedTuple):
    """What an import does to a table: how many rows it adds, changes and removes."""

    added: int
    changed: int
    removed: int

    def __str__(self) -> str:
        return f"{self.added} added, {self.changed} changed, {self.removed} removed"


def import_rows(
    tenant: Tenant, name: str, form: RowsForm, *, before: Mapping[str, str], user: Any, now: datetime
) -> Compared:
    """Save what a form read, as the table's next version. Raises `Invalid` when it is too large with what stays, or
    when the rest of the configuration speaks against it."""
    given = form.cleaned_data["rows"]
    rows = {**before, **given} if form.cleaned_data.get("how") == MERGE else given
    if len(rows) > MOST_ENTRIES:
        reason = f"The table would have {len(rows):,} rows; {MOST_ENTRIES:,} are allowed."
        raise Invalid([Finding("file", reason, "Replace all rows.", BAD_TABLE)])
    entry = Entry("lookup_table", tenant.slug, name, {"rows": rows})
    author = Author(user.get_username(), user, form.cleaned_data["note"])
    apply_entries([entry], [], author=author, now=now)
    return compare(before, rows)


def compare(before: Mapping[str, str], after: Mapping[str, str]) -> Compared:
    """Count what differs between two versions of a table."""
    changed = sum(1 for key, value in after.items() if before.get(key, value) != value)
    return Compared(len(after.keys() - before.keys()), changed, len(before.keys() - after.keys()))


def table_of(tenant: Tenant, name: str) -> LookupTable:
    """Find the table that was just saved."""
    return LookupTable.objects.get(tenant=tenant, name=name)
