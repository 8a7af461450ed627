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


class LookupVersion(models.Model):
    """What a lookup table said from one change to the next. Immutable; it outlives its table, because files were made
    with it."""

    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="lookup_versions")
    name = models.CharField(max_length=100)
    number = models.PositiveIntegerField()
    rows = models.JSONField(help_text="Key to value, both text.")
    row_count = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    note = models.CharField(max_length=500, blank=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    saved_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        ordering = ["tenant", "name", "-number"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name", "number"], name="lookup_version_number")]

    def __str__(self) -> str:
        return f"{self.name}@{self.number}"


class LookupTable(models.Model):
    """A table that mappings look values up in; its rows are those of its newest version."""

    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="lookup_tables")
    name = models.CharField(max_length=100)
    newest = models.ForeignKey(LookupVersion, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="lookup_table_name")]

    def __str__(self) -> str:
        return self.name
