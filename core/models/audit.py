"""The audit trail: one line an event, append-only and hash-chained per tenant.

No foreign keys: the trail must never stand in the way of live data, nor vanish with it.
"""

from uuid import UUID

from django.db import models

INSTALLATION = UUID(int=0)
"""The chain of what belongs to no tenant: sign-ins, users, keys."""


class Event(models.Model):
    """One line of the audit trail. Every column but `id`, `prev_hash` and `hash` is hashed.

    A change of a set (a file of 10,000 exports delivered) is one event; the ids lead to its members.
    """

    tenant_id = models.UUIDField()
    sequence = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    event = models.CharField(max_length=40)
    actor = models.CharField(max_length=150, blank=True, help_text="Empty: the product itself.")
    integration = models.CharField(max_length=100, blank=True)
    stream = models.CharField(max_length=20, blank=True)
    xero_id = models.CharField(max_length=36, blank=True)
    number = models.CharField(max_length=255, blank=True)
    file = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=20, blank=True)
    fetch_id = models.BigIntegerField(null=True, blank=True)
    run_id = models.BigIntegerField(null=True, blank=True)
    export_id = models.BigIntegerField(null=True, blank=True)
    file_id = models.BigIntegerField(null=True, blank=True)
    detail = models.JSONField(default=dict, blank=True)
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "sequence"], name="event_sequence")]
        indexes = [
            models.Index(fields=["tenant_id", "-at"], name="event_newest"),
            models.Index(
                fields=["xero_id"],
                opclasses=["varchar_pattern_ops"],
                condition=~models.Q(xero_id=""),
                name="event_xero_id",
            ),
            models.Index(fields=["file_id"], condition=models.Q(file_id__isnull=False), name="event_file"),
            models.Index(fields=["fetch_id"], condition=models.Q(fetch_id__isnull=False), name="event_fetch"),
            models.Index(fields=["export_id"], condition=models.Q(export_id__isnull=False), name="event_export"),
            models.Index(fields=["run_id"], condition=models.Q(run_id__isnull=False), name="event_run"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.event}"


class ChainHead(models.Model):
    """The last link of one tenant's chain. Appending locks it by update."""

    tenant_id = models.UUIDField(primary_key=True)
    sequence = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="")

    def __str__(self) -> str:
        return f"{self.tenant_id} #{self.sequence}"
