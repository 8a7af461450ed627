"""Heads of the audit trail's chains as a file: kept elsewhere, they show later that nobody wrote a chain anew."""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from connector.audit_lines import tenant_word
from core.audit_verify import Head
from core.errors import PermanentError

LARGEST = 64 * 1024 * 1024


class HeadsUnreadable(PermanentError):
    """A file of heads cannot be read or written."""

    code = "AUDIT_HEADS"


class _Head(msgspec.Struct):
    tenant_id: UUID
    sequence: int
    hash: str


class _Heads(msgspec.Struct):
    heads: list[_Head]


def write_heads(path: Path, heads: Iterable[Head], *, now: datetime) -> None:
    """Write heads as JSON. Raises `HeadsUnreadable`."""
    text = json.dumps({"at": now.isoformat(), "heads": [_as_object(head) for head in heads]}, indent=1)
    try:
        path.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise HeadsUnreadable(f"{path} cannot be written: {error.strerror}.") from error


def _as_object(head: Head) -> dict[str, Any]:
    word = tenant_word(head.tenant_id)
    return {"tenant": word, "tenant_id": str(head.tenant_id), "sequence": head.sequence, "hash": head.hash}


def read_heads(path: Path) -> list[Head]:
    """Read the heads that `write_heads` wrote. Raises `HeadsUnreadable`."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST)
        found = msgspec.json.decode(data, type=_Heads).heads
    except OSError as error:
        raise HeadsUnreadable(f"{path} cannot be read: {error.strerror}.") from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise HeadsUnreadable(f"{path} is not a file of heads: {error}") from error
    return [Head(item.tenant_id, item.sequence, item.hash) for item in found]
