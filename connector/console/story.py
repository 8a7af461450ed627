"""The story of one export in five steps: read, mapped, in a file, delivered, acknowledged."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from connector.console.words import ACK, FILE
from connector.console.xero_pages.found import found_by
from core.models import Export
from core.states import AckOutcome, ExportState, FileState

DONE, DOING, FAILED, AHEAD, LEFT_OUT = "good", "busy", "bad", "idle", "wait"
GIVEN_UP = (ExportState.SKIPPED, ExportState.UNCHANGED, ExportState.SUPERSEDED, ExportState.IGNORED)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: how it stands (a tone), what to say, when it was, and where to read more."""

    name: str
    icon: str
    tone: str
    words: str
    at: datetime | None = None
    link: str = ""


def steps_of(export: Export) -> list[Step]:
    """Tell an export's story so far; the steps ahead say what they wait for."""
    return [_read(export), _mapped(export), _file(export), _delivered(export), _acknowledged(export)]


def _read(export: Export) -> Step:
    finder = found_by(export.record.fetch)
    version = f"Version {export.record.version} from Xero" + (f", found by {finder}" if finder else "")
    return Step("Read", "cloud_download", DONE, version, export.record.read_at)


def _mapped(export: Export) -> Step:
    if export.file_id or export.state in (ExportState.FORMATTED, ExportState.DELIVERED):
        at = export.file.sealed_at if export.file else None
        return Step("Mapped", "conversion_path", DONE, str(export.mapping_version or "mapped"), at)
    look, words = {
        ExportState.PENDING: (AHEAD, "Waits for the next run"),
        ExportState.HELD: (DOING, "On hold until somebody decides"),
        ExportState.FAILED: (FAILED, "Could not be mapped"),
    }.get(ExportState(export.state), (LEFT_OUT, "Not mapped"))
    return Step("Mapped", "conversion_path", look, words)


def _file(export: Export) -> Step:
    file = export.file
    if file is None:
        given_up = export.state in GIVEN_UP
        words = "Goes into no file" if given_up else "Not in a file yet"
        return Step("File", "draft", LEFT_OUT if given_up else AHEAD, words)
    link = reverse("admin:core_file_change", args=[file.pk])
    tone = DOING if file.state == FileState.BUILDING else DONE
    return Step("File", "draft", tone, str(file), file.sealed_at, link)


def _delivered(export: Export) -> Step:
    file = export.file
    if file is None:
        return Step("Delivered", "upload", AHEAD, "Nothing to deliver yet")
    tone = {"good": DONE, "bad": FAILED, "idle": LEFT_OUT}.get(FILE[file.state].tone, DOING)
    return Step("Delivered", "upload", tone, FILE[file.state].word, file.delivered_at)


def _acknowledged(export: Export) -> Step:
    look = ACK[export.ack_outcome]
    tones: dict[str, str] = {AckOutcome.NONE: LEFT_OUT, AckOutcome.AWAITED: AHEAD}
    return Step("Acknowledged", "mark_email_read", tones.get(export.ack_outcome, look.tone), look.word)


PURGED = "These bytes are past their retention and were purged."


def content_of(export: Export) -> dict[str, Any] | None:
    """Give the export's own part of its file as text, with what was cut or replaced in it."""
    content = getattr(export, "content", None)
    if content is None:
        return None
    return {
        "text": bytes(content.data).decode("utf-8", "replace") if content.data is not None else PURGED,
        "position": content.position,
        "action": content.action,
        "control_number": content.control_number,
        "warnings": content.warnings,
    }
