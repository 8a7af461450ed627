"""The second factor of a sign-in: an authenticator's sealed key, and recovery codes as hashes only."""

import uuid
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django_otp.models import Device, ThrottlingMixin

from core.models.audit import INSTALLATION
from core.vault import SealedField, SecretHolder, place


class Authenticator(SecretHolder, ThrottlingMixin, Device):
    """A person's authenticator app. Its key is sealed, so a database dump signs nobody in.

    Belongs to no tenant; `seal_id` binds the key to its row, since the row's number is known only after the insert.
    """

    seal_id = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    key = SealedField()
    last_step = models.BigIntegerField(default=-1, help_text="The last time step whose code was used.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(confirmed=True), name="one_authenticator_per_person"
            )
        ]

    def __str__(self) -> str:
        return f"authenticator of {self.user}"

    @property
    def tenant_id(self) -> UUID:
        """The chain in which events about it stand."""
        return INSTALLATION

    def secret_place(self, field: str) -> bytes:
        """Encode what the key is bound to."""
        return place([self._meta.label_lower, field, str(self.tenant_id), str(self.seal_id)])

    def get_throttle_factor(self) -> int:
        """Wait 1, 2, 4, … seconds after wrong codes."""
        return 1


class RecoveryCode(models.Model):
    """One code that signs in once without the authenticator. Only its hash is stored."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes")
    hash = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return f"recovery code of {self.user}"
