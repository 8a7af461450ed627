"""The sidebar: where people find things, in their own words."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy

from connector.console.access import access_of
from core.models import Problem, ProblemState, Role

MOST_SHOWN = 99


def _item(title: str, icon: str, name: str, **more: Any) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{name}"), **more}


def _list(title: str, icon: str, model: str, **more: Any) -> dict[str, Any]:
    return _item(title, icon, f"core_{model}_changelist", **more)


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Give the groups of the sidebar."""
    return [
        {
            "title": "Monitor",
            "items": [
                _item("Overview", "dashboard", "index"),
                _list("Problems", "report", "problem", badge=open_problems(request)),
                _list("Runs", "play_circle", "run"),
                _list("Exports", "receipt_long", "export"),
                _list("Files", "draft", "file"),
                _list("Inbound", "inbox", "inbound"),
                _list("Acknowledgments", "mark_email_read", "acknowledgment", active=_shows_acknowledgments),
                _item("Awaited answers", "hourglass_top", "core_acknowledgment_awaited"),
                _item("Month end", "balance", "core_tenant_month_end"),
                _list("Audit trail", "manage_history", "event"),
            ],
        },
        {
            "title": "Configure",
            "separator": True,
            "items": [
                _list("Tenants", "domain", "tenant"),
                _list("Xero", "cloud_sync", "organisation"),
                _list("Partners", "handshake", "partner"),
                _list("SFTP servers", "dns", "server"),
                _list("Integrations", "conversion_path", "integration"),
                _list("Mappings", "table_convert", "mapping"),
                _list("Lookup tables", "dataset", "lookuptable"),
            ],
        },
        {"title": "Administer", "separator": True, "collapsible": True, "items": _administer(request)},
    ]


def _shows_acknowledgments(request: HttpRequest) -> bool:
    """Say whether the page is one of acknowledgments; the awaited ones have an item of their own."""
    here = request.path
    listed, awaited = (reverse(f"admin:core_acknowledgment_{name}") for name in ("changelist", "awaited"))
    return here.startswith(listed) and not here.startswith(awaited)


def _administer(request: HttpRequest) -> list[dict[str, Any]]:
    people = [_item("Users", "person", "auth_user_changelist")] if request.user.is_superuser else []
    access = [_list("Access", "badge", "tenantaccess")] if access_of(request).may(Role.OWNER) else []
    system = [_item("System", "monitor_heart", "system")] if request.user.is_superuser else []
    return [
        *people,
        *access,
        _list("Alerts", "notifications", "alertrule"),
        _list("Webhook events", "webhook", "webhookevent"),
        *system,
    ]


def open_problems(request: HttpRequest) -> str | None:
    """Count the reader's open problems for the badge: an index on the open ones serves it, and it is capped."""
    count: int | None = getattr(request, "console_open_problems", None)
    if count is None:
        mine = access_of(request).scope(Problem.objects.filter(state=ProblemState.OPEN))
        count = len(mine.values_list("pk")[: MOST_SHOWN + 1])
        request.console_open_problems = count  # type: ignore[attr-defined]
    if not count:
        return None
    return f"{MOST_SHOWN}+" if count > MOST_SHOWN else str(count)


def environment(request: HttpRequest) -> list[str]:
    """Name the environment in the page's head, so that nobody mistakes a demo for the real thing."""
    return [settings.ENVIRONMENT.title(), "danger" if settings.ENVIRONMENT == "production" else "info"]


def stylesheet(request: HttpRequest) -> str:
    """Give the address of the console's own look."""
    return static("console/console.css")


def favicon(request: HttpRequest) -> str:
    """Give the address of the icon in the browser's tab."""
    return static("console/favicon.svg")
