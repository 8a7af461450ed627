"""Review: a person's word where a partner's answer is missing or wrong. Part of the page family of files."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from connector.console.deciding import NOTHING_LEFT, dialog
from connector.console.dialogs import RequestForm, leave_dialog
from connector.console.evidence import EvidenceAdmin
from connector.console.theme import action
from core import awaiting
from core.actors import actor_name
from core.clock import database_now
from core.states import AckOutcome

REVIEWED = (AckOutcome.AWAITED, AckOutcome.OVERDUE, AckOutcome.REJECTED, AckOutcome.PARTIALLY_ACCEPTED)
OUTCOMES = ((AckOutcome.ACCEPTED, "The partner has accepted it"), (AckOutcome.REJECTED, "The partner has rejected it"))


class ReviewForm(RequestForm):
    """What the partner said by other means, and who said so."""

    outcome = forms.ChoiceField(choices=OUTCOMES, widget=forms.RadioSelect, label="What is true")
    comment = forms.CharField(max_length=500, label="How you know", widget=forms.Textarea({"rows": 2}))


class ReviewPages(EvidenceAdmin):
    """Adds the review to the page of a file."""

    def has_review_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Let operators review files whose answer is missing or not a plain yes."""
        row = self.named_row(request, obj)
        return bool(row and row.ack_outcome in REVIEWED) and self.has_operate_permission(request, row)

    @action(
        description="Review the answer",
        url_path="review",
        icon="rate_review",
        permissions=["review"],
        dialog=dialog(
            "What did the partner say?", "It counts for the file and every record in it.", ReviewForm, "Note it"
        ),
    )
    def review(self, request: HttpRequest, form: ReviewForm, object_id: str) -> HttpResponse:
        """Take a person's word for the partner's answer."""
        file = self.require(request, object_id)
        chosen = {name: form.cleaned_data[name] for name in ("outcome", "comment")}
        actor = actor_name(request.user)
        is_noted = awaiting.review(file, **chosen, actor=actor, now=database_now())
        messages.success(request, "The answer is noted." if is_noted else NOTHING_LEFT)
        return leave_dialog(reverse("admin:core_file_change", args=[file.pk]))
