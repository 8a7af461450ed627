"""A definition as rows that people edit, and back again; what a row does not show stays as it was."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from edi_app.bases.shipped import shipped_base
from edi_app.formatter import is_x12
from edi_app.mapping.definition import resolve
from edi_app.mapping.spec import Origin, RecordKind
from edi_app.x12.definition import resolve_x12
from edi_app.x12.dictionary import Element, dictionary
from edi_app.x12.rows import SegmentRow, element_path, walk_rows

SHOWN_RELEASE = "004010"


@dataclass(frozen=True, slots=True)
class Row:
    """One output field or element. `key` names it in its base or in the draft; empty for a new row.

    `record` is the record type of a flat file with several; `label` says in words what an element is.
    """

    key: str = ""
    record: str = ""
    name: str = ""
    source: str = ""
    transform: str = ""
    default: str = ""
    required: bool = False
    max: int = 0
    width: int = 0
    origin: str = Origin.OWN
    label: str = ""
    place: str = ""

    @property
    def is_fixed(self) -> bool:
        """Say whether the name comes from a base and cannot be changed here."""
        return self.origin in (Origin.INHERITED, Origin.OVERRIDDEN)


def rows_of(definition: Mapping[str, Any]) -> list[Row]:
    """Give a definition's rows in their order, each with its origin."""
    return list(_x12_rows(definition) if is_x12(definition) else _flat_rows(definition))


def definition_of(before: Mapping[str, Any], rows: Iterable[Row]) -> dict[str, Any]:
    """Give the definition that these rows stand for; rows that are missing are dropped."""
    kept = [row for row in rows if row.name]
    if is_x12(before) or before.get("base"):
        return _overrides(before, kept)
    return _own_fields(before, kept)


def _flat_rows(definition: Mapping[str, Any]) -> Iterator[Row]:
    spec = resolve(definition)
    for kind, fields in spec.records.items():
        for field in fields:
            yield Row(
                key=f"{kind}.{field.name}" if spec.has_record_types else field.name,
                record=str(kind) if spec.has_record_types else "",
                name=field.name,
                source=field.source,
                transform=field.transform,
                default=field.default,
                required=field.required,
                max=field.max,
                width=field.width,
                origin=field.origin,
                label=field.note,
                place=field.place,
            )


def _x12_rows(definition: Mapping[str, Any]) -> Iterator[Row]:
    for path, segment in walk_rows(resolve_x12(definition).rows):
        for place in sorted(segment.elements):
            element = segment.elements[place]
            name = element_path(path, segment, place)
            yield Row(
                key=name,
                record=f"{path} {_segment_name(segment)}".strip(),
                name=name,
                source=element.source,
                transform=element.transform,
                default=element.default,
                required=element.required,
                max=element.max,
                origin=element.origin,
                label=_element_name(segment, place),
                place=element.where,
            )


def _segment_name(segment: SegmentRow) -> str:
    described = dictionary(SHOWN_RELEASE).segments.get(segment.tag)
    return described.name if described else ""


def _element_name(segment: SegmentRow, place: int) -> str:
    described = dictionary(SHOWN_RELEASE).segments.get(segment.tag)
    if described is None or place > len(described.uses):
        return ""
    item = described.uses[place - 1].item
    if not isinstance(item, Element):
        return item.name
    length = f"{item.shortest}" if item.shortest == item.longest else f"{item.shortest} to {item.longest}"
    return f"{item.name}, {item.type}, {length} characters"


def _kept_changes(before: Mapping[str, Any]) -> dict[str, Any]:
    """Give the changes that no single row shows (a whole segment, a name in several records): they stay."""
    changes = before.get("set")
    keys = {row.key for row in rows_of(before)}
    return {key: value for key, value in changes.items() if key not in keys} if isinstance(changes, Mapping) else {}


