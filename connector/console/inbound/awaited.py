"""Awaited answers: what partners owe us an answer for, the most overdue first. Part of the page family of answers."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse

from connector.console.access import access_of
from connector.console.evidence import EvidenceAdmin, rows_of
from core.awaiting import awaited_files, document_of, wanted
from core.clock import database_now

MOST_SHOWN = 200


class AwaitedPages(EvidenceAdmin):
    """Adds the list of awaited answers, which is one of files."""

    list_pages = ("awaited",)

    def awaited(self, request: HttpRequest) -> HttpResponseBase:
        """Show the files that wait for an answer, or only those whose answer is overdue."""
        only_overdue = "overdue" in request.GET
        mine = access_of(request).scope(awaited_files(only_overdue=only_overdue))
        files, is_cut = rows_of(mine, most=MOST_SHOWN)
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
