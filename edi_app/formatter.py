"""The door to all formats: a mapping definition in, a compiled `Formatter` or the list of its faults out."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from core.documents import Stream
from core.errors import Finding
from core.formats import Formatter
from edi_app.bases.shipped import shipped_base, shipped_names
from edi_app.flat.compiling import compile_flat
from edi_app.mapping.checks import check
from edi_app.mapping.definition import resolve
from edi_app.mapping.findings import refusal
from edi_app.mapping.functions import Tables
from edi_app.x12.checks import check_x12
from edi_app.x12.definition import resolve_x12
from edi_app.x12.definition import shipped_bases as x12_bases
from edi_app.x12.formatter import compile_x12

NO_TABLES: Tables = MappingProxyType({})


def compile_formatter(definition: Mapping[str, Any], *, stream: str, tables: Tables = NO_TABLES) -> Formatter:
    """Compile one mapping for one stream. Raises Invalid with every finding when it cannot work.

    A flat mapping may serve several streams: what only another stream has is empty here, not refused.
    """
    if is_x12(definition):
        return compile_x12(definition, stream=stream, tables=tables)
    streams = [stream, *(other for other in Stream if other != stream)]
    if findings := check(definition, streams=streams, tables=tables):
        raise refusal(findings)
    return compile_flat(resolve(definition), stream=stream, tables=tables)


def check_definition(
    definition: Mapping[str, Any], *, streams: Sequence[str], tables: Tables = NO_TABLES
) -> list[Finding]:
    """Find everything that can be known to be wrong in a mapping before a record is there.

    With several streams a field must exist in one of them; where a record lacks it, the value is empty.
    """
    if is_x12(definition):
        return check_x12(definition, streams=streams, tables=tables)
    return check(definition, streams=streams, tables=tables)


def mapping_streams(definition: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the streams that a mapping can hold: those of its base, all of them without one."""
    if is_x12(definition):
        return resolve_x12(definition).streams
    base = shipped_base(str(definition.get("base") or "")) or {}
    return tuple(base.get("streams", Stream))


def is_x12(definition: Mapping[str, Any]) -> bool:
    """Say whether a mapping makes X12, by its base."""
    return isinstance(definition, Mapping) and str(definition.get("base", "")).startswith("x12-")


def base_names() -> tuple[str, ...]:
    """Name every shipped base of every format, in order."""
    return tuple(sorted((*shipped_names(), *x12_bases())))
