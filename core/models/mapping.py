"""Mappings: drafts are edited, published versions never change."""

import uuid

from django.conf import settings
from django.db import models

from core.models.fields import Stamped
from core.models.tenant import Tenant


class Mapping(Stamped):
    """Which output field comes from which Xero field; `draft` is the definition being edited."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="mappings")
    name = models.CharField(max_length=100)
    draft = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="mapping_name")]

    def __str__(self) -> str:
        return self.name


class MappingVersion(models.Model):
    """A published definition. Immutable."""

    mapping = models.ForeignKey(Mapping, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    sha256 = models.CharField(max_length=64)
    note = models.CharField(max_length=500, blank=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    published_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ["mapping", "-number"]
        constraints = [models.UniqueConstraint(fields=["mapping", "number"], name="mapping_version_number")]

    def __str__(self) -> str:
        return f"{self.mapping}@{self.number}"


class LookupTable(models.Model):
    """A table that mappings look values up in."""

    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="lookup_tables")
    name = models.CharField(max_length=100)
    rows = models.JSONField(default=dict, help_text="Key to value, both text.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="lookup_table_name")]

    def __str__(self) -> str:
        return self.name
