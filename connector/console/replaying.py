"""Replaying: one record or all that a list shows, with a plan first, a reason, and no double effect."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import content_disposition_header

from connector.console.access import access_of
from connector.console.configuring.change import said
from connector.console.deciding import ring_for
from connector.console.detail import DetailPage
from connector.downloads import FORMS, download_exports, file_name
from connector.replay import Plan, plan_replay, start_replay
from core.clock import database_now
from core.errors import ConnectorError
from core.models import Export, MappingVersion, ReplayMode, Role, Run

TYPED_FROM = 25
"""From how many exports on their number is typed before they are replayed."""
OWN_PARAMETERS = ("mode", "part", "version")


class ReplayForm(forms.Form):
    """How and why; sent twice it acts once."""

    mode = forms.ChoiceField(
        choices=ReplayMode.choices, initial=ReplayMode.MAP_AGAIN, widget=forms.RadioSelect, label="What is sent"
    )
    version = forms.ModelChoiceField(
        MappingVersion.objects.none(), required=False, label="Mapping version", empty_label="The one that applies now"
    )
    reason = forms.CharField(max_length=500, label="Why", widget=forms.Textarea({"rows": 2}))
    request_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    typed = forms.IntegerField(required=False, label="How many, typed to confirm")

    def __init__(self, *args: Any, picked: "QuerySet[Export]", total: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.total = total
        self.fields["version"].queryset = versions_for(picked)  # type: ignore[attr-defined]
        if total <= TYPED_FROM:
            del self.fields["typed"]

    def clean_typed(self) -> int:
        """Compare what was typed with how many there are now."""
        if self.cleaned_data["typed"] != self.total:
            raise forms.ValidationError(f"Type {self.total} to replay that many.")
        return self.total


def versions_for(picked: "QuerySet[Export]") -> "QuerySet[MappingVersion]":
    """Give the versions to choose from: those of the one mapping that all picked exports share."""
    mappings = list(picked.order_by().values_list("integration__mapping", flat=True).distinct()[:2])
    shared = mappings if len(mappings) == 1 else []
    return MappingVersion.objects.filter(mapping__in=shared).select_related("mapping").order_by("-number")


class ReplayPages(DetailPage):
    """The views of replaying, for the page family of exports."""

    pages = ("replay",)
    list_pages = ("replay_many", "download_many")

    def replay(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Replay one record."""
        export = self.require(request, object_id)
        if not self.has_operate_permission(request, export):
            raise PermissionDenied
        context = {**self.page_context(request, export), "back": reverse("admin:core_export_change", args=[export.pk])}
        return self._replay(request, Export.objects.filter(pk=export.pk), context)

    def replay_many(self, request: HttpRequest) -> HttpResponseBase:
        """Replay everything that a list shows with these filters, in the tenants where the reader may."""
        if not self.has_operate_permission(request):
            raise PermissionDenied
        query = request.GET.copy()
        for name in OWN_PARAMETERS:
            query.pop(name, None)
        picked = access_of(request).scope(self._listed(request, query), role=Role.OPERATOR)
        back = f"{reverse('admin:core_export_changelist')}?{query.urlencode()}"
        frame = {**self.admin_site.each_context(request), "opts": self.opts, "now": database_now()}
        return self._replay(request, picked, {**frame, "title": "Replay what the list shows", "back": back})

    def download_many(self, request: HttpRequest) -> HttpResponseBase:
        """Send everything that a list shows as a table, lines or an archive, streamed; the trail says who took it."""
        if not self.has_operate_permission(request):
            raise PermissionDenied
        kind = request.POST.get("format", "")
        if request.method != "POST" or kind not in FORMS:
            raise Http404
        picked = access_of(request).scope(self._listed(request, request.GET.copy()), role=Role.OPERATOR)
        now = database_now()
        pieces = download_exports(picked, form=kind, actor=request.user, what="chosen", now=now)
        response = StreamingHttpResponse(pieces, content_type=FORMS[kind].media_type)
        name = file_name(kind, now=now, what="chosen")
        response["Content-Disposition"] = content_disposition_header(True, name)
        response["X-Content-Type-Options"] = "nosniff"
        return response

    def _listed(self, request: HttpRequest, query: Any) -> "QuerySet[Export]":
        asked, request.GET = request.GET, query
        try:
            listed: QuerySet[Export] = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters as error:
            raise Http404 from error
        finally:
            request.GET = asked
        return listed.select_related(None)

    def _replay(self, request: HttpRequest, picked: "QuerySet[Export]", frame: dict[str, Any]) -> HttpResponseBase:
        mode = (request.POST or request.GET).get("mode", ReplayMode.MAP_AGAIN)
        plan = plan_replay(picked, mode=mode) if mode in ReplayMode.values else Plan(mode)
        if request.GET.get("part") == "plan":
            return TemplateResponse(request, "console/parts/plan.html", {"plan": plan})
        form = ReplayForm(request.POST or None, picked=picked, total=plan.total)
        if request.method == "POST" and form.is_valid():
            started = _start(request, picked, form)
            if started is not None:
                return started
        address = f"{request.path}?{_with(request, part='plan')}"
        context = {**frame, "form": form, "plan": plan, "plan_address": address}
        return TemplateResponse(request, "console/replay.html", context)


def _with(request: HttpRequest, **more: str) -> str:
    query = request.GET.copy()
    for name in OWN_PARAMETERS:
        query.pop(name, None)
    query.update(more)
    return query.urlencode()


def _start(request: HttpRequest, picked: "QuerySet[Export]", form: ReplayForm) -> HttpResponse | None:
    chosen = {name: form.cleaned_data[name] for name in ("mode", "reason", "version", "request_id")}
    try:
        runs = start_replay(picked, actor=request.user, now=database_now(), **chosen)
    except ConnectorError as error:
        for line in said(error):
            form.add_error(None, line)
        return None
    ring_for(runs)
    messages.success(request, "The replay has begun." if len(runs) == 1 else f"{len(runs)} replays have begun.")
    return HttpResponseRedirect(_page_of(runs))


def _page_of(runs: list[Run]) -> str:
    if len(runs) == 1:
        return reverse("admin:core_run_change", args=[runs[0].pk])
    return reverse("admin:core_run_changelist") + "?trigger__exact=replay"
