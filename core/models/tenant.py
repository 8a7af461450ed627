"""Tenants, and who may see them."""

import uuid

from django.conf import settings
from django.db import models

from core.models.fields import Stamped


class Tenant(Stamped):
    """A customer of ml-connector; everything belongs to one tenant."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=64, default="UTC", help_text="An IANA name, Europe/Paris.")

    options = models.JSONField(default=dict, blank=True, help_text="Retention, two-person approval, alerts.")

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a person may do in a tenant; each role includes the ones before it."""

    VIEWER = "viewer", "Viewer: sees everything"
    OPERATOR = "operator", "Operator: runs, replays, exports"
    INTEGRATOR = "integrator", "Integrator: changes the configuration"
    OWNER = "owner", "Owner: people, keys, deletion"


class TenantAccess(models.Model):
    """One person's role in one tenant."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tenant_access")
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="access")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.VIEWER)

    class Meta:
        verbose_name_plural = "tenant access"
        constraints = [models.UniqueConstraint(fields=["user", "tenant"], name="one_role_per_tenant")]

    def __str__(self) -> str:
        return f"{self.user} in {self.tenant}: {self.role}"
