"""Interchanges picked up from partners, and acknowledgments: theirs and ours."""

from django.db import models

from core.models.fields import Stamped
from core.models.file import File
from core.models.partner import Partner
from core.models.tenant import Tenant
from core.states import AckOutcome


class InboundState(models.TextChoices):
    """What became of a file that was picked up."""

    STORED = "stored"
    PROCESSED = "processed"
    ERROR = "error"
    DUPLICATE = "duplicate"


class Inbound(Stamped):
    """A file picked up from a partner's folder, stored whole before anything else happens to it."""

    tenant = models.ForeignKey(Tenant, models.PROTECT)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="inbound")
    folder = models.CharField(max_length=500)
    name = models.CharField(max_length=255)
    content = models.BinaryField(null=True)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=InboundState.choices, default=InboundState.STORED)
    sender = models.CharField(max_length=60, blank=True)
    receiver = models.CharField(max_length=60, blank=True)
    control_number = models.CharField(max_length=14, blank=True)
    problem_code = models.CharField(max_length=40, blank=True)
    sentence = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "inbound"
        indexes = [models.Index(fields=["partner", "sender", "control_number"], name="inbound_control")]

    def __str__(self) -> str:
        return self.name


class AckKind(models.TextChoices):
    """The acknowledgments that are read and written."""

    TA1 = "TA1"
    FUNCTIONAL = "997"
    IMPLEMENTATION = "999"
    CONTRL = "CONTRL"


class AckDirection(models.TextChoices):
    """Whose answer it is."""

    THEIRS = "theirs"
    OURS = "ours"


class Acknowledgment(Stamped):
    """One answer at one level. `file` is the file it is about (theirs) or that carries it (ours)."""

    tenant = models.ForeignKey(Tenant, models.PROTECT)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="acknowledgments")
    direction = models.CharField(max_length=6, choices=AckDirection.choices)
    kind = models.CharField(max_length=6, choices=AckKind.choices)
    inbound = models.ForeignKey(Inbound, models.PROTECT, null=True, blank=True, related_name="acknowledgments")
    file = models.ForeignKey(File, models.PROTECT, null=True, blank=True, related_name="acknowledgments")
    interchange_number = models.CharField(max_length=14, blank=True)
    group_number = models.CharField(max_length=14, blank=True)
    document_number = models.CharField(max_length=14, blank=True)
    outcome = models.CharField(max_length=20, choices=AckOutcome.choices)
    is_matched = models.BooleanField(default=False)
    details = models.JSONField(default=list, blank=True, help_text="Errors in words, with segment and element.")

    class Meta:
        indexes = [models.Index(fields=["partner", "interchange_number"], name="ack_control")]

    def __str__(self) -> str:
        return f"{self.kind} {self.outcome}"
