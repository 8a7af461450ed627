"""Runs: one pass of an integration."""

from django.conf import settings
from django.db import models

from core.models.fields import Stamped
from core.models.integration import Integration
from core.models.mapping import MappingVersion
from core.models.tenant import Tenant
from core.models.xero import Fetch
from core.states import RunState


class RunTrigger(models.TextChoices):
    """What opened a run."""

    SCHEDULE = "schedule"
    WEBHOOK = "webhook"
    MANUAL = "manual"
    REPLAY = "replay"
    BACKFILL = "backfill"
    DRY_RUN = "dry_run"
    APPROVAL = "approval"


OWN_EXPORTS = (RunTrigger.REPLAY, RunTrigger.APPROVAL)
"""The runs that format the exports that were given to them, and nothing else that waits for their integration."""


class ReplayMode(models.TextChoices):
    """What a replay sends."""

    SAME_BYTES = "same_bytes", "The same bytes under the same name"
    NEW_ENVELOPE = "new_envelope", "The same values in a new envelope"
    MAP_AGAIN = "map_again", "Mapped again"
    READ_AGAIN = "read_again", "Read again from Xero, then mapped"


class Run(Stamped):
    """One pass of an integration. A slot opens at most one run, so two beats do no harm.

    It needs, per stream, a fetch that began at or after `needs_fetch_from`; `fetches` are the ones it joined.
    """

    tenant = models.ForeignKey(Tenant, models.PROTECT)
    integration = models.ForeignKey(Integration, models.PROTECT, related_name="runs")
    trigger = models.CharField(max_length=10, choices=RunTrigger.choices)
    slot_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.DUE)
    needs_fetch_from = models.DateTimeField(null=True, blank=True, help_text="Empty: nothing is read.")
    fetches = models.ManyToManyField(Fetch, blank=True, related_name="runs")
    updated_since = models.DateTimeField(null=True, blank=True)
    updated_until = models.DateTimeField(null=True, blank=True)
    dated_from = models.DateField(null=True, blank=True)
    dated_to = models.DateField(null=True, blank=True)
    resend = models.BooleanField(default=False)
    request_id = models.UUIDField(null=True, blank=True, unique=True, help_text="Makes a double click one run.")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(db_default=models.functions.Now())
    problem_code = models.CharField(max_length=40, blank=True)
    replay_request = models.UUIDField(null=True, blank=True, help_text="What one request opened, a run each.")
    replay_mode = models.CharField(max_length=12, choices=ReplayMode.choices, blank=True)
    replay_reason = models.CharField(max_length=500, blank=True)
    replay_version = models.ForeignKey(
        MappingVersion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: the one that applies then.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["integration", "slot_at"], name="one_run_per_slot"),
            models.UniqueConstraint(fields=["replay_request", "integration"], name="one_run_per_replay_request"),
        ]
        indexes = [
            models.Index(fields=["-created_at"], name="run_newest"),
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(
                    state__in=[RunState.DUE, RunState.FETCHING, RunState.FORMATTING, RunState.DELIVERING]
                ),
                name="run_active",
            ),
        ]

    def __str__(self) -> str:
        return f"Run {self.pk} of {self.integration}"
