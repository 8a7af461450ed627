"""Choosing: which of the exports that a person picked can be replayed, why the others cannot, and what goes along.

A file goes out whole, and a batch payment is one document: what stands beside a chosen export goes along with it.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Value, When

from core.errors import PermanentError
from core.models import Export, ReplayItem, ReplayMode
from core.runs import ACTIVE
from core.states import ExportState

REFUSALS: Mapping[str, str] = {
    "in_flight": "on the way to the partner already",
    "held": "on hold: send or ignore them instead",
    "superseded": "superseded by a newer version or by a replay",
    "older": "older than another chosen one of the same document",
    "no_file": "never in a file",
    "purged": "past their retention: read them again from Xero instead",
}
"""Why an export is not replayed, as it follows "3 are"."""

_FROM_FILE = (ReplayMode.SAME_BYTES, ReplayMode.NEW_ENVELOPE)
_IN_FLIGHT = (ExportState.PENDING, ExportState.FORMATTED)
_NOT_IN_FLIGHT = [state for state in ExportState.values if state not in _IN_FLIGHT]


class ReplayRefused(PermanentError):
    """Nothing of what was chosen can be replayed, or not in this way."""

    code = "REPLAY_REFUSED"


class Choice:
    """The exports of a replay. Everything is worked out by the database; nothing is loaded."""

    def __init__(self, picked: "QuerySet[Export]", *, mode: str) -> None:
        self.mode = mode
        ids = (picked if picked.query.is_sliced else picked.order_by()).values("pk")
        self.picked = Export.objects.filter(pk__in=ids)

    @cached_property
    def refused(self) -> dict[str, int]:
        """Count what is left out, by reason (`REFUSALS`)."""
        rows = self._sorted().exclude(refusal="").values_list("refusal").annotate(count=Count("pk"))
        found = dict(rows)
        return {reason: found[reason] for reason in REFUSALS if reason in found}

    def accepted(self) -> "QuerySet[Export]":
        """Give what can be replayed of what was picked."""
        rows: QuerySet[Export] = self._sorted().filter(refusal="")
        return rows

    def going(self) -> "QuerySet[Export]":
        """Give what will be replayed: the accepted ones, and what goes along with them."""
        accepted = self.accepted()
        if self.mode == ReplayMode.SAME_BYTES:
            return Export.objects.filter(file__in=accepted.values("file"))
        groups = accepted.filter(content__group__isnull=False).values("content__group")
        return Export.objects.filter(Q(pk__in=accepted.values("pk")) | Q(content__group__in=groups))

    def sentence(self) -> str:
        """Say what is left out, and why; empty when nothing is."""
        parts = [
            f"{count} {'is' if count == 1 else 'are'} {REFUSALS[reason]}" for reason, count in self.refused.items()
        ]
        return f"Left out: {'; '.join(parts)}." if parts else ""

    def _sorted(self) -> Any:
        whens = [When(condition, then=Value(reason)) for reason, condition in self._reasons().items()]
        refusal = Case(*whens, default=Value(""), output_field=CharField())
        return self.picked.order_by().annotate(refusal=refusal)

    def _reasons(self) -> dict[str, Any]:
        reasons: dict[str, Any] = {
            "in_flight": Q(state__in=_IN_FLIGHT) | Exists(self._others_in_flight()) | _is_asked_for(),
            "held": Q(state=ExportState.HELD),
            "superseded": Q(state=ExportState.SUPERSEDED),
            "older": Exists(self._newer()),
        }
        if self.mode in _FROM_FILE:
            reasons["no_file"] = Q(content__isnull=True) | Q(file__isnull=True) | Q(file__sha256="")
        if self.mode == ReplayMode.SAME_BYTES:
            reasons["purged"] = Q(content__data__isnull=True)
        elif self.mode != ReplayMode.READ_AGAIN:
            reasons["purged"] = Q(record__payload__isnull=True)
        return reasons

    def _others(self) -> "QuerySet[Export]":
        return Export.objects.filter(integration=OuterRef("integration"), xero_id=OuterRef("xero_id"))

    def _others_in_flight(self) -> "QuerySet[Export]":
        """What is not anything else: asked like this, the database looks at the few exports of one object only."""
        return self._others().exclude(state__in=_NOT_IN_FLIGHT)

    def _newer(self) -> "QuerySet[Export]":
        """What was picked too and is newer: the same values go out once for each version, all else once an object."""
        newer = self._others().filter(pk__in=self.picked.values("pk"), pk__gt=OuterRef("pk"))
        newer = newer.exclude(state__in=[*_IN_FLIGHT, ExportState.HELD, ExportState.SUPERSEDED])
        return newer.filter(record=OuterRef("record")) if self.mode in _FROM_FILE else newer


def _is_asked_for() -> Exists:
    return Exists(ReplayItem.objects.filter(export=OuterRef("pk"), run__state__in=ACTIVE))
