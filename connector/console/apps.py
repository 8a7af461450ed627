"""Django's admin with the console's site in it."""

from importlib import import_module

from django.contrib.admin.apps import SimpleAdminConfig


class ConsoleConfig(SimpleAdminConfig):
    """Pages are registered by `connector.apps`, none by discovery."""

    default_site = "connector.console.site.ConsoleSite"

    def ready(self) -> None:
        """Listen to sign-ins before the first one can happen."""
        super().ready()
        import_module("connector.console.signin.events")
