"""Integrations: "invoices to the ERP, hourly"."""

import uuid

from django.db import models

from core.models.fields import Leased, Stamped
from core.models.mapping import Mapping, MappingVersion
from core.models.partner import Partner
from core.models.tenant import Tenant
from core.models.xero import Organisation


class Opening(models.TextChoices):
    """What happens to documents dated before the start."""

    NONE = "none", "Left out"
    OPEN_ITEMS = "open_items", "Sent while something is open"
    ALL = "all", "Sent"
    BASELINE = "baseline", "Marked as already there"


class OnWebhook(models.TextChoices):
    """When a change announced by Xero goes out."""

    SEND = "send", "At once"
    COLLECT = "collect", "With the next slot"


class OnChange(models.TextChoices):
    """What a changed document becomes that the partner already has."""

    SEND = "send"
    REPLACE = "replace"
    HOLD = "hold"
    IGNORE = "ignore"


class OnVoid(models.TextChoices):
    """What a voided, deleted or filtered-out document becomes that the partner already has."""

    CANCEL = "cancel"
    SKIP = "skip"
    HOLD = "hold"


class BadRecord(models.TextChoices):
    """What one bad record does to its file."""

    SKIP = "skip", "The rest go on"
    HOLD_FILE = "hold_file", "The file waits for a person"


class WhenEmpty(models.TextChoices):
    """What a run without records sends."""

    NOTHING = "nothing"
    EMPTY_FILE = "empty_file"


class Integration(Leased, Stamped):
    """Organisation + streams + filter + partner + mapping + schedule + file naming. Formatting leases it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="integrations")
    name = models.CharField(max_length=100)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="integrations")
    streams = models.JSONField()
    where = models.JSONField(default=dict, blank=True, help_text="type, status, contacts, expr")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="integrations")
    mapping = models.ForeignKey(Mapping, models.PROTECT, related_name="integrations")
    pinned_version = models.ForeignKey(MappingVersion, models.PROTECT, null=True, blank=True)
    start_on = models.DateField(help_text="Documents dated from this day on.")
    opening = models.CharField(max_length=10, choices=Opening.choices, default=Opening.NONE)
    folder = models.CharField(max_length=500, blank=True, help_text="Empty: the partner's send_to.")
    file_name = models.CharField(max_length=200)
    batch = models.CharField(max_length=10, default="run", help_text="run, record, or a number of records.")
    on_webhook = models.CharField(max_length=10, choices=OnWebhook.choices, default=OnWebhook.COLLECT)
    on_change = models.CharField(max_length=10, choices=OnChange.choices, default=OnChange.SEND)
    on_void = models.CharField(max_length=10, choices=OnVoid.choices, default=OnVoid.CANCEL)
    bad_record = models.CharField(max_length=10, choices=BadRecord.choices, default=BadRecord.SKIP)
    when_empty = models.CharField(max_length=10, choices=WhenEmpty.choices, default=WhenEmpty.NOTHING)
    after = models.ManyToManyField("self", symmetrical=False, blank=True, related_name="before")
    options = models.JSONField(default=dict, blank=True, help_text="Delivery window, gzip, strict order.")
    cron = models.CharField(max_length=100, blank=True, help_text="Empty: only by hand or webhook.")
    time_zone = models.CharField(max_length=64, blank=True, help_text="Empty: the tenant's.")
    next_due_at = models.DateTimeField(null=True, blank=True, help_text="The next slot, UTC.")
    is_enabled = models.BooleanField(default=False)
    enabled_at = models.DateTimeField(null=True, blank=True)
    export_sequence = models.PositiveBigIntegerField(default=0, help_text="The last Export.Sequence given.")
    file_sequence = models.PositiveBigIntegerField(default=0, help_text="The last {sequence} given; no gaps.")
    format_attempts = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="integration_name")]
        indexes = [models.Index(fields=["next_due_at"], condition=models.Q(is_enabled=True), name="integration_due")]

    def __str__(self) -> str:
        return self.name
