"""SFTP servers and the host keys that were approved for them."""

import uuid

from django.conf import settings
from django.db import models

from core.models.fields import Leased, Stamped
from core.models.tenant import Tenant
from core.vault import SealedField, SecretHolder


class Publish(models.TextChoices):
    """How a file gets its final name."""

    RENAME = "rename", "Temporary name in the same folder, then rename"
    STAGING = "staging", "Temporary name in a staging folder, then rename"
    DIRECT = "direct", "Directly under the final name (the server cannot rename)"


class Server(SecretHolder, Leased, Stamped):
    """An SFTP server: address, credentials, approved host keys, what it can do. Delivery leases the server."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="servers")
    name = models.CharField(max_length=100)
    host = models.CharField(max_length=255)
    port = models.PositiveIntegerField(default=22)
    username = models.CharField(max_length=100)
    password = SealedField()
    private_key = SealedField()
    passphrase = SealedField()
    public_key = models.TextField(blank=True, help_text="The public half, for the partner.")
    publish = models.CharField(max_length=10, choices=Publish.choices, default=Publish.RENAME)
    staging_folder = models.CharField(max_length=500, blank=True)
    options = models.JSONField(default=dict, blank=True, help_text="Trigger file, checksum file, read-back, profile.")
    capabilities = models.JSONField(default=dict, blank=True, help_text="What the last test found.")
    tested_at = models.DateTimeField(null=True, blank=True)
    last_ok_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="Sessions that failed in a row.")
    auth_failures = models.PositiveIntegerField(default=0, help_text="Refused sign-ins in a row.")
    next_attempt_at = models.DateTimeField(null=True, blank=True, help_text="No session before this time.")
    hold_code = models.CharField(max_length=40, blank=True, help_text="Why its files are on hold.")
    next_sweep_at = models.DateTimeField(null=True, blank=True, help_text="When left temporary files go next.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="server_name")]

    def __str__(self) -> str:
        return self.name


class HostKeyState(models.TextChoices):
    """Whether a person has vouched for a host key."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class HostKey(Stamped):
    """A host key seen at or announced for a server. Only approved ones open a session."""

    server = models.ForeignKey(Server, models.CASCADE, related_name="host_keys")
    key_type = models.CharField(max_length=50, blank=True)
    key = models.TextField(blank=True, help_text="Base64 as in known_hosts; empty when only its print is known.")
    fingerprint = models.CharField(max_length=60, help_text="SHA256:…")
    state = models.CharField(max_length=10, choices=HostKeyState.choices, default=HostKeyState.PENDING)
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["server", "fingerprint"], name="host_key_once")]

    def __str__(self) -> str:
        return f"{self.key_type} {self.fingerprint}".strip()
