"""Testing a connection in a dialog: each step with its outcome, its time, and what to do when it fails."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from connector.connection_check import Step
from connector.console.theme import DialogForm
from connector.console.words import Look

OUTCOMES = {
    "ok": Look("Ok", "good", "check_circle"),
    "warning": Look("Warning", "warn", "warning"),
    "failed": Look("Failed", "bad", "cancel"),
}


class TestForm(DialogForm):
    """Nothing to fill in: sending it is the wish to connect."""


def shown_steps(request: HttpRequest, steps: Iterable[Step]) -> HttpResponse:
    """Try the steps one after the other and show them in place of the dialog's form."""
    tried = [(step, OUTCOMES.get(str(step.outcome)), round(step.seconds * 1000)) for step in steps]
    is_good = not any(step.is_failed for step, _, _ in tried)
    return render(request, "console/parts/steps.html", {"tried": tried, "is_good": is_good})
