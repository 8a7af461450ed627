"""Filters that a replay in bulk is usually made with."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from core.models import Export
from core.states import ExportState


def failed_since(exports: "QuerySet[Export]", *, since: datetime) -> "QuerySet[Export]":
    """Keep what failed at or after a moment and has not been replayed or superseded since."""
    return exports.filter(state=ExportState.FAILED, ended_at__gte=since)


def never_delivered_since(exports: "QuerySet[Export]", *, since: datetime) -> "QuerySet[Export]":
    """Keep, of what was made at or after a moment, what failed or was cancelled while nothing of the same document
    has ever been delivered. What was left out or ignored on purpose stays out."""
    same = Export.objects.filter(integration=OuterRef("integration"), xero_id=OuterRef("xero_id"))
    chosen = exports.filter(created_at__gte=since, state__in=[ExportState.FAILED, ExportState.CANCELLED])
    return chosen.filter(~Exists(same.filter(state=ExportState.DELIVERED)))


def newest_of(exports: "QuerySet[Export]") -> "QuerySet[Export]":
    """Keep the newest export of each document that was not superseded: what a person means by its number."""
    same = exports.filter(integration=OuterRef("integration"), xero_id=OuterRef("xero_id"))
    live = [state for state in ExportState.values if state != ExportState.SUPERSEDED]
    newer = same.filter(pk__gt=OuterRef("pk"), state__in=live)
    return exports.filter(~Exists(newer), state__in=live)
