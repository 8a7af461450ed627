"""Grants, the organisations they reach, what was read of each stream, and what Xero told us by webhook."""

import uuid

from django.db import models

from core.models.fields import Leased, Stamped
from core.models.tenant import Tenant
from core.states import FetchState
from core.vault import SealedField, SecretHolder


class GrantAuth(models.TextChoices):
    """How a grant gets its tokens."""

    CUSTOM_CONNECTION = "custom_connection"
    AUTHORIZATION_CODE = "authorization_code"
    REFRESH_TOKEN = "refresh_token"  # noqa: S105 (the name of a grant type, RFC 6749 section 6)


class GrantState(models.TextChoices):
    """Whether Xero accepts the grant."""

    NEW = "new"
    CONNECTED = "connected"
    NEEDS_RECONNECT = "needs_reconnect"
    DISCONNECTED = "disconnected"


class Grant(SecretHolder, Leased, Stamped):
    """One OAuth consent or custom connection with its tokens."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="grants")
    name = models.CharField(max_length=100)
    auth = models.CharField(max_length=20, choices=GrantAuth.choices)
    client_id = models.CharField(max_length=200, blank=True, help_text="Empty: the installation's own app.")
    client_secret = SealedField()
    webhook_keys = SealedField(help_text="Signing keys of this connection's own app, one a line.")
    state = models.CharField(max_length=20, choices=GrantState.choices, default=GrantState.NEW)
    access_token = SealedField()
    access_expires_at = models.DateTimeField(null=True, blank=True)
    refresh_token = SealedField()
    previous_refresh_token = SealedField(help_text="Accepted by Xero for 30 minutes after the rotation.")
    refreshed_at = models.DateTimeField(null=True, blank=True)
    scopes = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="grant_name")]

    def __str__(self) -> str:
        return self.name


class Organisation(Stamped):
    """One Xero organisation that a grant reaches."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="organisations")
    grant = models.ForeignKey(Grant, models.PROTECT, related_name="organisations")
    name = models.CharField(max_length=100, help_text="The connection's name in the configuration.")
    xero_tenant_id = models.CharField(max_length=36, blank=True, help_text="Xero's id of the organisation.")
    connection_id = models.CharField(max_length=36, blank=True)
    short_code = models.CharField(max_length=20, blank=True, help_text="Xero's own, for links into Xero.")
    legal_name = models.CharField(max_length=255, blank=True)
    base_currency = models.CharField(max_length=3, blank=True)
    country = models.CharField(max_length=2, blank=True)
    xero_time_zone = models.CharField(max_length=64, blank=True)
    poll = models.CharField(max_length=100, default="*/15 * * * *", help_text="Cron, in the tenant's zone.")
    next_poll_at = models.DateTimeField(null=True, blank=True, db_index=True)
    day_limit = models.PositiveIntegerField(null=True, blank=True, help_text="Xero calls a day; empty: the setting.")
    blocked_code = models.CharField(max_length=40, blank=True, help_text="Why none of its streams is read.")
    blocked_at = models.DateTimeField(null=True, blank=True, help_text="When that was last found.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="organisation_name"),
            models.UniqueConstraint(
                fields=["xero_tenant_id"],
                condition=~models.Q(xero_tenant_id=""),
                name="organisation_belongs_to_one_tenant",
            ),
        ]

    def __str__(self) -> str:
        return self.legal_name or self.name


