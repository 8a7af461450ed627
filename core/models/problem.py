"""Problems: what a person must look at."""

from django.conf import settings
from django.db import models

from core.models.export import Export
from core.models.file import File
from core.models.integration import Integration
from core.models.partner import Partner
from core.models.run import Run
from core.models.server import Server
from core.models.tenant import Tenant
from core.models.xero import Organisation


class ProblemState(models.TextChoices):
    """Whether someone still has to look."""

    OPEN = "open"
    RESOLVED = "resolved"
    IGNORED = "ignored"


class Told(models.TextChoices):
    """How far the alert rules were told of a problem: the row itself is what they have to be told."""

    NEW = "new"
    OPENED = "opened"
    ENDED = "ended"


class Problem(models.Model):
    """A stable code, a sentence, a next step, and what it is about. The same thing twice is one problem.

    `subject` names what it is about in a stable way (`server:erp`, `export:42`), so that the same trouble
    counts up instead of piling up, and ends when the subject works again.
    """

    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="problems")
    code = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    sentence = models.TextField()
    next_step = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=ProblemState.choices, default=ProblemState.OPEN)
    first_seen_at = models.DateTimeField(db_default=models.functions.Now())
    last_seen_at = models.DateTimeField(db_default=models.functions.Now())
    times = models.PositiveIntegerField(default=1)
    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, blank=True)
    integration = models.ForeignKey(Integration, models.CASCADE, null=True, blank=True)
    partner = models.ForeignKey(Partner, models.CASCADE, null=True, blank=True)
    server = models.ForeignKey(Server, models.CASCADE, null=True, blank=True)
    run = models.ForeignKey(Run, models.CASCADE, null=True, blank=True)
    export = models.ForeignKey(Export, models.CASCADE, null=True, blank=True, related_name="problems")
    file = models.ForeignKey(File, models.CASCADE, null=True, blank=True, related_name="problems")
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    comment = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    told = models.CharField(max_length=6, choices=Told.choices, default=Told.NEW, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "code", "subject"],
                condition=models.Q(state="open"),
                name="one_open_problem",
            )
        ]
        indexes = [
            models.Index(fields=["tenant", "-last_seen_at"], condition=models.Q(state="open"), name="problem_open"),
            models.Index(fields=["id"], condition=models.Q(told="new"), name="problem_untold"),
            models.Index(
                fields=["id"],
                condition=models.Q(told="opened", state__in=["resolved", "ignored"]),
                name="problem_end_untold",
            ),
        ]

    def __str__(self) -> str:
        return self.code
