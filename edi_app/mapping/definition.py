"""A mapping's definition, as it stands in the configuration file, merged with its base into a `MappingSpec`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.errors import Finding
from edi_app.bases.shipped import shipped_base, shipped_names
from edi_app.mapping.field_reading import read_field, read_tables
from edi_app.mapping.findings import BAD_LAYOUT, UNKNOWN_BASE, UNKNOWN_KEY
from edi_app.mapping.layout import with_places
from edi_app.mapping.nearest import did_you_mean
from edi_app.mapping.options import OPTIONS, read_options
from edi_app.mapping.spec import FieldSpec, MappingSpec, Origin, RecordKind

KEYS = ("name", "note", "title", "base", "format", "options", "fields", "records", "set", "drop", "tables")
_FLAT = "fields"


@dataclass(slots=True)
class _RawField:
    values: dict[str, Any]
    origin: Origin
    place: str


@dataclass(slots=True)
class _Merge:
    """Fields by record (`fields` for a mapping without record types), while base and overrides meet."""

    records: dict[str, list[_RawField]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def refuse(self, path: str, reason: str, hint: str = "", code: str = BAD_LAYOUT) -> None:
        self.findings.append(Finding(path=path, reason=reason, hint=hint, code=code))

    def named(self, address: str) -> Iterator[tuple[str, _RawField]]:
        """Find fields by `column` or `record.column`."""
        record, dot, name = address.partition(".")
        for kind, fields in self.records.items():
            for raw in fields:
                if raw.values.get("name") in ((name,) if dot and kind == record else (address,)):
                    yield kind, raw

    def addresses(self) -> list[str]:
        return [str(raw.values.get("name")) for fields in self.records.values() for raw in fields]


def resolve(definition: Mapping[str, Any]) -> MappingSpec:
    """Merge base and overrides; every field and option says whether it is inherited or overridden.

    Never raises: what is wrong with the shape of the definition is in the spec's `findings`.
    """
    if not isinstance(definition, Mapping):
        return MappingSpec("", findings=(Finding("mapping", "A mapping is names with values.", code=BAD_LAYOUT),))
    merge = _Merge()
    base = _base(definition, merge)
    for key in definition:
        if key not in KEYS:
            hint = did_you_mean(str(key), KEYS)
            merge.refuse(str(key) or "(no name)", "A mapping has no such key.", hint, UNKNOWN_KEY)
    _take_fields(base, merge, origin=Origin.INHERITED if base else Origin.OWN, place=f"{definition.get('base')}.")
    _take_fields(definition, merge, origin=Origin.ADDED if base else Origin.OWN, place="")
    _take_overrides(definition, merge)
    format_name = str(definition.get("format") or base.get("format") or "")
    if format_name not in OPTIONS:
        if not merge.findings:
            reason = f"There is no format {format_name}." if format_name else "No format is named."
            hint = did_you_mean(format_name, OPTIONS) if format_name else "Name csv, fixed or a base."
            merge.refuse("format", reason, hint)
        return MappingSpec(format_name, findings=tuple(merge.findings))
    return _spec(definition, base, format_name, merge)


def _base(definition: Mapping[str, Any], merge: _Merge) -> Mapping[str, Any]:
    name = definition.get("base")
    if name is None:
        return {}
    found = shipped_base(str(name))
    if found is None:
        hint = did_you_mean(str(name), shipped_names())
        merge.refuse("base", f"There is no base {name}.", hint, UNKNOWN_BASE)
        return {}
    if definition.get("format") not in (None, found["format"]):
        merge.refuse("format", f"The base {name} is {found['format']}.", "Leave format out.")
    return found


def _take_fields(source: Mapping[str, Any], merge: _Merge, *, origin: Origin, place: str) -> None:
    """Add the fields of a base or of the mapping itself; a name that is there already is overridden."""
    groups: dict[str, Any] = {_FLAT: source.get("fields")} if source.get("fields") is not None else {}
    if isinstance(source.get("records"), Mapping):
        groups |= {f"records.{kind}": fields for kind, fields in source["records"].items()}
    elif source.get("records") is not None:
        merge.refuse("records", "Records are record types, each with its list of fields.")
    for group, fields in groups.items():
        record = _main_record(merge) if group == _FLAT else group.removeprefix("records.")
        if record != _FLAT and record not in tuple(RecordKind):
            hint = did_you_mean(record, [str(kind) for kind in RecordKind])
            merge.refuse(group, "There is no such record type.", hint, UNKNOWN_KEY)
        elif not isinstance(fields, list):
            merge.refuse(group, "It is a list of fields.")
        else:
            for index, values in enumerate(fields):
                _take_field(values, merge, record=record, origin=origin, place=f"{place}{group}[{index}]")


def _main_record(merge: _Merge) -> str:
    """Where plain fields belong: to the base's one content record, if it has record types."""
    content = [kind for kind in merge.records if kind in (RecordKind.DOCUMENT, RecordKind.LINE)]
    return content[0] if len(content) == 1 and _FLAT not in merge.records else _FLAT


