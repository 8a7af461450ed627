"""Signs of life."""

from django.db import models


class Heartbeat(models.Model):
    """When a part of the pipeline last did something: beat's tick reached a worker through the broker."""

    name = models.CharField(max_length=40, primary_key=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.seen_at}"
