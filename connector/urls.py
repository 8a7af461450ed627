"""Addresses."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

import connector.console.pages  # noqa: F401 (registers the console's pages, in web processes only)
from connector import views

urlpatterns = [
    path("", RedirectView.as_view(url="/admin/")),
    path("admin/", admin.site.urls),
    path("webhooks/xero", views.xero_webhook, name="xero-webhook"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("healthz/pipeline", views.pipeline_health, name="pipeline-health"),
    path("metrics", views.metrics, name="metrics"),
]
