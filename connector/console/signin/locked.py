"""The page of somebody who gave too many wrong passwords."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def locked_out(request: HttpRequest, response: Any = None, credentials: Any = None) -> HttpResponse:
    """Say that signing in is locked for a while; django-axes calls it."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    context = {**admin.site.each_context(request), "title": "Too many tries", "minutes": minutes}
    return render(request, "console/signin/locked.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)
