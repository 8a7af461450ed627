"""Files and the attempts to put them on their server."""

from django.db import models

from core.models.fields import Leased, Stamped
from core.models.integration import Integration
from core.models.mapping import MappingVersion
from core.models.partner import Partner
from core.models.run import Run
from core.models.server import Server
from core.models.tenant import Tenant
from core.states import AckOutcome, FileState


class FileKind(models.TextChoices):
    """What a file carries."""

    DATA = "data"
    ACK = "ack"


class Compression(models.TextChoices):
    """How a file's bytes are packed on the server; its size and sha256 are those of the packed form."""

    GZIP = "gzip"


class File(Leased, Stamped):
    """What is put on the server. Its bytes are header + (group head + contents + group tail)* + trailer.

    Name, control numbers, size and sha256 are set once, when it is sealed. The fence names each attempt's
    temporary file; `temp_name` is stored before the rename, so recovery knows what to look for.
    """

    tenant = models.ForeignKey(Tenant, models.PROTECT)
    integration = models.ForeignKey(Integration, models.PROTECT, null=True, blank=True, related_name="files")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="files")
    server = models.ForeignKey(Server, models.PROTECT, related_name="files")
    run = models.ForeignKey(Run, models.PROTECT, null=True, blank=True, related_name="files")
    mapping_version = models.ForeignKey(MappingVersion, models.PROTECT, null=True, blank=True)
    lookup_versions = models.JSONField(
        null=True, blank=True, help_text="Ids of the lookup versions it was made with; empty where nobody noted them."
    )
    kind = models.CharField(max_length=4, choices=FileKind.choices, default=FileKind.DATA)
    state = models.CharField(max_length=10, choices=FileState.choices, default=FileState.BUILDING)
    is_test = models.BooleanField(default=False)
    folder = models.CharField(max_length=500)
    name = models.CharField(max_length=200, blank=True)
    header = models.BinaryField(default=b"")
    trailer = models.BinaryField(default=b"")
    size = models.PositiveBigIntegerField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    compression = models.CharField(max_length=4, blank=True, choices=Compression.choices)
    plain_size = models.PositiveBigIntegerField(null=True, blank=True, help_text="Before compression.")
    plain_sha256 = models.CharField(max_length=64, blank=True, help_text="Before compression.")
    record_count = models.PositiveIntegerField(default=0)
    sequence = models.PositiveBigIntegerField(null=True, blank=True)
    interchange_number = models.CharField(max_length=14, blank=True)
    group_number = models.CharField(max_length=14, blank=True)
    sealed_at = models.DateTimeField(null=True, blank=True)
    due_since = models.DateTimeField(null=True, blank=True, help_text="Giving up counts from here.")
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    temp_name = models.CharField(max_length=255, blank=True)
    temp_folder = models.CharField(max_length=500, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    evidence = models.CharField(max_length=10, blank=True, help_text="renamed, written, found, consumed: how we know.")
    remote_size = models.PositiveBigIntegerField(null=True, blank=True)
    remote_mtime = models.DateTimeField(null=True, blank=True)
    host_key = models.CharField(max_length=60, blank=True, help_text="Fingerprint of the session that delivered.")
    duration_ms = models.PositiveIntegerField(null=True, blank=True)
    ack_outcome = models.CharField(max_length=20, choices=AckOutcome.choices, default=AckOutcome.NONE)
    ack_due_at = models.DateTimeField(null=True, blank=True)
    problem_code = models.CharField(max_length=40, blank=True)
    replay_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="replays")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["integration"], condition=models.Q(state=FileState.BUILDING), name="one_file_is_built"
            ),
            models.UniqueConstraint(fields=["integration", "sequence"], name="file_sequence_once"),
        ]
        indexes = [
            models.Index(
                fields=["server", "next_attempt_at"],
                condition=models.Q(
                    state__in=[
                        FileState.READY,
                        FileState.RETRY_WAIT,
                        FileState.UPLOADING,
                        FileState.PUBLISHING,
                    ]
                ),
                name="file_due",
            ),
            models.Index(fields=["-created_at"], name="file_newest"),
            models.Index(fields=["name"], opclasses=["varchar_pattern_ops"], name="file_name"),
            models.Index(fields=["interchange_number"], opclasses=["varchar_pattern_ops"], name="file_interchange"),
            models.Index(
                fields=["partner", "group_number"], condition=~models.Q(group_number=""), name="file_by_group_number"
            ),
            models.Index(
                fields=["ack_due_at"], condition=models.Q(ack_outcome=AckOutcome.AWAITED), name="file_ack_due"
            ),
            models.Index(
                fields=["ack_due_at"], condition=models.Q(ack_outcome=AckOutcome.OVERDUE), name="file_ack_overdue"
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"file {self.pk}"


class FileGroup(models.Model):
    """One document over several exports (an 820 for a batch payment) inside a file."""

    file = models.ForeignKey(File, models.CASCADE, related_name="groups")
    number = models.PositiveIntegerField()
    head = models.BinaryField(default=b"")
    tail = models.BinaryField(default=b"")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="file_group_number")]

    def __str__(self) -> str:
        return f"group {self.number} of {self.file}"


class AttemptResult(models.TextChoices):
    """How an attempt ended. It is written as `started` before the work begins."""

    STARTED = "started"
    DELIVERED = "delivered"
    FAILED = "failed"
    LOST = "lost"


class Attempt(models.Model):
    """One try to put one file on its server."""

    file = models.ForeignKey(File, models.CASCADE, related_name="attempt_rows")
    number = models.PositiveIntegerField()
    fence = models.PositiveBigIntegerField()
    temp_name = models.CharField(max_length=255, blank=True)
    temp_folder = models.CharField(max_length=500, blank=True)
    result = models.CharField(max_length=10, choices=AttemptResult.choices, default=AttemptResult.STARTED)
    started_at = models.DateTimeField(db_default=models.functions.Now())
    finished_at = models.DateTimeField(null=True, blank=True)
    host_key = models.CharField(max_length=60, blank=True)
    size = models.PositiveBigIntegerField(null=True, blank=True)
    problem_code = models.CharField(max_length=40, blank=True)
    sentence = models.TextField(blank=True)
    has_begun = models.BooleanField(default=False, help_text="It began to write under the final name.")
    is_swept = models.BooleanField(default=False, help_text="Its temporary file is known to be gone.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="attempt_number")]
        indexes = [
            models.Index(
                fields=["started_at"],
                condition=models.Q(is_swept=False, result__in=[AttemptResult.FAILED, AttemptResult.LOST]),
                name="attempt_unswept",
            )
        ]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.file}"
