"""Xero connections: the grants, and the organisations they reach. Tokens are never shown."""

from datetime import UTC
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from connector.connection_check import check_xero
from connector.console import moments, words
from connector.console.configuring.page import ConfigPage
from connector.console.configuring.xero_form import XeroForm
from connector.console.connection_tests import TestForm, shown_steps
from connector.console.cron_words import in_words
from connector.console.detail import Card, DetailPage
from connector.console.filters import OwnRelatedFilter
from connector.console.theme import action, display
from connector.console.xero_pages.cursor_dialogs import CursorDialogs
from connector.console.xero_pages.reading import calls_today, grant_ends, reading_of
from core.clock import database_now
from core.models import Grant, Organisation


class GrantAdmin(DetailPage):
    """Xero connections."""

    list_display = ("name", "tenant", "auth", "shown_state", "refreshed")
    list_filter: ClassVar[Any] = ["state", "auth", ("tenant", OwnRelatedFilter)]
    list_select_related = ("tenant",)
    search_fields = ("name__istartswith",)
    ordering = ("tenant__slug", "name")
    fields = ("tenant", "name", "auth", "client_id")
    detail_related = ("tenant",)

    def cards(self, obj: Grant) -> list[Card]:
        """Show the connection's state, never a token."""
        zone = obj.tenant.time_zone
        return [
            Card(
                "Connection",
                [
                    ("State", words.chip(words.GRANT.get(obj.state))),
                    ("Tenant", words.link(obj.tenant)),
                    ("Sign-in", obj.get_auth_display()),
                    ("Client id", obj.client_id or "the installation's own app"),
                    ("Client secret", words.stored(obj.client_secret)),
                    ("Webhook keys", words.stored(obj.webhook_keys)),
                    *[("Organisation", words.link(row)) for row in obj.organisations.order_by("name")],
                ],
            ),
            Card(
                "Tokens",
                [
                    ("Renewed", moments.moment(obj.refreshed_at, zone, seconds=True)),
                    ("Access ends", moments.moment(obj.access_expires_at, zone, seconds=True)),
                    ("Sign-in ends", grant_ends(obj, now=database_now())),
                    ("Scopes", obj.scopes),
                ],
            ),
        ]

    @display(description="State", ordering="state")
    def shown_state(self, obj: Grant) -> SafeString:
        """Show whether Xero accepts the connection."""
        return words.chip(words.GRANT.get(obj.state))

    @display(description="Tokens renewed", ordering="refreshed_at")
    def refreshed(self, obj: Grant) -> SafeString:
        """Show when the tokens were renewed last."""
        return moments.moment(obj.refreshed_at, obj.tenant.time_zone)


class OrganisationAdmin(CursorDialogs, ConfigPage):
    """Xero organisations."""

    list_display = ("name", "legal_name", "tenant", "connection", "base_currency", "polled", "next_poll")
    empty_why = "No Xero connection yet. It reads one organisation."
    list_filter: ClassVar[Any] = [("tenant", OwnRelatedFilter)]
    list_select_related = ("tenant", "grant")
    search_fields = ("name__istartswith", "legal_name__istartswith", "xero_tenant_id__istartswith")
    ordering = ("tenant__slug", "name")
    form_class = XeroForm
    actions_detail = ("test_connection", "set_cursor", "reset_cursor")
    detail_template = "console/organisation.html"
    detail_related = ("tenant", "grant")

    @action(
        description="Test connection",
        url_path="test-connection",
        icon="network_check",
        permissions=["operate"],
        dialog={
            "title": "Test connection",
            "description": "Signs in at Xero and reads one small page of everything that is used.",
            "form_class": TestForm,
            "form_submit_text": "Test",
        },
    )
    def test_connection(self, request: HttpRequest, form: TestForm, object_id: str) -> HttpResponse:
        """Try the connection step by step, and show the steps in the dialog."""
        return shown_steps(request, check_xero(self.require(request, object_id)))

    @display(description="Connection")
    def connection(self, obj: Organisation) -> SafeString:
        """Show whether Xero accepts the connection."""
        return words.chip(words.GRANT.get(obj.grant.state))

    @display(description="Read")
    def polled(self, obj: Organisation) -> str:
        """Say how often it is read."""
        return in_words(obj.poll, zone=obj.tenant.time_zone)

    @display(description="Next poll", ordering="next_poll_at")
    def next_poll(self, obj: Organisation) -> SafeString:
        """Show when it is read next."""
        return moments.moment(obj.next_poll_at, obj.tenant.time_zone)

    def detail_context(self, request: HttpRequest, obj: Organisation) -> dict[str, Any]:
        """Give the facts, and how far each stream was read."""
        return {**super().detail_context(request, obj), **reading_of(obj)}

    def cards(self, obj: Organisation) -> list[Card]:
        """Show the organisation, its sign-in, and how it is read."""
        zone, now = obj.tenant.time_zone, database_now()
        return [
            Card(
                "Organisation",
                [
                    ("Legal name", obj.legal_name),
                    ("Tenant", words.link(obj.tenant)),
                    ("Connection", words.chip(words.GRANT.get(obj.grant.state))),
                    ("Sign-in ends", grant_ends(obj.grant, now=now)),
                    ("Tokens renewed", moments.moment(obj.grant.refreshed_at, zone)),
                    ("Xero's id", obj.xero_tenant_id),
                    ("Base currency", obj.base_currency),
                    ("Zone in Xero", obj.xero_time_zone),
                ],
            ),
            Card(
                "Reading",
                [
                    ("Polled", in_words(obj.poll, zone=zone)),
                    ("Next poll", moments.moment(obj.next_poll_at, zone)),
                    ("Calls today", calls_today(obj, today=now.astimezone(UTC).date())),
                ],
            ),
        ]


admin.site.register(Grant, GrantAdmin)
admin.site.register(Organisation, OrganisationAdmin)
