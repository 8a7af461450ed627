"""What each kind of configured thing knows about itself."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models

from connector.config.entries import Entry, Identity, World
from connector.config.shape import Reader
from core.audit import EventDraft
from core.errors import Finding
from core.models import Tenant
from core.secret import Secret
from core.vault import KeyMissing, SealBroken, SecretHolder


@dataclass(frozen=True, slots=True)
class Author:
    """Whose change it is: the name in the audit trail, the account where there is one, the note of new versions."""

    name: str
    account: Any = None
    note: str = ""


FILE = Author("configuration file", note="From the configuration file.")


class Unreadable:
    """A stored secret that cannot be opened; it equals nothing, so a new value always replaces it."""

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


@dataclass(frozen=True, slots=True)
class Writing:
    """What a kind needs while it writes: the tenant, the rows by identity, and which keys changed.

    `changed` is empty for what is new; `events` takes what it has to say for the audit trail.
    """

    tenant: Tenant
    rows: Mapping[Identity, Any]
    changed: frozenset[str]
    events: list[EventDraft]
    now: datetime
    author: Author = FILE

    def row(self, kind: str, name: str) -> Any:
        """Give the row of a name in this tenant."""
        return self.rows[kind, self.tenant.slug, name]


def delete(row: models.Model) -> None:
    """Remove a row. Raises `ProtectedError` when something that is kept hangs on it."""
    row.delete()


Write = Callable[[Any, Entry, Writing], Any]
Finish = Callable[[Any, Entry, Writing], list[str]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: `read` its block of the file, `stored` rows as entries, `check` an entry within the whole, `write`
    it (the row, None for a new one, comes first; the row comes back), `shown` in a file again, and `remove` it.

    `finish` comes when everything else of the file is written, for each entry that is new or changed; it gives
    what people should know of it.
    """

    name: str
    read: Reader
    stored: Callable[[Tenant], Iterable[tuple[Entry, Any]]]
    check: Callable[[Entry, World], list[Finding]]
    write: Write
    shown: Callable[[Entry], dict[str, Any]]
    remove: Callable[[Any], object] = delete
    finish: Finish | None = None


def opened(row: SecretHolder, field: str) -> Secret | Unreadable | None:
    """Open a stored secret to compare it; one that cannot be opened is never equal to another."""
    try:
        return row.unseal(field)
    except (KeyMissing, SealBroken):
        return Unreadable()


def store(row: models.Model, columns: Mapping[str, Any], *, is_new: bool) -> None:
    """Write columns of a row: all of it when new, else only those, since workers change the others meanwhile."""
    for name, value in columns.items():
        setattr(row, name, value)
    if is_new:
        row.save(force_insert=True)
    elif columns:
        row.save(update_fields=list(columns))


def placeholder(*words: str) -> dict[str, str]:
    """Name the environment variable that stands for a secret in an exported file."""
    letters = "_".join(words).upper()
    return {"env": "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in letters)}
