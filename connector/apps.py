"""The product as a Django app: it registers the console and the start-up checks."""

from django.apps import AppConfig


class ConnectorConfig(AppConfig):
    """`connector`: everything that is triggered from outside."""

    name = "connector"
