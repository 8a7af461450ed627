"""How states, kinds and triggers are shown: a word for people, a tone and an icon. Never colour alone."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.models import AttemptResult, ExportReason, GrantState, HostKeyState, Mode, ProblemState, RunTrigger
from core.states import AckOutcome, AlertState, ExportState, FetchState, FileState, RunState

DASH = "\N{EN DASH}"


class Look(NamedTuple):
    """A word, a tone (good, busy, wait, bad, idle) and the name of a Material symbol."""

    word: str
    tone: str
    icon: str


RUN: dict[str, Look] = {
    RunState.DUE: Look("Waiting to start", "wait", "schedule"),
    RunState.FETCHING: Look("Reading Xero", "busy", "cloud_download"),
    RunState.FORMATTING: Look("Building files", "busy", "build"),
    RunState.DELIVERING: Look("Delivering", "busy", "upload"),
    RunState.DONE: Look("Done", "good", "check_circle"),
    RunState.PARTLY: Look("Partly done", "warn", "error"),
    RunState.FAILED: Look("Failed", "bad", "cancel"),
    RunState.CANCELLED: Look("Cancelled", "idle", "block"),
}
EXPORT: dict[str, Look] = {
    ExportState.PENDING: Look("Waiting", "wait", "schedule"),
    ExportState.FORMATTED: Look("In a file", "busy", "draft"),
    ExportState.DELIVERED: Look("Delivered", "good", "check_circle"),
    ExportState.UNCHANGED: Look("Unchanged", "idle", "equal"),
    ExportState.SUPERSEDED: Look("Newer version took over", "idle", "update"),
    ExportState.SKIPPED: Look("Left out", "idle", "skip_next"),
    ExportState.FAILED: Look("Failed", "bad", "cancel"),
    ExportState.HELD: Look("On hold", "warn", "front_hand"),
    ExportState.CANCELLED: Look("Cancelled", "idle", "block"),
    ExportState.IGNORED: Look("Ignored", "idle", "visibility_off"),
}
FILE: dict[str, Look] = {
    FileState.BUILDING: Look("Being built", "busy", "build"),
    FileState.READY: Look("Ready to send", "wait", "schedule_send"),
    FileState.UPLOADING: Look("Uploading", "busy", "upload"),
    FileState.PUBLISHING: Look("Renaming into place", "busy", "drive_file_rename_outline"),
    FileState.DELIVERED: Look("Delivered", "good", "check_circle"),
    FileState.RETRY_WAIT: Look("Waiting to retry", "warn", "history"),
    FileState.HELD: Look("On hold", "warn", "front_hand"),
    FileState.FAILED: Look("Failed", "bad", "cancel"),
    FileState.CANCELLED: Look("Cancelled", "idle", "block"),
}
ACK: dict[str, Look] = {
    AckOutcome.NONE: Look("Not expected", "idle", "remove"),
    AckOutcome.AWAITED: Look("Awaited", "wait", "hourglass_top"),
    AckOutcome.ACCEPTED: Look("Accepted", "good", "verified"),
    AckOutcome.ACCEPTED_WITH_ERRORS: Look("Accepted with errors", "warn", "report"),
    AckOutcome.PARTIALLY_ACCEPTED: Look("Partly accepted", "warn", "rule"),
    AckOutcome.REJECTED: Look("Rejected by partner", "bad", "thumb_down"),
    AckOutcome.OVERDUE: Look("Overdue", "bad", "alarm"),
}
FETCH: dict[str, Look] = {
    FetchState.DUE: Look("Waiting to start", "wait", "schedule"),
    FetchState.READING: Look("Reading", "busy", "cloud_download"),
    FetchState.DONE: Look("Done", "good", "check_circle"),
    FetchState.FAILED: Look("Failed", "bad", "cancel"),
    FetchState.CANCELLED: Look("Cancelled", "idle", "block"),
}
GRANT: dict[str, Look] = {
    GrantState.NEW: Look("Not connected yet", "wait", "link_off"),
    GrantState.CONNECTED: Look("Connected", "good", "link"),
    GrantState.NEEDS_RECONNECT: Look("Reconnect needed", "bad", "sync_problem"),
    GrantState.DISCONNECTED: Look("Disconnected", "idle", "link_off"),
}
HOST_KEY: dict[str, Look] = {
    HostKeyState.PENDING: Look("Not approved yet", "warn", "key"),
    HostKeyState.APPROVED: Look("Approved", "good", "verified_user"),
    HostKeyState.REJECTED: Look("Rejected", "bad", "gpp_bad"),
}
PROBLEM: dict[str, Look] = {
    ProblemState.OPEN: Look("Open", "bad", "error"),
    ProblemState.RESOLVED: Look("Resolved", "good", "check_circle"),
    ProblemState.IGNORED: Look("Ignored", "idle", "visibility_off"),
}
ALERT: dict[str, Look] = {
    AlertState.PENDING: Look("On its way", "busy", "schedule_send"),
    AlertState.SENT: Look("Sent", "good", "check_circle"),
    AlertState.FAILED: Look("Did not get through", "bad", "cancel"),
}
ENABLED = {
    True: Look("Enabled", "good", "check_circle"),
    False: Look("Paused", "idle", "pause_circle"),
}
MODE: dict[str, Look] = {
    Mode.TEST: Look("Test", "warn", "science"),
    Mode.PRODUCTION: Look("Production", "good", "verified"),
}
ATTEMPT: dict[str, Look] = {
    AttemptResult.STARTED: Look("Under way", "busy", "upload"),
    AttemptResult.DELIVERED: Look("Delivered", "good", "check_circle"),
    AttemptResult.FAILED: Look("Failed", "bad", "cancel"),
    AttemptResult.LOST: Look("Lost its worker", "warn", "link_off"),
}
WAITS = {
    "WAITS_FOR_WINDOW": "its delivery window to open",
    "WAITS_FOR_ORDER": "an earlier file to arrive (strict order)",
    "WAITS_FOR_RECORDS": "records that must arrive first",
}
"""What a file waits for although nothing is wrong with it, by the code that it carries."""

EVIDENCE = {
    "renamed": "The server confirmed its final name.",
    "written": "The server confirmed every byte.",
    "found": "It was found there after a break, the same to the byte or size.",
    "consumed": "It was whole on the server and is gone: the partner has taken it.",
    "by hand": "Somebody vouched for it.",
}
"""How we know that a file was delivered."""

TRIGGERS: dict[str, str] = {
    RunTrigger.SCHEDULE: "On schedule",
    RunTrigger.WEBHOOK: "After a webhook",
    RunTrigger.MANUAL: "By hand",
    RunTrigger.REPLAY: "As a replay",
    RunTrigger.BACKFILL: "As a backfill",
    RunTrigger.DRY_RUN: "As a dry run",
    RunTrigger.APPROVAL: "After an approval",
}
WEBHOOK: dict[str, Look] = {
    "waiting": Look("Waits for its reading", "wait", "schedule"),
    "fetched": Look("Read", "good", "check_circle"),
    "ignored": Look("Not needed", "idle", "visibility_off"),
}
REASONS: dict[str, str] = {
    ExportReason.FETCH: "Read from Xero",
    ExportReason.OPENING: "Taken up when the integration went live",
    ExportReason.BASELINE: "Was there already",
    ExportReason.BACKFILL: "Asked for with a range of days",
    ExportReason.REPLAY: "Replayed",
}
EVENT_WORDS = {
    "config": "configuration",
    "hostkey": "host key",
    "signin": "sign-in",
    "ack": "acknowledgment",
    "vault": "keys",
}
KINDS = {
    "ACCRECPAYMENT": "Payment received",
    "ACCPAYPAYMENT": "Payment made",
    "ARCREDITPAYMENT": "Refund of a credit note",
    "APCREDITPAYMENT": "Refund from a supplier",
    "ARPREPAYMENTPAYMENT": "Refund of a prepayment",
    "APPREPAYMENTPAYMENT": "Refund of our prepayment",
    "AROVERPAYMENTPAYMENT": "Refund of an overpayment",
    "APOVERPAYMENTPAYMENT": "Refund of our overpayment",
    "RECEIVE-PREPAYMENT": "Prepayment received",
    "SPEND-PREPAYMENT": "Prepayment made",
    "ARPREPAYMENT": "Prepayment received (AR)",
    "APPREPAYMENT": "Prepayment made (AP)",
    "RECEIVE-OVERPAYMENT": "Overpayment received",
    "SPEND-OVERPAYMENT": "Overpayment made",
    "AROVERPAYMENT": "Overpayment received (AR)",
    "APOVERPAYMENT": "Overpayment made (AP)",
    "ACCREC": "Sales invoice",
    "ACCPAY": "Bill",
    "ACCRECCREDIT": "Credit note",
    "ACCPAYCREDIT": "Supplier credit note",
}
STREAMS = {
    "invoices": "Invoice",
    "payments": "Payment",
    "manual_journals": "Manual journal",
    "contacts": "Contact",
    "credit_notes": "Credit note",
    "allocations": "Allocation",
}


def chip(look: Look | None, *, title: str = "") -> SafeString:
    """Show a state as word, colour and icon. A state without a look shows a dash."""
    if look is None:
        return format_html('<span class="mlc-idle">{}</span>', DASH)
    return format_html(
        '<span class="mlc-chip mlc-chip--{}" title="{}">'
        '<span class="material-symbols-outlined mlc-icon" aria-hidden="true">{}</span>{}</span>',
        look.tone,
        title,
        look.icon,
        look.word,
    )


def event_in_words(name: str) -> str:
    """Say an event's name in words: `hostkey.approved` is `Host key approved`."""
    family, _, what = name.partition(".")
    return f"{EVENT_WORDS.get(family, family)} {what}".replace("_", " ").strip().capitalize()


