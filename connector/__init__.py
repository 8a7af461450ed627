"""ml-connector: everything that is triggered from outside, and the page that ties the steps together."""

from connector.celery import app as celery_app

__all__ = ["celery_app"]
