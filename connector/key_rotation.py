"""Key rotation: every stored secret is wrapped anew under the active key, while the product runs.

Only the wrapping changes; the inner text stays. Each write names the ciphertext that it replaces, so a token that is
renewed in the same moment is never overwritten. It can be stopped and started again at any time.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import transaction

from core import audit, failpoints
from core.audit import EventDraft
from core.errors import PermanentError
from core.vault import SecretHolder, kek_id_of, keyring, reseal, rewrap

ACTOR = "manage.py rotate_keys"
BROKEN = "unreadable"
Wrap = Callable[..., bytes]


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


def rotate(*, batch: int, reencrypt: bool = False, now: datetime) -> Rotated:
    """Wrap every secret under the active key, `batch` rows a transaction; with `reencrypt` seal each anew, with a
    new data key. Raises `PermanentError` for a keyring that cannot be used, `KeyServiceDown` for one that is away."""
    result = Rotated()
    for model in holders():
        for name in model.sealed_fields():
            for rows in _batches(model, name, batch, all_of_them=reencrypt):
                _rotate_rows(rows, name, reseal if reencrypt else rewrap, result, now=now)
    return result


def _batches(model: type[SecretHolder], name: str, size: int, *, all_of_them: bool) -> Iterator[list[Any]]:
    rows = model._default_manager.filter(**{f"{name}__isnull": False}).order_by("pk")
    last = None
    while True:
        found = list((rows.filter(pk__gt=last) if last else rows)[:size])
        if waiting := [row for row in found if all_of_them or _waits(row, name)]:
            yield waiting
        if len(found) < size:
            return
        last = found[-1].pk


def _waits(row: Any, name: str) -> bool:
    return _key_of(bytes(getattr(row, name))) != keyring().active


def _rotate_rows(rows: list[Any], name: str, wrap: Wrap, result: Rotated, *, now: datetime) -> None:
    """Wrap first, since a key may be kept behind the network; then write all in one short transaction."""
    wrapped = [(row, new) for row in rows if (new := _wrapped(row, name, wrap, result)) is not None]
    with transaction.atomic():
        moved: Counter[UUID] = Counter()
        for row, new in wrapped:
            is_done = exchange(row, name, new)
            result.done += is_done
            result.changed_meanwhile += not is_done
            moved[row.tenant_id] += is_done
        audit.append(_events(moved, type(rows[0]), name), now=now)
    failpoints.hit("rotate.between_batches")


def _wrapped(row: Any, name: str, wrap: Wrap, result: Rotated) -> bytes | None:
    try:
        return wrap(bytes(getattr(row, name)), where=row.secret_place(name), ring=keyring())
    except PermanentError as error:
        result.refused[error.sentence] += 1
        return None


def exchange(row: Any, name: str, new: bytes) -> bool:
    """Put a new ciphertext in the place of the one that was read; say whether that was still there."""
    still = type(row)._default_manager.filter(pk=row.pk, **{name: bytes(getattr(row, name))})
    return bool(still.update(**{name: new}))


def _events(moved: Counter[UUID], model: type[SecretHolder], name: str) -> list[EventDraft]:
    detail = {"table": model._meta.model_name, "field": name, "key": keyring().active}
    return [
        EventDraft(tenant_id=tenant, event="vault.rewrapped", actor=ACTOR, detail={**detail, "count": count})
        for tenant, count in moved.items()
        if count
    ]
