"""Decisions in dialogs: people say why, the functions of the pipeline decide, and the page says what happened."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from connector import tasks
from connector.console.configuring.change import said
from connector.console.dialogs import RequestForm, leave_dialog, say
from core.clock import database_now
from core.errors import ConnectorError
from core.models import File, Run

NOTHING_LEFT = "Nothing was left to do: somebody or the pipeline was quicker."


class ReasonForm(RequestForm):
    """A decision that needs a reason, for whoever reads the trail later."""

    reason = forms.CharField(max_length=500, label="Why", widget=forms.Textarea({"rows": 2}))


class CommentForm(RequestForm):
    """A decision that may carry a few words."""

    comment = forms.CharField(max_length=2000, required=False, widget=forms.Textarea({"rows": 3}))


def decided(
    request: HttpRequest, decide: Callable[..., Any], rows: Any, *, done: str, back: str, **details: Any
) -> HttpResponse:
    """Let a function of the pipeline decide about rows, ring for what goes on, and lead back to a page.

    What stands in the way is said inside the dialog."""
    try:
        result = decide(rows, actor=request.user, now=database_now(), **details)
    except ConnectorError as error:
        return say(" ".join(said(error)))
    ring_for(result)
    messages.success(request, done if result else NOTHING_LEFT)
    return leave_dialog(back)


def ring_for(result: Any) -> None:
    """Ring for the runs and the files that a decision let go on."""
    rows = result if isinstance(result, list) else []
    for run in (row for row in rows if isinstance(row, Run)):
        tasks.ring(tasks.advance, run_id=run.pk)
    for server_id in {row.server_id for row in rows if isinstance(row, File)}:
        tasks.ring(tasks.deliver, server_id=server_id)


def dialog(title: str, description: str, form: type[forms.Form], press: str) -> dict[str, Any]:
    """Describe a dialog: what is asked, with which form, and what its button says."""
    return {"title": title, "description": description, "form_class": form, "form_submit_text": press}
