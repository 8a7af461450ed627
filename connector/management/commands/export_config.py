"""`manage.py export_config [TENANT]`: write the configuration back as a file."""

from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from connector.config.export import as_yaml, export
from connector.management.connector_command import ConnectorCommand, Exit
from connector.natural_keys import find_tenant
from core.models import Tenant


class Command(ConnectorCommand):
    """Print the configuration as the file that would make it."""

    help = "Print the configuration as YAML; applying it again changes nothing. Secrets become names of variables."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", metavar="TENANT", nargs="?", help="only this tenant")

    @transaction.atomic
    def work(self, **options: Any) -> Exit:
        slug = options["tenant"]
        tenants = [find_tenant(slug)] if slug else list(Tenant.objects.order_by("slug"))
        configuration = export(tenants)
        self.give(configuration)
        self.say(as_yaml(configuration).rstrip())
        return Exit.OK