def many(count: int, word: str) -> str:
    """Count things: `1 file`, `2,300 files`."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def day(on: date) -> str:
    """Show a calendar day: `1 Jan 2026`."""
    return f"{on.day} {on:%b %Y}"


def together(text: str) -> SafeString:
    """Keep a short text on one line."""
    return format_html('<span class="mlc-nowrap">{}</span>', text)


def narrow(text: str) -> SafeString:
    """Break a long name wherever its column ends."""
    return format_html('<span class="mlc-narrow-text">{}</span>', text)


def link(row: Model | None) -> SafeString:
    """Lead to a row's own page by its name."""
    if row is None:
        return format_html('<span class="mlc-idle">{}</span>', DASH)
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a class="mlc-link" href="{}">{}</a>', address, row)


def stored(sealed: bytes | None) -> SafeString:
    """Say whether a secret is stored; what it is stays in the vault."""
    return chip(Look("Stored", "good", "lock") if sealed else Look("None", "idle", "lock_open"))


def kind_of(stream: str, kind: str = "") -> str:
    """Name a record as an accountant would: sales invoice, bill, payment, journal, contact."""
    return KINDS.get(kind) or STREAMS.get(stream, stream)


def amount(total: Decimal | None) -> str:
    """Show money with at least two decimals and no needless zeros: `1,234.50`."""
    if total is None:
        return ""
    text = f"{total:,.4f}"
    return text[:-2] if text.endswith("00") else text.rstrip("0")
