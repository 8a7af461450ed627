"""`manage.py purge [TENANT]`: purge what is past its retention."""

from collections import Counter
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from connector.management.connector_command import ConnectorCommand, Exit
from connector.natural_keys import find_tenant
from core import retention
from core.clock import database_now
from core.models import Tenant

ACTOR = "manage.py purge"


class Command(ConnectorCommand):
    """Purge by each tenant's own limits. Meant to be run daily; it can be stopped and started again."""

    help = "Purge payloads, attempts and lines of the audit trail that are past their tenant's retention."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", metavar="TENANT", nargs="?", help="only this tenant")
        parser.add_argument("--dry-run", action="store_true", help="only count")

    def work(self, **options: Any) -> Exit:
        slug, now = options["tenant"], database_now()
        for tenant in [find_tenant(slug)] if slug else Tenant.objects.order_by("slug"):
            if options["dry_run"]:
                self._tell(tenant.slug, retention.due(tenant, now=now), "would be purged")
            else:
                self._tell(tenant.slug, retention.purge(tenant, actor=ACTOR, now=now), "purged")
        if not slug and not options["dry_run"]:
            done = retention.purge_installation(
                webhook_days=settings.RETENTION_WEBHOOK_DAYS,
                event_months=settings.RETENTION_EVENT_MONTHS,
                actor=ACTOR,
                now=now,
            )
            self._tell("installation", done, "purged")
        return Exit.OK

    def _tell(self, name: str, counts: Counter[str], verb: str) -> None:
        found = {what: count for what, count in counts.items() if count}
        self.give({"tenant": name, "state": verb, "counts": found})
        words = ", ".join(f"{count} {what}" for what, count in found.items()) or "nothing"
        self.say(f"{name}: {words} {verb}.")
