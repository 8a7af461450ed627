"""The page that tries an integration without sending: its next files, and the records that get into none."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse

from connector.console.configuring.change import said
from connector.console.detail import DetailPage
from connector.console.files import preview
from connector.dry_run import dry_run
from core.clock import database_now
from core.errors import ConnectorError


class OnceForm(forms.Form):
    """Nothing to fill in; sent twice it is noted once."""

    request_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class DryRunPages(DetailPage):
    """The view of a dry run, for the page family of integrations."""

    def dry_run(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Say what a dry run does, and do it; nothing of it stays but the note that it was made."""
        integration = self.require(request, object_id)
        if not self.has_operate_permission(request, integration):
            raise PermissionDenied
        form = OnceForm(request.POST or None)
        outcome: dict[str, Any] = {}
        if request.method == "POST" and form.is_valid():
            try:
                outcome["found"] = dry_run(
                    integration,
                    show=preview,
                    requested_by=request.user,
                    request_id=form.cleaned_data["request_id"],
                    now=database_now(),
                )
            except ConnectorError as error:
                outcome["refused"] = said(error)
        context = {**self.page_context(request, integration), "form": OnceForm(), **outcome}
        return TemplateResponse(request, "console/dry_run.html", context)
