"""The month-end page: Xero, read live by document date, against what became of every document here."""

from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse

from connector.backfill import months
from connector.console import moments
from connector.console.access import access_of
from connector.console.detail import DetailPage
from connector.console.xero_pages.comparison import tables
from connector.reconcile import Report, reconcile
from core import audit
from core.audit import EventDraft
from core.clock import database_now
from core.models import Tenant

MONTHS_OFFERED = 6
MOST_DOCUMENTS = 20_000
"""Of one stream, in a page that somebody waits for; the command has no limit."""


_DAY = forms.DateInput({"type": "date"}, format="%Y-%m-%d")  # browsers take days in this form only


class PeriodForm(forms.Form):
    """The first and the last day, as the organisation's calendar has them."""

    day_from = forms.DateField(label="Dated from", widget=_DAY)
    day_to = forms.DateField(label="Dated to", widget=_DAY)

    def clean(self) -> dict[str, Any]:
        """Refuse a range that ends before it begins."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("day_from") and data.get("day_to") and data["day_to"] < data["day_from"]:
            self.add_error("day_to", "The last day is before the first.")
        return data


class MonthEndPages(DetailPage):
    """The comparison of one tenant, and the way to it, for the page family of tenants."""

    pages: ClassVar[tuple[str, ...]] = ("reconcile",)
    list_pages = ("month_end",)

    def month_end(self, request: HttpRequest) -> HttpResponseBase:
        """Show the comparison of the reader's only tenant, or let them choose where there are several."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        offered = list(access_of(request).scope(Tenant.objects.order_by("name"), path="pk")[:200])
        if len(offered) == 1:
            return self.reconcile(request, str(offered[0].pk))
        context = {**self.admin_site.each_context(request), "opts": self.opts, "tenants": offered}
        return TemplateResponse(request, "console/month_end_tenants.html", context | {"title": "Month end: of whom?"})

    def reconcile(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Show the choice of days; when it is sent, read Xero and compare. Reading costs calls, so operators only."""
        tenant = self.require(request, object_id)
        now, may_compare = database_now(), self.has_operate_permission(request, tenant)
        if request.method == "POST" and not may_compare:
            raise PermissionDenied
        offered = last_months(tenant, now=now)
        form = PeriodForm(request.POST or None, initial=_chosen(request.GET.get("month", ""), offered))
        context = {
            **self.page_context(request, tenant),
            "title": f"Month end of {tenant}",
            "form": form,
            "months": [(first, last, _is_shown(form, first, last)) for first, last in offered],
            "may_compare": may_compare,
        }
        if request.method == "POST" and form.is_valid():
            context |= _compared(request, tenant, now, **form.cleaned_data)
        return TemplateResponse(request, "console/month_end.html", context)


def last_months(tenant: Tenant, *, now: datetime) -> list[tuple[date, date]]:
    """Give the newest months in the tenant's zone, the one that goes on first."""
    today = now.astimezone(moments.zone(tenant.time_zone)).date()
    first = today - timedelta(days=31 * (MONTHS_OFFERED - 1))
    found = months(first.replace(day=1), today)
    whole = [month_of(start) for start, _ in found]
    return whole[::-1][:MONTHS_OFFERED]


def month_of(day: date) -> tuple[date, date]:
    """Give the first and the last day of a day's month."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _chosen(text: str, offered: list[tuple[date, date]]) -> dict[str, date]:
    """Give the days of the month that the address names (`2026-10`); without one those of the last whole month."""
    try:
        first, last = month_of(date.fromisoformat(f"{text}-01"))
    except (ValueError, OverflowError):
        first, last = offered[1]
    return {"day_from": first, "day_to": last}


def _is_shown(form: PeriodForm, first: date, last: date) -> bool:
    shown = form.cleaned_data if form.is_bound and form.is_valid() else form.initial
    return (shown["day_from"], shown["day_to"]) == (first, last)


def _compared(request: HttpRequest, tenant: Tenant, now: datetime, **days: date) -> dict[str, Any]:
    report = reconcile(tenant, **days, interactive=True, most_documents=MOST_DOCUMENTS)
    _record(request, report, tenant, now)
    return {"report": report, "tables": tables(report), "red": list(report.red())}


def _record(request: HttpRequest, report: Report, tenant: Tenant, now: datetime) -> None:
    red = len(list(report.red()))
    detail = {"from": str(report.day_from), "to": str(report.day_to), "lines": len(report.lines), "red": red}
    draft = EventDraft(tenant.pk, "tenant.reconciled", actor=request.user.get_username(), detail=detail)
    with transaction.atomic():
        audit.append([draft], now=now)
