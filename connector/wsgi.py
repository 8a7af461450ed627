"""WSGI entry point: `gunicorn connector.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

from connector.door import WebhookDoor

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "connector.settings")

application = WebhookDoor(get_wsgi_application())
