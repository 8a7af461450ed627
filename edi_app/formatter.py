"""The door to all formats: a mapping definition in, a compiled `Formatter` or the list of its faults out."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from core.documents import Stream
from core.errors import Finding
from core.formats import Formatter
from edi_app.flat.compiling import compile_flat
from edi_app.mapping.checks import check
from edi_app.mapping.definition import resolve
from edi_app.mapping.findings import refusal
from edi_app.mapping.functions import Tables

_NO_TABLES: Tables = MappingProxyType({})


def compile_formatter(definition: Mapping[str, Any], *, stream: str, tables: Tables = _NO_TABLES) -> Formatter:
    """Compile one mapping for one stream. Raises Invalid with every finding when it cannot work.

    A mapping may serve several streams: what only another stream has is empty here, not refused.
    """
    streams = [stream, *(other for other in Stream if other != stream)]
    if findings := check_definition(definition, streams=streams, tables=tables):
        raise refusal(findings)
    return compile_flat(resolve(definition), stream=stream, tables=tables)


def check_definition(
    definition: Mapping[str, Any], *, streams: Sequence[str], tables: Tables = _NO_TABLES
) -> list[Finding]:
    """Find everything that can be known to be wrong in a mapping before a record is there.

    With several streams a field must exist in one of them; where a record lacks it, the value is empty.
    """
    return check(definition, streams=streams, tables=tables)
