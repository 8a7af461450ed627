"""SFTP servers and their host keys. Passwords and keys are never shown."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString

from connector.config.shape import MISSING_KEY
from connector.connection_check import check_server, probe_server
from connector.console import moments, server_abilities, words
from connector.console.configuring.change import said
from connector.console.configuring.page import ConfigPage
from connector.console.configuring.server_form import ServerForm
from connector.console.connection_tests import TestForm, shown_steps
from connector.console.detail import Card
from connector.console.dialogs import leave_dialog, say
from connector.console.filters import OwnRelatedFilter
from connector.console.host_key_dates import EnterKeyForm
from connector.console.server_abilities import TakeOverForm
from connector.console.theme import action, display
from connector.host_keys import note_pending
from connector.targets import target_of
from core.clock import database_now
from core.errors import ConnectorError, Finding
from core.models import HostKeyState, Server
from sftp_app.probe import fetch_host_keys


class ServerAdmin(ConfigPage):
    """SFTP servers."""

    list_display = ("name", "tenant", "address", "username", "host_key", "last_ok")
    list_filter: ClassVar[Any] = [("tenant", OwnRelatedFilter)]
    list_select_related = ("tenant",)
    search_fields = ("name__istartswith", "host__istartswith")
    ordering = ("tenant__slug", "name")
    form_class = ServerForm
    detail_related = ("tenant",)
    detail_template = "console/server.html"
    actions_detail = ("test_connection", "find_out", "take_over", "fetch_host_keys", "enter_host_key")
    empty_why = "No SFTP server yet. Partners' files are put on one."

    def get_queryset(self, request: HttpRequest) -> Any:
        """Count each server's approved and waiting host keys."""
        keys = {
            f"{state}_keys": Count("host_keys", filter=Q(host_keys__state=state), distinct=True)
            for state in (HostKeyState.APPROVED, HostKeyState.PENDING)
        }
        return super().get_queryset(request).annotate(**keys)

    def may_wait(self, finding: Finding) -> bool:
        """Let a host key come later: nothing is sent before one is approved on the server's page."""
        return finding.code == MISSING_KEY and finding.path.endswith("host_keys")

    def detail_context(self, request: HttpRequest, obj: Server) -> dict[str, Any]:
        """Give the server's facts, its host keys and its open problems."""
        return {
            **super().detail_context(request, obj),
            "host_keys": list(obj.host_keys.select_related("approved_by").order_by("-pk")[:20]),
            "partners": list(obj.partners.order_by("name")[:50]),
            "problems": list(obj.problem_set.filter(state="open").order_by("-last_seen_at")[:5]),
        }

    @action(
        description="Test connection",
        url_path="test-connection",
        icon="network_check",
        permissions=["operate"],
        dialog={
            "title": "Test connection",
            "description": "Signs in, writes a small test file, renames it and deletes it again.",
            "form_class": TestForm,
            "form_submit_text": "Test",
        },
    )
    def test_connection(self, request: HttpRequest, form: TestForm, object_id: str) -> HttpResponse:
        """Try the server step by step, and show the steps in the dialog."""
        server = self.require(request, object_id)
        return shown_steps(request, check_server(server, now=database_now()))

    @action(
        description="What it can do",
        url_path="find-out",
        icon="troubleshoot",
        permissions=["operate"],
        dialog={
            "title": "Find out what the server can do",
            "description": "Writes, renames and deletes a few small files in the first partner's folder, where they are"
            " seen. Nothing of the setup changes.",
            "form_class": TestForm,
            "form_submit_text": "Find out",
        },
    )
    def find_out(self, request: HttpRequest, form: TestForm, object_id: str) -> HttpResponse:
        """Probe the server; the page then shows what it can do and what suits it."""
        server = self.require(request, object_id)
        try:
            profile = probe_server(server, now=database_now())
        except ConnectorError as error:
            return say(f"{error.sentence} {error.next_step}".strip())
        fits = "It is set up as suits it." if not server_abilities.differs(server) else "Another setup suits it better."
        messages.success(request, f"{server} was tried out ({profile.publish}). {fits}")
        return self._back_to(server)

    def has_take_over_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Offer the suggestion to who may configure, where it differs from how the server is set up."""
        row = self.named_row(request, obj)
        return bool(row and server_abilities.differs(row)) and self.has_change_permission(request, row)

    @action(
        description="Set up as suggested",
        url_path="take-over",
        icon="done_all",
        permissions=["take_over"],
        dialog={
            "title": "Set the server up as suggested?",
            "description": "Changes how files get their name there. What is under way is finished as it began.",
            "form_class": TakeOverForm,
            "form_submit_text": "Set up",
        },
    )
    def take_over(self, request: HttpRequest, form: TakeOverForm, object_id: str) -> HttpResponse:
        """Take over what the probe suggests."""
        server = self.require(request, object_id)
        folder = form.cleaned_data.get("staging_folder", "")
        try:
            server_abilities.take_over(server, staging_folder=folder, user=request.user, now=database_now())
        except ConnectorError as error:
            return say(" ".join(said(error)))
        messages.success(request, f"{server} is set up as suggested.")
        return self._back_to(server)

    def _back_to(self, server: Server) -> HttpResponse:
        return leave_dialog(reverse("admin:core_server_change", args=[server.pk]))

    @action(
        description="Fetch host key",
        url_path="fetch-host-keys",
        icon="key",
        permissions=["change"],
        dialog={
            "title": "Fetch the host keys",
            "description": "Asks the server for its keys, without signing in. Nothing is trusted by this.",
            "form_class": TestForm,
            "form_submit_text": "Fetch",
        },
    )
    def fetch_host_keys(self, request: HttpRequest, form: TestForm, object_id: str) -> HttpResponse:
        """Ask the server for its host keys; each waits until somebody approves it."""
        server = self.require(request, object_id)
        try:
            pins = fetch_host_keys(target_of(server))
        except ConnectorError as error:
            return say(f"{error.sentence} {error.next_step}".strip())
        note_pending(server, pins)
        messages.success(request, f"{server} shows {len(pins)} host keys. Compare them with its owner's.")
        return self._back_to(server)

    @action(
        description="Enter host key",
        url_path="enter-host-key",
        icon="edit_note",
        permissions=["change"],
        dialog={
            "title": "Enter a host key",
            "description": "A key that the owner has announced, for a change that is planned. It counts once it is"
            " approved on its page, from the day that is set there.",
            "form_class": EnterKeyForm,
            "form_submit_text": "Enter",
        },
    )
    def enter_host_key(self, request: HttpRequest, form: EnterKeyForm, object_id: str) -> HttpResponse:
        """Keep an announced key, to be approved."""
        server = self.require(request, object_id)
        note_pending(server, form.cleaned_data["key"])
        messages.success(request, "The key is entered. Approve it when you have compared its fingerprint.")
        return self._back_to(server)

    def cards(self, obj: Server) -> list[Card]:
        """Show the server and how it is doing; secrets only as stored or missing."""
        zone = obj.tenant.time_zone
        return [
            Card(
                "Server",
                [
                    ("Address", self.address(obj)),
                    ("Tenant", words.link(obj.tenant)),
                    ("Signs in as", obj.username),
                    ("Password", words.stored(obj.password)),
                    ("Private key", words.stored(obj.private_key)),
                ],
            ),
            server_abilities.settings_card(obj),
            Card(
                "How it is doing",
                [
                    ("Last session that worked", moments.moment(obj.last_ok_at, zone)),
                    ("Tested", moments.moment(obj.tested_at, zone)),
                    ("Failures in a row", obj.failures),
                    ("On hold because", obj.hold_code),
                    ("No session before", moments.moment(obj.next_attempt_at, zone)),
                ],
            ),
            server_abilities.card_of(obj),
        ]

    @display(description="Address", ordering="host")
    def address(self, obj: Server) -> str:
        """Show host and port."""
        return f"{obj.host}:{obj.port}"

    @display(description="Host key")
    def host_key(self, obj: Any) -> SafeString:
        """Show whether a host key is approved, and whether another one waits."""
        if obj.pending_keys and obj.approved_keys:
            return words.chip(words.Look("Changed", "bad", "gpp_maybe"))
        if obj.approved_keys:
            return words.chip(words.HOST_KEY[HostKeyState.APPROVED])
        return words.chip(words.Look("Missing", "warn", "key_off"))

    @display(description="Last session that worked", ordering="last_ok_at")
    def last_ok(self, obj: Server) -> SafeString:
        """Show when a session worked last."""
        return moments.moment(obj.last_ok_at, obj.tenant.time_zone)


admin.site.register(Server, ServerAdmin)
