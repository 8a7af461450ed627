"""Django's admin with the console's site in it."""

from django.contrib.admin.apps import SimpleAdminConfig


class ConsoleConfig(SimpleAdminConfig):
    """Pages are registered by `connector.apps`, none by discovery."""

    default_site = "connector.console.site.ConsoleSite"
