"""The states of everything that moves, and the moves that are allowed: code and documentation at once.

A state changes only through a conditional update that names the states it may come from (`core/moves.py`),
with its audit event in the same transaction. A move that these tables do not list cannot be written.
"""

from django.db.models import TextChoices


class FetchState(TextChoices):
    """One read of one stream of one organisation."""

    DUE = "due"
    READING = "reading"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RunState(TextChoices):
    """One pass of an integration."""

    DUE = "due"
    FETCHING = "fetching"
    FORMATTING = "formatting"
    DELIVERING = "delivering"
    DONE = "done"
    PARTLY = "partly"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ExportState(TextChoices):
    """One record bound for one integration."""

    PENDING = "pending"
    FORMATTED = "formatted"
    DELIVERED = "delivered"
    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"
    SKIPPED = "skipped"
    FAILED = "failed"
    HELD = "held"
    CANCELLED = "cancelled"
    IGNORED = "ignored"


class FileState(TextChoices):
    """One file on its way to a server."""

    BUILDING = "building"
    READY = "ready"
    UPLOADING = "uploading"
    PUBLISHING = "publishing"
    DELIVERED = "delivered"
    RETRY_WAIT = "retry_wait"
    HELD = "held"
    FAILED = "failed"
    CANCELLED = "cancelled"


class AckOutcome(TextChoices):
    """What the partner answered; a column of its own beside the state, since it may arrive early."""

    NONE = "none"
    AWAITED = "awaited"
    ACCEPTED = "accepted"
    ACCEPTED_WITH_ERRORS = "accepted_with_errors"
    PARTIALLY_ACCEPTED = "partially_accepted"
    REJECTED = "rejected"
    OVERDUE = "overdue"


class InboundState(TextChoices):
    """One file that was picked up from a partner's folder."""

    STORED = "stored"
    PROCESSED = "processed"
    ERROR = "error"
    DUPLICATE = "duplicate"
    OWN = "own", "Ours, left alone"


class AlertState(TextChoices):
    """One message of an alert rule."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"


_F, _R, _E, _D, _A, _I = FetchState, RunState, ExportState, FileState, AckOutcome, InboundState

FETCH_MOVES: dict[str, set[str]] = {
    _F.DUE: {_F.READING, _F.CANCELLED, _F.FAILED},
    _F.READING: {_F.READING, _F.DUE, _F.DONE, _F.FAILED, _F.CANCELLED},
}

RUN_MOVES: dict[str, set[str]] = {
    _R.DUE: {_R.FETCHING, _R.FAILED, _R.CANCELLED},
    _R.FETCHING: {_R.FORMATTING, _R.FAILED, _R.CANCELLED},
    _R.FORMATTING: {_R.DELIVERING, _R.DONE, _R.PARTLY, _R.FAILED, _R.CANCELLED},
    _R.DELIVERING: {_R.DONE, _R.PARTLY, _R.FAILED, _R.CANCELLED},
}

EXPORT_MOVES: dict[str, set[str]] = {
    _E.PENDING: {
        _E.FORMATTED,
        _E.UNCHANGED,
        _E.SUPERSEDED,
        _E.SKIPPED,
        _E.FAILED,
        _E.HELD,
        _E.CANCELLED,
        _E.IGNORED,
    },
    _E.FORMATTED: {_E.DELIVERED, _E.PENDING, _E.FAILED, _E.CANCELLED},
    _E.HELD: {_E.PENDING, _E.SUPERSEDED, _E.IGNORED, _E.CANCELLED},
    _E.FAILED: {_E.SUPERSEDED, _E.IGNORED},
}

FILE_MOVES: dict[str, set[str]] = {
    _D.BUILDING: {_D.READY, _D.HELD, _D.CANCELLED},
    _D.READY: {_D.UPLOADING, _D.HELD, _D.FAILED, _D.CANCELLED},
    _D.RETRY_WAIT: {_D.UPLOADING, _D.HELD, _D.FAILED, _D.CANCELLED},
    _D.UPLOADING: {_D.UPLOADING, _D.PUBLISHING, _D.RETRY_WAIT, _D.HELD, _D.FAILED},
    _D.PUBLISHING: {_D.DELIVERED, _D.UPLOADING, _D.HELD, _D.FAILED},
    _D.HELD: {_D.READY, _D.PUBLISHING, _D.CANCELLED, _D.FAILED, _D.DELIVERED},
}

ANSWERED = (_A.ACCEPTED, _A.ACCEPTED_WITH_ERRORS, _A.PARTIALLY_ACCEPTED, _A.REJECTED)
"""The outcomes that are an answer. A later one may take its place."""

ACK_MOVES: dict[str, set[str]] = {
    _A.NONE: {_A.AWAITED, *ANSWERED},
    _A.AWAITED: {_A.OVERDUE, *ANSWERED},
    _A.OVERDUE: {*ANSWERED},
    **{answer: {*ANSWERED} for answer in ANSWERED},
}

INBOUND_MOVES: dict[str, set[str]] = {_I.STORED: {_I.PROCESSED, _I.ERROR, _I.DUPLICATE, _I.OWN}}

ALERT_MOVES: dict[str, set[str]] = {
    AlertState.PENDING: {AlertState.SENT, AlertState.FAILED},
    AlertState.FAILED: {AlertState.PENDING},
}
