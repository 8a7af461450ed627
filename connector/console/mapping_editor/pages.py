"""The editor's pages: rows with a live preview, the whole as text, the comparison, publishing."""

from typing import Any

import yaml
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from connector.console.configuring.change import said
from connector.console.detail import DetailPage
from connector.console.mapping_editor import drafts, samples, trial
from connector.console.mapping_editor.forms import FrameForm, Rows, shown_options, shown_rows
from connector.console.mapping_editor.paths import TRANSFORMS, xero_paths
from connector.console.mapping_editor.rows import definition_of, rows_of
from connector.console.mapping_editor.text import as_text, compare
from connector.publishing import definition_hash, latest_version, publish_draft
from core.clock import database_now
from core.errors import ConnectorError
from core.models import Mapping

PREFIX = "rows"


class WholeForm(forms.Form):
    """A definition as text."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)
    text = forms.CharField(
        max_length=200_000,
        widget=forms.Textarea({"rows": 30, "class": "mlc-mono", "spellcheck": "false"}),
        label="Definition",
    )

    def clean_text(self) -> dict[str, Any]:
        """Read the text; it is names with values."""
        try:
            found = yaml.safe_load(self.cleaned_data["text"])
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            raise forms.ValidationError(f"This is not YAML. {error}"[:300]) from error
        if not isinstance(found, dict):
            raise forms.ValidationError("Write names with values, as in base: csv-invoices.")
        return found


class PublishForm(forms.Form):
    """Why a version is published; it is shown beside the version for good."""

    note = forms.CharField(max_length=500, label="What changed", help_text="Shown beside the version.")


class EditorPages(DetailPage):
    """The views of the editor, for the page family of mappings."""

    pages = ("editor", "live_preview", "tried", "whole", "publish")

    def _for_change(self, request: HttpRequest, object_id: str) -> Mapping:
        mapping: Mapping = self.require(request, object_id)
        if not self.has_change_permission(request, mapping):
            raise PermissionDenied
        return mapping

    def editor(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Show the draft as rows, and save it."""
        mapping = self._for_change(request, object_id)
        frame, rows = _bound(request, mapping)
        if request.method == "POST" and frame.is_valid() and rows.is_valid():
            saved = self._save(request, mapping, _definition(mapping, frame, rows), frame)
            if saved is not None:
                return saved
        context = {
            **self.page_context(request, mapping),
            **editor_context(mapping),
            "frame": frame,
            "rows": rows,
        }
        return TemplateResponse(request, "console/mapping_editor.html", context)

    def _save(
        self, request: HttpRequest, mapping: Mapping, definition: dict[str, Any], form: forms.Form
    ) -> HttpResponse | None:
        actor, seen = request.user.get_username(), form.cleaned_data["seen"]
        try:
            drafts.save_draft(mapping, definition, seen=seen, actor=actor, now=database_now())
        except ConnectorError as error:
            form.add_error(None, f"{error.sentence} {error.next_step}")
            return None
        messages.success(request, "The draft is saved. Nothing is sent with it before it is published.")
        target = "publish" if "publish" in request.POST else "editor"
        return HttpResponseRedirect(reverse(f"admin:core_mapping_{target}", args=[mapping.pk]))

    def live_preview(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Show what one record becomes under the rows as they are now; nothing is saved."""
        mapping = self._for_change(request, object_id)
        frame, rows = _bound(request, mapping)
        if request.method != "POST" or not (frame.is_valid() and rows.is_valid()):
            return TemplateResponse(request, "console/parts/preview.html", {"frame": frame, "rows": rows})
        definition = _definition(mapping, frame, rows)
        shown = trial.show(mapping, definition, number=frame.cleaned_data["sample"].strip(), now=database_now())
        return TemplateResponse(request, "console/parts/preview.html", {"shown": shown})

    def tried(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Try the rows as they are now on the newest records; nothing is saved."""
        mapping = self._for_change(request, object_id)
        frame, rows = _bound(request, mapping)
        if request.method != "POST" or not (frame.is_valid() and rows.is_valid()):
            return TemplateResponse(request, "console/parts/preview.html", {"frame": frame, "rows": rows})
        outcome = trial.try_many(mapping, _definition(mapping, frame, rows), now=database_now())
        return TemplateResponse(request, "console/parts/tried.html", {"outcome": outcome})

    def whole(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Show the draft as text, and save it."""
        mapping = self._for_change(request, object_id)
        initial = {"seen": definition_hash(mapping.draft), "text": as_text(mapping.draft)}
        form = WholeForm(request.POST or None, initial=initial)
        if request.method == "POST" and form.is_valid():
            saved = self._save(request, mapping, form.cleaned_data["text"], form)
            if saved is not None:
                return saved
        context = {**self.page_context(request, mapping), "form": form}
        return TemplateResponse(request, "console/mapping_text.html", context)

    def publish(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Show what publishing changes, and publish."""
        mapping = self._for_change(request, object_id)
        newest = latest_version(mapping)
        form = PublishForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                publish_draft(mapping, actor=request.user, note=form.cleaned_data["note"], now=database_now())
            except ConnectorError as error:
                for line in said(error):
                    form.add_error(None, line)
            else:
                messages.success(request, f"{mapping} is published.")
                return HttpResponseRedirect(reverse("admin:core_mapping_change", args=[mapping.pk]))
        context = {
            **self.page_context(request, mapping),
            "form": form,
            "newest": newest,
            "difference": compare(newest.definition if newest else {}, mapping.draft),
            "integrations": samples.integrations_of(mapping),
            "compared": trial.compared(mapping, newest.definition, now=database_now()) if newest else [],
        }
        return TemplateResponse(request, "console/mapping_publish.html", context)


def editor_context(mapping: Mapping) -> dict[str, Any]:
    """Give what helps while editing: field names, steps, and whether the draft differs from what is published."""
    newest = latest_version(mapping)
    streams = samples.streams_of(samples.integrations_of(mapping))
    return {
        "paths": xero_paths(streams),
        "transforms": TRANSFORMS,
        "newest": newest,
        "is_unpublished": newest is None or newest.definition != mapping.draft,
        "is_fixed": any(row.width for row in rows_of(mapping.draft)),
        "has_base": bool(mapping.draft.get("base")),
    }


def _bound(request: HttpRequest, mapping: Mapping) -> tuple[FrameForm, Any]:
    if request.method == "POST":
        return FrameForm(request.POST), Rows(request.POST, prefix=PREFIX)
    initial = {"seen": definition_hash(mapping.draft), "options": shown_options(mapping.draft)}
    return FrameForm(initial=initial), Rows(initial=shown_rows(rows_of(mapping.draft)), prefix=PREFIX)


def _definition(mapping: Mapping, frame: FrameForm, rows: Any) -> dict[str, Any]:
    options = frame.cleaned_data["options"]
    before = {key: value for key, value in mapping.draft.items() if key != "options"}
    return definition_of({**before, **({"options": options} if options else {})}, rows.rows())
