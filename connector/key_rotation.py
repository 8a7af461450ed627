"""Key rotation: every stored secret is wrapped anew under the active key, while the product runs.

Only the wrapping changes; the inner text stays. Each write names the ciphertext that it replaces, so a token that is
renewed in the same moment is never overwritten. It can be stopped and started again at any time.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import transaction

from core import audit
from core.audit import EventDraft
from core.errors import PermanentError
from core.vault import SecretHolder, kek_id_of, keyring, rewrap

ACTOR = "manage.py rotate_keys"
BROKEN = "unreadable"


@dataclass(slots=True)
class Rotated:
    """What a rotation did: secrets wrapped anew, those that changed meanwhile, and why others stay as they are."""

    done: int = 0
    changed_meanwhile: int = 0
    refused: Counter[str] = field(default_factory=Counter)


def holders() -> list[type[SecretHolder]]:
    """Name every table that holds secrets."""
    return [model for model in apps.get_models() if issubclass(model, SecretHolder)]


def counts() -> Counter[str]:
    """Count the stored secrets by the id of the key that wraps them."""
    found: Counter[str] = Counter()
    for model in holders():
        for name in model.sealed_fields():
            sealed = model._default_manager.filter(**{f"{name}__isnull": False}).values_list(name, flat=True)
            found.update(_key_of(bytes(each)) for each in sealed.iterator())
    return found


def _key_of(sealed: bytes) -> str:
    try:
        return kek_id_of(sealed)
    except PermanentError:
        return BROKEN


def rotate(*, batch: int, now: datetime) -> Rotated:
    """Wrap every secret under the active key, `batch` rows a transaction. Raises `PermanentError` for a keyring
    that cannot be used."""
    result = Rotated()
    for model in holders():
        for name in model.sealed_fields():
            for rows in _batches(model, name, batch):
                with transaction.atomic():
                    moved = Counter(row.tenant_id for row in rows if _rotate_row(row, name, result))
                    audit.append(_events(moved, model, name), now=now)
    return result


def _batches(model: type[SecretHolder], name: str, size: int) -> Iterator[list[Any]]:
    rows = model._default_manager.filter(**{f"{name}__isnull": False}).order_by("pk")
    last = None
    while True:
        found = list((rows.filter(pk__gt=last) if last else rows)[:size])
        if waiting := [row for row in found if _key_of(bytes(getattr(row, name))) != keyring().active]:
            yield waiting
        if len(found) < size:
            return
        last = found[-1].pk


def _rotate_row(row: Any, name: str, result: Rotated) -> bool:
    try:
        is_done = rewrap_row(row, name)
    except PermanentError as error:
        result.refused[error.sentence] += 1
        return False
    result.done += is_done
    result.changed_meanwhile += not is_done
    return is_done


def rewrap_row(row: Any, name: str) -> bool:
    """Wrap one secret of a row anew; say whether it still was the one that was read.

    Raises `KeyMissing` or `SealBroken` for one that cannot be opened."""
    old = bytes(getattr(row, name))
    new = rewrap(old, where=row.secret_place(name), ring=keyring())
    return bool(type(row)._default_manager.filter(pk=row.pk, **{name: old}).update(**{name: new}))


def _events(moved: Counter[UUID], model: type[SecretHolder], name: str) -> list[EventDraft]:
    detail = {"table": model._meta.model_name, "field": name, "key": keyring().active}
    return [
        EventDraft(tenant_id=tenant, event="vault.rewrapped", actor=ACTOR, detail={**detail, "count": count})
        for tenant, count in moved.items()
    ]
