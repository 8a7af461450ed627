"""The product as a Django app: it registers the console and the start-up checks."""

from django.apps import AppConfig

from connector import logs


class ConnectorConfig(AppConfig):
    """`connector`: everything that is triggered from outside."""

    name = "connector"

    def ready(self) -> None:
        """Register the start-up checks, and let log lines of structlog take the way of all others."""
        import connector.checks  # noqa: F401

        logs.configure_structlog()
