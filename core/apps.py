"""`core` as a Django app: after every migration the database's own guards are put in place."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from core import guards, row_security


class CoreConfig(AppConfig):
    """`core`: what everyone shares."""

    name = "core"

    def ready(self) -> None:
        """Install the guards behind each `migrate`."""
        post_migrate.connect(guards.install, sender=self, dispatch_uid="core.guards")
        post_migrate.connect(row_security.install, sender=self, dispatch_uid="core.row_security")
