"""Exports: the unit of audit and replay."""

from django.conf import settings
from django.db import models

from core.models.fields import Stamped
from core.models.file import File, FileGroup
from core.models.integration import Integration
from core.models.mapping import MappingVersion
from core.models.record import Record
from core.models.run import ReplayMode, Run
from core.models.tenant import Tenant
from core.states import AckOutcome, ExportState


class ExportReason(models.TextChoices):
    """Why an export was made."""

    FETCH = "fetch"
    OPENING = "opening"
    BASELINE = "baseline"
    BACKFILL = "backfill"
    REPLAY = "replay"


class Export(Stamped):
    """One record bound for one integration: its state, and where it went. A replay is a child export."""

    tenant = models.ForeignKey(Tenant, models.PROTECT)
    integration = models.ForeignKey(Integration, models.PROTECT, related_name="exports")
    record = models.ForeignKey(Record, models.PROTECT, related_name="exports")
    stream = models.CharField(max_length=20)
    xero_id = models.CharField(max_length=36)
    number = models.CharField(max_length=255, blank=True)
    state = models.CharField(max_length=10, choices=ExportState.choices, default=ExportState.PENDING)
    reason = models.CharField(max_length=10, choices=ExportReason.choices, default=ExportReason.FETCH)
    run = models.ForeignKey(Run, models.PROTECT, null=True, blank=True, related_name="exports")
    file = models.ForeignKey(File, models.PROTECT, null=True, blank=True, related_name="exports")
    mapping_version = models.ForeignKey(MappingVersion, models.PROTECT, null=True, blank=True)
    ack_outcome = models.CharField(max_length=20, choices=AckOutcome.choices, default=AckOutcome.NONE)
    problem_code = models.CharField(max_length=40, blank=True)
    sentence = models.TextField(blank=True, help_text="Why it failed, waits or was left out.")
    ended_at = models.DateTimeField(null=True, blank=True)
    is_approved = models.BooleanField(default=False, help_text="A person let this change or cancellation go out.")
    replay_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="replays")
    replay_number = models.PositiveIntegerField(default=0)
    replay_mode = models.CharField(max_length=12, choices=ReplayMode.choices, blank=True)
    replay_reason = models.CharField(max_length=500, blank=True)
    replay_version = models.ForeignKey(
        MappingVersion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The mapping version that a replay asked for.",
    )
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    request_id = models.UUIDField(null=True, blank=True, help_text="Makes a double click one replay.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["integration", "record", "replay_number"], name="export_once"),
            models.UniqueConstraint(fields=["replay_of", "request_id"], name="replay_request_once"),
        ]
        indexes = [
            models.Index(
                fields=["integration", "id"],
                condition=models.Q(state=ExportState.PENDING),
                name="export_pending",
            ),
            models.Index(fields=["integration", "xero_id"], name="export_by_object"),
            models.Index(fields=["-created_at"], name="export_newest"),
            models.Index(fields=["state", "-created_at"], name="export_by_state"),
            models.Index(fields=["number"], opclasses=["varchar_pattern_ops"], name="export_number"),
            models.Index(fields=["xero_id"], opclasses=["varchar_pattern_ops"], name="export_xero_id"),
        ]

    def __str__(self) -> str:
        return f"{self.number or self.xero_id} to {self.integration}"


class ExportContent(models.Model):
    """What a formatted export became: its bytes, their place in the file, and the versions that were joined.

    Kept apart from the export, so that it is written once and purged alone.
    """

    export = models.OneToOneField(Export, models.CASCADE, primary_key=True, related_name="content")
    file = models.ForeignKey(File, models.CASCADE, related_name="contents")
    group = models.ForeignKey(FileGroup, models.CASCADE, null=True, blank=True)
    position = models.PositiveIntegerField()
    action = models.CharField(max_length=10)
    sequence = models.PositiveBigIntegerField()
    control_number = models.CharField(max_length=14, blank=True)
    data = models.BinaryField(null=True, help_text="Empty once it was purged.")
    warnings = models.JSONField(default=list, blank=True)
    joined = models.JSONField(default=list, blank=True, help_text="Ids of the record versions that were joined in.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "position"], name="content_position")]
        indexes = [
            models.Index(
                fields=["control_number"],
                opclasses=["varchar_pattern_ops"],
                condition=~models.Q(control_number=""),
                name="content_control_number",
            )
        ]

    def __str__(self) -> str:
        return f"{self.export} at {self.position}"
