"""Addresses."""

from django.contrib import admin
from django.urls import path

import connector.console.pages  # noqa: F401 (registers the console's pages, in web processes only)

urlpatterns = [path("admin/", admin.site.urls)]
