"""Records: numbered versions of Xero objects as they were read."""

from django.db import models

from core.models.tenant import Tenant
from core.models.xero import Fetch, Organisation


class Record(models.Model):
    """One numbered version of one Xero object.

    `payload` is the object's JSON exactly as Xero wrote it (NULL once purged), `sha256` its hash. The other
    columns are for search and counts; amounts are decimals beside the bytes, never inside a JSON column.
    Versions are numbered by (UpdatedDateUTC, time read). `is_latest` marks the mirror's current version.
    """

    tenant = models.ForeignKey(Tenant, models.PROTECT)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="records")
    stream = models.CharField(max_length=20)
    xero_id = models.CharField(max_length=36)
    version = models.PositiveIntegerField()
    is_latest = models.BooleanField(default=True)
    updated_at = models.DateTimeField(help_text="Xero's UpdatedDateUTC.")
    read_at = models.DateTimeField(db_default=models.functions.Now())
    fetch = models.ForeignKey(Fetch, models.PROTECT, null=True, blank=True, related_name="records")
    sha256 = models.CharField(max_length=64)
    payload = models.BinaryField(null=True)
    number = models.CharField(max_length=255, blank=True)
    kind = models.CharField(max_length=30, blank=True, help_text="Xero's Type or PaymentType.")
    status = models.CharField(max_length=20, blank=True)
    contact_id = models.CharField(max_length=36, blank=True)
    dated_on = models.DateField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    total = models.DecimalField(max_digits=24, decimal_places=4, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "stream", "xero_id", "version"], name="record_version_once"
            ),
            models.UniqueConstraint(
                fields=["organisation", "stream", "xero_id"],
                condition=models.Q(is_latest=True),
                name="one_latest_version",
            ),
        ]
        indexes = [
            models.Index(fields=["-read_at"], name="record_newest"),
            models.Index(fields=["number"], name="record_number"),
            models.Index(fields=["xero_id"], name="record_xero_id"),
            models.Index(
                fields=["organisation", "stream", "dated_on"],
                condition=models.Q(is_latest=True),
                name="record_by_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number or self.xero_id} v{self.version}"
