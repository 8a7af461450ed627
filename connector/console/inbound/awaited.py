"""Awaited answers: what partners owe us an answer for, the most overdue first. Part of the page family of answers."""

from typing import Any

from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse

from connector.console.access import access_of
from connector.console.evidence import EvidenceAdmin, rows_of
from core.awaiting import document_of, wanted
from core.clock import database_now
from core.models import File
from core.states import AckOutcome

MOST_SHOWN = 200


class AwaitedPages(EvidenceAdmin):
    """Adds the list of awaited answers, which is one of files."""

    list_pages = ("awaited",)

    def awaited(self, request: HttpRequest) -> HttpResponseBase:
        """Show the files that wait for an answer, or only those whose answer is overdue."""
        only_overdue = "overdue" in request.GET
        mine: QuerySet[File] = access_of(request).scope(File.objects.filter(ack_outcome__in=_outcomes(only_overdue)))
        mine = mine.select_related("partner", "tenant", "mapping_version").defer("header", "trailer")
        files, is_cut = rows_of(mine.order_by(F("ack_due_at").asc(nulls_last=True), "pk"), most=MOST_SHOWN)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Awaited answers",
            "rows": [(file, wanted(file), document_of(file)) for file in files],
            "is_cut": is_cut,
            "only_overdue": only_overdue,
            "now": database_now(),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "console/awaited.html", context)


def _outcomes(only_overdue: bool) -> list[str]:
    return [AckOutcome.OVERDUE] if only_overdue else [AckOutcome.OVERDUE, AckOutcome.AWAITED]
