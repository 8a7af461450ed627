"""Addresses."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

import connector.console.pages  # noqa: F401 (registers the console's pages, in web processes only)
from connector import views, views_xero

urlpatterns = [
    path("", RedirectView.as_view(url="/admin/")),
    path("admin/xero/<uuid:organisation_id>/", views_xero.connection, name="xero-connection"),
    path("admin/", admin.site.urls),
    path("xero/connect/<uuid:organisation_id>", views_xero.connect, name="xero-connect"),
    path("xero/choose/<uuid:organisation_id>", views_xero.choose, name="xero-choose"),
    path("xero/disconnect/<uuid:organisation_id>", views_xero.disconnect, name="xero-disconnect"),
    path("xero/callback", views_xero.callback, name="xero-callback"),
    path("webhooks/xero", views.xero_webhook, name="xero-webhook"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("healthz/pipeline", views.pipeline_health, name="pipeline-health"),
    path("metrics", views.metrics, name="metrics"),
]
