"""What a replay run was asked to send again."""

from django.db import models

from core.models.export import Export
from core.models.run import Run


class ReplayItem(models.Model):
    """An export that a replay run sends again and whose child is not made yet; it goes when the child is there."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="replay_items")
    export = models.ForeignKey(Export, models.CASCADE, related_name="replay_items")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "export"], name="replay_item_once")]

    def __str__(self) -> str:
        return f"{self.export} in run {self.run_id}"
