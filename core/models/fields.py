"""What several tables share: the lease of a work unit and time stamps by the database's clock."""

from django.db import models
from django.db.models.functions import Now


class Leased(models.Model):
    """A work unit that one worker holds at a time.

    Claiming counts an attempt and raises the fence; every later write names the fence, so a worker that lost
    its lease changes nothing. `core/leases.py` is the only writer of these columns.
    """

    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    fence = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta:
        abstract = True


class Stamped(models.Model):
    """A row that knows when it was made, by the database's clock."""

    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True
