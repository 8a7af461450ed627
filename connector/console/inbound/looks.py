"""How picked-up files, their interchanges and the effect of an answer are shown."""

from connector.console.words import Look
from core.models import AckEffect, InterchangeState
from core.states import AckOutcome, InboundState

INBOUND: dict[str, Look] = {
    InboundState.STORED: Look("Waiting to be read", "wait", "schedule"),
    InboundState.PROCESSED: Look("Dealt with", "good", "check_circle"),
    InboundState.ERROR: Look("Needs a look", "bad", "error"),
    InboundState.DUPLICATE: Look("Came before", "idle", "file_copy"),
    InboundState.OWN: Look("Ours, left alone", "warn", "undo"),
}
INTERCHANGE: dict[str, Look] = {
    InterchangeState.TAKEN: Look("Taken", "good", "check_circle"),
    InterchangeState.DUPLICATE: Look("Came before", "idle", "file_copy"),
    InterchangeState.REFUSED: Look("Not for us", "bad", "block"),
}
EFFECT: dict[str, Look] = {
    AckEffect.COUNTED: Look("Took effect", "good", "check_circle"),
    AckEffect.KEPT: Look("Kept", "idle", "inventory_2"),
    AckEffect.UNMATCHED: Look("Unmatched", "warn", "help"),
    AckEffect.DAMAGED: Look("Damaged", "bad", "broken_image"),
}
VERDICT: dict[str, Look] = {
    AckOutcome.AWAITED: Look("Receipt only", "idle", "receipt"),
    AckOutcome.ACCEPTED: Look("Accepted", "good", "check_circle"),
    AckOutcome.ACCEPTED_WITH_ERRORS: Look("Accepted with errors", "warn", "report"),
    AckOutcome.PARTIALLY_ACCEPTED: Look("Partly accepted", "warn", "rule"),
    AckOutcome.REJECTED: Look("Rejected", "bad", "cancel"),
}
"""What we say of what came; what partners say of ours is `words.ACK`."""
