"""EDIFACT: reading and checking interchanges, writing them, and CONTRL both ways.

Where to begin: `read_messages` (bytes to messages), `check_interchanges` (bytes to verdicts),
`render_interchange` (values to bytes), `render_acknowledgment` (verdict to CONTRL), `read_acknowledgments`
(their CONTRL to values) and `explain` (a reported fault back to the segment as sent).
"""

from edi_app.edifact.contrl import Answer, AnswerPolicy, choose_answer, render_acknowledgment
from edi_app.edifact.errors import CannotAcknowledge, EdifactUnreadable
from edi_app.edifact.explain import Explanation, explain
from edi_app.edifact.reader import Interchange, Message, read_messages
from edi_app.edifact.replies import read_acknowledgments
from edi_app.edifact.rules import Rules, Unknown
from edi_app.edifact.segment import Segment
from edi_app.edifact.stream import Limits
from edi_app.edifact.validator import check_interchanges, mark_duplicate
from edi_app.edifact.verdict import CheckedGroup, CheckedInterchange, CheckedMessage
from edi_app.edifact.writer import (
    Header,
    WrittenMessage,
    render_header,
    render_interchange,
    render_message,
    render_trailer,
)

__all__ = [
    "Answer",
    "AnswerPolicy",
    "CannotAcknowledge",
    "CheckedGroup",
    "CheckedInterchange",
    "CheckedMessage",
    "EdifactUnreadable",
    "Explanation",
    "Header",
    "Interchange",
    "Limits",
    "Message",
    "Rules",
    "Segment",
    "Unknown",
    "WrittenMessage",
    "check_interchanges",
    "choose_answer",
    "explain",
    "mark_duplicate",
    "read_acknowledgments",
    "read_messages",
    "render_acknowledgment",
    "render_header",
    "render_interchange",
    "render_message",
    "render_trailer",
]
