"""Sample documents of every stream, for the format guide, for previews without a record, and for golden files."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.document_fields import FIELDS, ID_FIELD, Field, Kind, Shape
from core.documents import Document

_FOLDER = Path(__file__).parent / "samples"
_NUMBER_FIELDS = ("InvoiceNumber", "CreditNoteNumber", "Name")


def sample_documents(stream: str) -> list[Document]:
    """Give the sample documents of a stream, whole: contact, organisation and what they settle joined in."""
    shared = _load("shared")
    objects = [shared[item] if isinstance(item, str) else item for item in _load(stream)]
    return [_document(stream, _joined(item, shared)) for item in objects]


@lru_cache(maxsize=16)
def _load(name: str) -> Any:
    text = (_FOLDER / f"{name}.json").read_text("utf-8")
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


def _joined(item: Mapping[str, Any], shared: Mapping[str, Any]) -> dict[str, Any]:
    """Put shared objects in the place of their names."""
    joins = ("Contact", "Organisation")
    return {key: shared[value] if key in joins and isinstance(value, str) else value for key, value in item.items()}


def _document(stream: str, item: Mapping[str, Any]) -> Document:
    values = _typed(item, FIELDS[stream])
    return Document(
        stream=stream,
        xero_id=values[ID_FIELD[stream]],
        values=values,
        updated_at=values["UpdatedDateUTC"],
        number=next((values[name] for name in _NUMBER_FIELDS if values.get(name)), ""),
        kind=values.get("Type") or values.get("PaymentType") or "",
        status=values.get("Status") or values.get("ContactStatus") or "",
        contact_id=values.get("Contact", {}).get("ContactID", ""),
        dated_on=values.get("Date"),
        currency=values.get("CurrencyCode", ""),
        total=values.get("Total", values.get("Amount")),
    )


def _typed(item: Mapping[str, Any], shape: Shape) -> dict[str, Any]:
    return {key: _value(value, shape[key]) for key, value in item.items()}


def _value(value: Any, field: Field) -> Any:
    if field.kind is Kind.DATE:
        return date.fromisoformat(value)
    if field.kind is Kind.MOMENT:
        return datetime.fromisoformat(value)
    if field.kind is Kind.OBJECT:
        return _typed(value, field.fields)
    if field.kind is Kind.LIST:
        return [_typed(part, field.fields) for part in value]
    return value
