"""Dialogs: forms that change something. `GET` shows them, `POST` with the token acts, once a request id."""

import uuid
from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.html import format_html

from connector.console.theme import DialogForm


class RequestForm(DialogForm):
    """A dialog that can be sent twice and acts once: every showing carries an id of its own."""

    request_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["request_id"].initial = uuid.uuid4


def leave_dialog(address: str) -> HttpResponse:
    """Close a dialog by leading the whole page elsewhere; a redirect would be put inside the dialog."""
    response = HttpResponse()
    response["HX-Redirect"] = address
    return response


def say(text: str) -> HttpResponse:
    """Answer inside the dialog, in place of its form."""
    return HttpResponse(format_html('<div id="dialog-form" class="mlc-said" role="status">{}</div>', text))
