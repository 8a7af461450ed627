"""X12: one engine that reads, validates, renders and acknowledges transaction sets described by data files.

Where to begin: `compile_x12` (mapping to formatter), `check_x12` (mistakes of a mapping), `list_rows` and
`trace_elements` (which row made what), `read_events` and `read_interchanges` (bytes to sets), `check_interchanges`
(bytes to verdicts), `render_acknowledgment` (verdict to TA1 and 997), `read_acknowledgments` (theirs to values) and
`explain` (a reported fault back to segment, row and Xero field).
"""

from edi_app.x12.acknowledge import needs_acknowledgment, render_acknowledgment
from edi_app.x12.checks import check_x12
from edi_app.x12.definition import resolve_x12, shipped_bases
from edi_app.x12.errors import CannotAcknowledge, DeletedPayment, DocumentRefused, X12Unreadable
from edi_app.x12.explain import Explanation, explain, explain_fault
from edi_app.x12.formatter import compile_x12
from edi_app.x12.header import check_partner_block
from edi_app.x12.judging import check_interchanges
from edi_app.x12.reader import read_events, read_interchanges
from edi_app.x12.replies import read_acknowledgments
from edi_app.x12.stream import Limits
from edi_app.x12.tracing import FieldRow, TracedElement, list_rows, trace_elements
from edi_app.x12.validator import validate_set
from edi_app.x12.verdict import AckOptions, CheckedInterchange, Lists, WhenTa1, mark_duplicate

__all__ = [
    "AckOptions",
    "CannotAcknowledge",
    "CheckedInterchange",
    "DeletedPayment",
    "DocumentRefused",
    "Explanation",
    "FieldRow",
    "Limits",
    "Lists",
    "TracedElement",
    "WhenTa1",
    "X12Unreadable",
    "check_interchanges",
    "check_partner_block",
    "check_x12",
    "compile_x12",
    "explain",
    "explain_fault",
    "list_rows",
    "mark_duplicate",
    "needs_acknowledgment",
    "read_acknowledgments",
    "read_events",
    "read_interchanges",
    "render_acknowledgment",
    "resolve_x12",
    "shipped_bases",
    "trace_elements",
    "validate_set",
]