class StreamCursor(models.Model):
    """How far one stream of one organisation was read. The cursor moves last and only forward.

    `generation` is raised first in every transaction that stores records of the stream: that serialises the
    writers on both databases.
    """

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="cursors")
    stream = models.CharField(max_length=20)
    read_until = models.DateTimeField(null=True, blank=True, help_text="Xero's time at the start of the last fetch.")
    read_at = models.DateTimeField(null=True, blank=True, help_text="When the last complete fetch ended.")
    swept_at = models.DateTimeField(null=True, blank=True, help_text="When the stream was last read whole.")
    generation = models.PositiveBigIntegerField(default=0)
    blocked_code = models.CharField(max_length=40, blank=True, help_text="Why this stream is not read.")
    blocked_at = models.DateTimeField(null=True, blank=True, help_text="When that was last found.")
    edited_at = models.DateTimeField(null=True, blank=True, help_text="When a person last set the cursor.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "stream"], name="one_cursor_per_stream")]

    def __str__(self) -> str:
        return f"{self.organisation} {self.stream}"


class FetchTrigger(models.TextChoices):
    """What made a fetch; the console says which one found a record."""

    POLL = "poll"
    RUN = "run"
    WEBHOOK = "webhook"
    BACKFILL = "backfill"
    SWEEP = "sweep"
    JOIN = "join"
    REPLAY = "replay"


class Fetch(Leased, Stamped):
    """One read of one stream of one organisation: window, page, trigger, counts.

    `xero_ids` limits it to these objects (a webhook, a missing join); then the cursor stays.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="fetches")
    stream = models.CharField(max_length=20)
    trigger = models.CharField(max_length=10, choices=FetchTrigger.choices)
    state = models.CharField(max_length=10, choices=FetchState.choices, default=FetchState.DUE)
    modified_since = models.DateTimeField(null=True, blank=True)
    dated_from = models.DateField(null=True, blank=True)
    dated_to = models.DateField(null=True, blank=True)
    xero_ids = models.JSONField(default=list, blank=True)
    moves_cursor = models.BooleanField(default=True)
    windows = models.JSONField(
        default=list, blank=True, help_text="Document dates still to be read, where Xero refuses the whole question."
    )
    page_size = models.PositiveIntegerField(default=1000, help_text="Smaller once Xero took too long.")
    page = models.PositiveIntegerField(default=0, help_text="The last page that was stored.")
    page_count = models.PositiveIntegerField(null=True, blank=True)
    item_count = models.PositiveIntegerField(null=True, blank=True)
    calls = models.PositiveIntegerField(default=0)
    read = models.PositiveIntegerField(default=0)
    stored = models.PositiveIntegerField(default=0, help_text="New versions among what was read.")
    stale = models.PositiveIntegerField(default=0, help_text="Overtaken by a newer version already stored.")
    bad = models.PositiveIntegerField(default=0, help_text="Could not be read; each has a problem.")
    older = models.PositiveIntegerField(default=0, help_text="Changed before the time that was asked for.")
    restarts = models.PositiveIntegerField(default=0, help_text="Readings from the first page on that did not end.")
    attempts = models.PositiveIntegerField(default=0)
    deaths = models.PositiveIntegerField(default=0, help_text="Workers in a row that ended here without a word.")
    next_attempt_at = models.DateTimeField(db_default=models.functions.Now())
    began_at = models.DateTimeField(null=True, blank=True, help_text="The database's time before the first call.")
    xero_time = models.DateTimeField(null=True, blank=True, help_text="Xero's time in the first answer.")
    finished_at = models.DateTimeField(null=True, blank=True)
    problem_code = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name_plural = "fetches"
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(state__in=[FetchState.DUE, FetchState.READING]),
                name="fetch_due",
            ),
            models.Index(fields=["organisation", "stream", "-id"], name="fetch_by_stream"),
        ]

    def __str__(self) -> str:
        return f"{self.stream} of {self.organisation} ({self.trigger})"


class FetchedPage(models.Model):
    """The ids of one stored page, hashed, while a fetch of several pages runs: so that the last page can tell
    whether every object came, also after a crash."""

    fetch = models.ForeignKey(Fetch, models.CASCADE, related_name="pages")
    seen = models.BinaryField(help_text="Eight bytes an id.")

    def __str__(self) -> str:
        return f"a page of {self.fetch}"


class CallCount(models.Model):
    """Calls made to Xero by one organisation on one UTC day; survives the loss of Redis."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="call_counts")
    day = models.DateField()
    calls = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "day"], name="one_count_per_day")]

    def __str__(self) -> str:
        return f"{self.organisation} {self.day}: {self.calls}"


class WebhookMessage(models.Model):
    """One body that Xero posted, stored before it was answered."""

    grant = models.ForeignKey(
        Grant, models.CASCADE, null=True, blank=True, help_text="Whose own app signed it; empty: the installation's."
    )
    sha256 = models.CharField(max_length=64, unique=True)
    body = models.BinaryField(null=True, help_text="Empty once it was purged.")
    received_at = models.DateTimeField(db_default=models.functions.Now())
    outcome = models.CharField(max_length=20, default="stored", help_text="stored, malformed, intent")
    first_sequence = models.BigIntegerField(null=True, blank=True)
    last_sequence = models.BigIntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return f"webhook {self.pk}"


class WebhookEvent(models.Model):
    """One change that Xero announced. It is a hint only: the object is read again."""

    message = models.ForeignKey(WebhookMessage, models.CASCADE, related_name="events")
    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, related_name="webhook_events")
    xero_tenant_id = models.CharField(max_length=36)
    category = models.CharField(max_length=20)
    kind = models.CharField(max_length=20)
    xero_id = models.CharField(max_length=36)
    occurred_at = models.CharField(max_length=40, help_text="As Xero wrote it.")
    fetch = models.ForeignKey(Fetch, models.SET_NULL, null=True, related_name="webhook_events")
    state = models.CharField(max_length=10, default="waiting", help_text="waiting, fetched, ignored")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["xero_tenant_id", "xero_id", "category", "kind", "occurred_at"],
                name="webhook_event_once",
            )
        ]
        indexes = [
            models.Index(fields=["organisation"], condition=models.Q(state="waiting"), name="webhook_event_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.category} {self.kind} {self.xero_id}"