def _overrides(before: Mapping[str, Any], rows: list[Row]) -> dict[str, Any]:
    """Write what differs from the base: changed rows under `set`, missing ones under `drop`, new ones as fields."""
    kept = _kept_changes(before)
    base = {row.key: row for row in rows_of({"base": before.get("base"), "set": kept})}
    changes, added = dict(kept), []
    for row in rows:
        if row.key not in base and not is_x12(before):
            added.append(row)
        elif change := _change(row, base.get(row.key, Row()), _old_change(before, row)):
            changes[row.key or row.name] = change
    present = {row.key for row in rows}
    written = {**before, "set": changes, "drop": _drops(before, base, present)}
    return _without_empty(written if is_x12(before) else {**written, **_added(before, added, rows)})


def _old_change(before: Mapping[str, Any], row: Row) -> Any:
    changes = before.get("set")
    return changes.get(row.key or row.name) if isinstance(changes, Mapping) else None


def _drops(before: Mapping[str, Any], base: Mapping[str, Row], present: set[str]) -> list[str]:
    """Keep dropped segments as they are named; drop each row of the base that is gone and not in one of those."""
    kept = [path for path in before.get("drop") or [] if path not in present]
    shown = {row.key for row in rows_of(before)}
    return kept + [key for key in base if key not in present and key in shown]


def _change(row: Row, inherited: Row, old: Any) -> Any:
    """Give what `set` says for a row: nothing where it is as inherited, the source alone where only that differs."""
    further = {key: value for key, value in old.items() if key not in _EDITED} if isinstance(old, Mapping) else {}
    changed = {**further, **_differences(row, inherited)}
    return changed["source"] if list(changed) == ["source"] else changed


_EDITED = {"source": "source", "as": "transform", "default": "default", "required": "required", "max": "max"}
_EDITED_FIXED = {**_EDITED, "width": "width"}


def _differences(row: Row, inherited: Row) -> dict[str, Any]:
    pairs = {key: (getattr(row, name), getattr(inherited, name)) for key, name in _EDITED_FIXED.items()}
    return {
        key: value for key, (value, was) in pairs.items() if value != was and (value or key not in ("max", "width"))
    }


def _added(before: Mapping[str, Any], added: list[Row], rows: list[Row]) -> dict[str, Any]:
    """Write new fields, each behind the one that stands before it."""
    names = [row.name for row in rows]
    old = {_key(record, field): field for record, field in _raw_fields(before)}
    written: dict[str, list[dict[str, Any]]] = {}
    for row in added:
        at = names.index(row.name)
        place = {"after": names[at - 1]} if at else {}
        written.setdefault(row.record, []).append({**_written(row, old.get(row.key)), **place})
    plain = written.pop("", [])
    return {"fields": plain, "records": written}


def _own_fields(before: Mapping[str, Any], rows: list[Row]) -> dict[str, Any]:
    """Write a mapping without a base: its fields, or its record types with their fields."""
    old = {_key(record, field): field for record, field in _raw_fields(before)}
    written: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        written.setdefault(row.record, []).append(_written(row, old.get(row.key)))
    plain = written.pop("", [])
    return _without_empty({**before, "fields": plain, "records": written})


def _raw_fields(definition: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    groups = {"": definition.get("fields") or [], **(definition.get("records") or {})}
    for record, fields in groups.items():
        for field in fields if isinstance(fields, list) else []:
            if isinstance(field, Mapping):
                yield record, field


def _key(record: str, field: Mapping[str, Any]) -> str:
    return f"{record}.{field.get('name')}" if record else str(field.get("name"))


def _written(row: Row, old: Mapping[str, Any] | None) -> dict[str, Any]:
    further = {
        key: value for key, value in (old or {}).items() if key not in (*_EDITED_FIXED, "name", "after", "before")
    }
    edited = {key: getattr(row, name) for key, name in _EDITED_FIXED.items()}
    return {"name": row.name, **{key: value for key, value in edited.items() if value}, **further}


def _without_empty(definition: dict[str, Any]) -> dict[str, Any]:
    emptied = ("set", "drop", "fields", "records")
    return {key: value for key, value in definition.items() if value or key not in emptied}


def record_kinds(definition: Mapping[str, Any]) -> list[str]:
    """Name the record types that a new row may belong to; none for a file of one kind of row."""
    base = shipped_base(str(definition.get("base"))) or {}
    has_types = bool(definition.get("records") or base.get("records"))
    return [str(kind) for kind in RecordKind] if has_types and not is_x12(definition) else []
