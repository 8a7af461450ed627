"""Interchanges picked up from partners, and acknowledgments: theirs and ours."""

from django.db import models

from core.models.fields import Stamped
from core.models.file import File
from core.models.partner import Partner
from core.models.tenant import Tenant
from core.states import AckOutcome, InboundState


class Inbound(Stamped):
    """A file picked up from a partner's folder, stored whole before anything else happens to it.

    Until it is put away, its folder, name, size and time say which file it is, so that none is taken twice.
    """

    tenant = models.ForeignKey(Tenant, models.PROTECT)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="inbound")
    folder = models.CharField(max_length=500)
    name = models.CharField(max_length=255)
    content = models.BinaryField(null=True)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    modified_at = models.DateTimeField(null=True, blank=True, help_text="The server's word for it.")
    put_away = models.CharField(
        max_length=800, blank=True, help_text="Where the file went; empty while it is in its folder."
    )
    state = models.CharField(max_length=10, choices=InboundState.choices, default=InboundState.STORED)
    attempts = models.PositiveIntegerField(default=0)
    sender = models.CharField(max_length=60, blank=True)
    receiver = models.CharField(max_length=60, blank=True)
    control_number = models.CharField(max_length=14, blank=True)
    problem_code = models.CharField(max_length=40, blank=True)
    sentence = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "inbound"
        indexes = [
            models.Index(fields=["partner", "sender", "control_number"], name="inbound_control"),
            models.Index(fields=["-created_at"], name="inbound_newest"),
            models.Index(fields=["name"], opclasses=["varchar_pattern_ops"], name="inbound_name_begins"),
            models.Index(
                fields=["control_number"],
                opclasses=["varchar_pattern_ops"],
                condition=~models.Q(control_number=""),
                name="inbound_control_begins",
            ),
            models.Index(fields=["partner", "name"], name="inbound_name"),
            models.Index(fields=["partner"], condition=models.Q(state=InboundState.STORED), name="inbound_waiting"),
            models.Index(fields=["partner"], condition=models.Q(put_away=""), name="inbound_in_folder"),
        ]

    def __str__(self) -> str:
        return self.name


class Sighting(models.Model):
    """A file that a look into a partner's folder showed: it is taken once it has stayed as it is for a while."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="sightings")
    folder = models.CharField(max_length=500)
    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField(null=True)
    modified_at = models.DateTimeField(null=True)
    since = models.DateTimeField(help_text="When it was first seen like this.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner", "folder", "name"], name="sighting_once")]

    def __str__(self) -> str:
        return self.name


class InterchangeState(models.TextChoices):
    """What became of one interchange of a file that was picked up."""

    TAKEN = "taken"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


class Interchange(Stamped):
    """One interchange of a picked-up file, as its envelope tells; `sha256` is of its segments."""

    tenant = models.ForeignKey(Tenant, models.PROTECT)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="interchanges")
    inbound = models.ForeignKey(Inbound, models.PROTECT, related_name="interchanges")
    position = models.PositiveIntegerField()
    sender = models.CharField(max_length=60)
    receiver = models.CharField(max_length=60)
    control_number = models.CharField(max_length=14, blank=True)
    sha256 = models.CharField(max_length=64)
    documents = models.CharField(max_length=200, blank=True, help_text="The kinds of documents in it.")
    is_test = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=InterchangeState.choices)
    sentence = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inbound", "position"], name="interchange_position")]
        indexes = [
            models.Index(fields=["tenant", "sender", "receiver", "control_number"], name="interchange_control"),
        ]

    def __str__(self) -> str:
        return f"{self.control_number} in {self.inbound}"


class InterchangeGroup(Stamped):
    """One functional group of documents (X12 GS) of an interchange that was taken, and not seen before.

    Sender and receiver are the codes of GS02 and GS03, `sha256` is of the sets in it.
    """

    tenant = models.ForeignKey(Tenant, models.PROTECT)
    interchange = models.ForeignKey(Interchange, models.PROTECT, related_name="groups")
    functional_id = models.CharField(max_length=2)
    sender = models.CharField(max_length=60)
    receiver = models.CharField(max_length=60)
    control_number = models.CharField(max_length=14)
    sha256 = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "sender", "receiver", "control_number"], name="interchange_group_control"),
        ]

    def __str__(self) -> str:
        return f"{self.functional_id} {self.control_number} in {self.interchange}"


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


class AckEffect(models.TextChoices):
    """What became of an answer of theirs."""

    COUNTED = "counted", "Took effect"
    KEPT = "kept", "Kept, changes nothing"
    UNMATCHED = "unmatched", "Answers nothing of ours"
    DAMAGED = "damaged", "Damaged"


class Acknowledgment(Stamped):
    """One answer at one level. `file` is the file it is about (theirs) or that carries it (ours).

    The numbers are of what is answered. `interchange` is theirs: it carried the answer, or is answered by it.
    `documents` names those whose outcome is another than the whole's; see `core/acks.py`.
    """

    tenant = models.ForeignKey(Tenant, models.PROTECT)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="acknowledgments")
    direction = models.CharField(max_length=6, choices=AckDirection.choices)
    kind = models.CharField(max_length=6, choices=AckKind.choices)
    inbound = models.ForeignKey(Inbound, models.PROTECT, null=True, blank=True, related_name="acknowledgments")
    interchange = models.ForeignKey(Interchange, models.PROTECT, null=True, blank=True, related_name="acknowledgments")
    file = models.ForeignKey(File, models.PROTECT, null=True, blank=True, related_name="acknowledgments")
    interchange_number = models.CharField(max_length=14, blank=True)
    group_number = models.CharField(max_length=14, blank=True)
    document_number = models.CharField(max_length=14, blank=True)
    outcome = models.CharField(max_length=20, choices=AckOutcome.choices)
    documents = models.JSONField(default=dict, blank=True, help_text="Outcomes by document number.")
    is_matched = models.BooleanField(default=False)
    effect = models.CharField(max_length=10, choices=AckEffect.choices, blank=True, help_text="Empty for ours.")
    details = models.JSONField(default=list, blank=True, help_text="Errors in words, with segment and element.")

    class Meta:
        indexes = [models.Index(fields=["partner", "interchange_number"], name="ack_control")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.get_outcome_display().lower()}"