def _take_field(values: Any, merge: _Merge, *, record: str, origin: Origin, place: str) -> None:
    if not isinstance(values, Mapping):
        merge.refuse(place, "A field is a name with a source, such as {name: total, source: Total}.")
        return
    fields = merge.records.setdefault(record, [])
    known = [raw for raw in fields if raw.values.get("name") == values.get("name")]
    if origin is Origin.ADDED and known and known[0].origin is not Origin.ADDED:
        _override(known[0], values, place)
        return
    raw = _RawField(dict(values), origin, place)
    fields.insert(_position(raw, fields, merge) if origin is Origin.ADDED else len(fields), raw)


def _position(raw: _RawField, fields: list[_RawField], merge: _Merge) -> int:
    """Where an added field stands: before or behind the field it names, else at the end."""
    for word, shift in (("before", 0), ("after", 1)):
        wanted = raw.values.pop(word, None)
        if wanted is None:
            continue
        names = [other.values.get("name") for other in fields]
        if wanted in names:
            return names.index(wanted) + shift
        hint = did_you_mean(str(wanted), map(str, names))
        merge.refuse(f"{raw.place}.{word}", f"There is no field {wanted}.", hint)
    return len(fields)


def _override(raw: _RawField, values: Mapping[str, Any], place: str) -> None:
    raw.values |= values
    raw.origin = Origin.OVERRIDDEN
    raw.place = place


def _take_overrides(definition: Mapping[str, Any], merge: _Merge) -> None:
    changes = definition.get("set") or {}
    if not isinstance(changes, Mapping):
        merge.refuse("set", "It is field names, each with its new source or its new settings.")
        changes = {}
    for address, change in changes.items():
        values = change if isinstance(change, Mapping) else {"source": change}
        found = list(merge.named(str(address)))
        for _, raw in found:
            _override(raw, values, f"set.{address}")
        if not found:
            hint = did_you_mean(str(address), merge.addresses()) or "Add new ones under fields."
            merge.refuse(f"set.{address}", "The base has no such field.", hint, UNKNOWN_KEY)
    _take_drops(definition.get("drop") or [], merge)


def _take_drops(drops: Any, merge: _Merge) -> None:
    if not isinstance(drops, list):
        merge.refuse("drop", "It is a list of field names.")
        return
    for index, address in enumerate(drops):
        found = list(merge.named(str(address)))
        for kind, raw in found:
            merge.records[kind].remove(raw)
        if not found:
            hint = did_you_mean(str(address), merge.addresses())
            merge.refuse(f"drop[{index}]", f"The base has no field {address}.", hint, UNKNOWN_KEY)


def _spec(definition: Mapping[str, Any], base: Mapping[str, Any], format_name: str, merge: _Merge) -> MappingSpec:
    own, inherited = definition.get("options"), base.get("options") or {}
    combined = {**inherited, **own} if isinstance(own, Mapping) else inherited if own is None else own
    options, findings = read_options(combined, name=format_name, place="options")
    tables, table_findings = read_tables(definition.get("tables"))
    fields = {kind: [_typed(raw, merge, format_name) for raw in raws] for kind, raws in merge.records.items()}
    records = {RecordKind(kind): tuple(specs) for kind, specs in fields.items() if kind != _FLAT}
    if _FLAT in fields and records:
        merge.refuse("records", "A mapping has either fields or record types, not both.")
    elif _FLAT in fields:
        records = {RecordKind(options["rows"]): tuple(fields[_FLAT])}
    if format_name == "fixed":
        records = {kind: with_places(specs) for kind, specs in records.items()}
    has_types = _FLAT not in fields
    if has_types and format_name == "csv" and "header" not in (combined or {}):
        options["header"] = False
    return MappingSpec(
        format=format_name,
        base=str(definition.get("base") or ""),
        title=str(base.get("title") or definition.get("title") or ""),
        options=options,
        option_origins=_option_origins(own, inherited, has_base=bool(base)),
        records=records,
        has_record_types=has_types,
        tables=tables,
        findings=(*merge.findings, *findings, *table_findings),
    )


def _typed(raw: _RawField, merge: _Merge, format_name: str) -> FieldSpec:
    spec, findings = read_field(raw.values, format_name=format_name, place=raw.place)
    merge.findings.extend(findings)
    return replace(spec, origin=raw.origin, place=raw.place)


def _option_origins(own: Any, inherited: Mapping[str, Any], *, has_base: bool) -> dict[str, Origin]:
    origins = dict.fromkeys(inherited, Origin.INHERITED)
    for key in own if isinstance(own, Mapping) else ():
        origins[key] = Origin.OVERRIDDEN if key in inherited else Origin.ADDED if has_base else Origin.OWN
    return origins
