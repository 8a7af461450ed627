"""Partners and the control numbers of what is exchanged with them."""

import uuid

from django.db import models

from core.models.fields import Leased, Stamped
from core.models.server import Server
from core.models.tenant import Tenant


class Mode(models.TextChoices):
    """Whether files count for the partner."""

    TEST = "test"
    PRODUCTION = "production"


class Partner(Leased, Stamped):
    """Who receives: a trading partner or a downstream system. Pickup leases the partner."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="partners")
    name = models.CharField(max_length=100)
    server = models.ForeignKey(Server, models.PROTECT, related_name="partners")
    folders = models.JSONField(default=dict, help_text="send_to, send_acks_to, pick_up_from, processed, error")
    x12 = models.JSONField(default=dict, blank=True)
    edifact = models.JSONField(default=dict, blank=True)
    acks = models.JSONField(default=dict, blank=True)
    mode = models.CharField(max_length=10, choices=Mode.choices, default=Mode.PRODUCTION)
    test = models.JSONField(default=dict, blank=True, help_text="Other ids and folders in test mode.")
    test_server = models.ForeignKey(Server, models.PROTECT, null=True, blank=True, related_name="test_partners")
    next_pickup_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="partner_name")]

    def __str__(self) -> str:
        return self.name


class ControlNumber(models.Model):
    """The last control number used between two ids at one level (ISA, GS, UNB); never given twice.

    Keyed by ids, not by partner, and shared by test and production, since receivers see only those.
    """

    tenant = models.ForeignKey(Tenant, models.PROTECT)
    sender = models.CharField(max_length=60)
    receiver = models.CharField(max_length=60)
    level = models.CharField(max_length=3)
    last = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "sender", "receiver", "level"], name="one_counter_per_level")
        ]

    def __str__(self) -> str:
        return f"{self.sender} > {self.receiver} {self.level} {self.last}"
