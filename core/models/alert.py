"""Alerts: who is told of problems, and the messages on their way to them."""

import uuid

from django.db import models

from core.models.fields import Leased, Stamped
from core.models.problem import Problem
from core.models.tenant import Tenant
from core.states import AlertState
from core.vault import SealedField, SecretHolder


class AlertChannel(models.TextChoices):
    """Which way a rule's messages go."""

    EMAIL = "email", "E-mail"
    SLACK = "slack", "Slack (incoming webhook)"
    TEAMS = "teams", "Microsoft Teams (workflow webhook)"
    WEBHOOK = "webhook", "Signed webhook"


class AlertRule(SecretHolder, Stamped):
    """Which problems of a tenant are told to whom. A webhook's address is a credential, so it is sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="alert_rules")
    name = models.CharField(max_length=100)
    channel = models.CharField(max_length=10, choices=AlertChannel.choices)
    recipients = models.JSONField(default=list, blank=True, help_text="Mail addresses.")
    url = SealedField()
    secret = SealedField()
    host = models.CharField(max_length=255, blank=True, help_text="Of the webhook, to be shown.")
    codes = models.JSONField(default=list, blank=True, help_text="Problem codes, SFTP_* for a family; empty: all.")
    integrations = models.JSONField(default=list, blank=True, help_text="Names; empty: all.")
    every_minutes = models.PositiveIntegerField(default=15, help_text="At most one message in so many minutes.")
    tells_recovered = models.BooleanField(default=True)
    is_enabled = models.BooleanField(default=True)
    next_message_at = models.DateTimeField(null=True, blank=True, help_text="No further message before.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="alert_rule_name")]

    def __str__(self) -> str:
        return self.name


class AlertMessage(Leased, Stamped):
    """One message of a rule: what it tells was settled when it was made, so that every try says the same."""

    tenant = models.ForeignKey(Tenant, models.PROTECT)
    rule = models.ForeignKey(AlertRule, models.CASCADE, related_name="messages")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, help_text="Same at every try.")
    content = models.JSONField(default=dict, help_text="What has begun and what is over, in groups.")
    state = models.CharField(max_length=10, choices=AlertState.choices, default=AlertState.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(db_default=models.functions.Now())
    sent_at = models.DateTimeField(null=True, blank=True)
    problem_code = models.CharField(max_length=40, blank=True)
    sentence = models.TextField(blank=True, help_text="Why the last try failed.")

    class Meta:
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=models.Q(state="pending"), name="alert_message_due"),
            models.Index(fields=["rule", "-id"], name="alert_message_newest"),
        ]

    def __str__(self) -> str:
        return f"Message {self.pk} of {self.rule}"


class AlertKind(models.TextChoices):
    """What of a problem is told."""

    OPENED = "opened"
    ENDED = "ended"


class AlertItem(Stamped):
    """One thing that one rule has to tell: once, in one message. Without a message it waits for the next one."""

    tenant = models.ForeignKey(Tenant, models.PROTECT)
    rule = models.ForeignKey(AlertRule, models.CASCADE, related_name="items")
    problem = models.ForeignKey(Problem, models.CASCADE, related_name="alert_items")
    kind = models.CharField(max_length=6, choices=AlertKind.choices)
    message = models.ForeignKey(AlertMessage, models.CASCADE, null=True, blank=True, related_name="items")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["problem", "rule", "kind"], name="told_once")]
        indexes = [
            models.Index(fields=["rule"], condition=models.Q(message__isnull=True), name="alert_item_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.problem_id} {self.kind}"
