"""The product as a Django app: it registers the console and the start-up checks."""

from django.apps import AppConfig

from connector import logs


class ConnectorConfig(AppConfig):
    """`connector`: everything that is triggered from outside."""

    name = "connector"

    def ready(self) -> None:
        """Let log lines of structlog take the way of all others."""
        logs.configure_structlog()
