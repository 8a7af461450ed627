"""SFTP servers and their host keys. Passwords and keys are never shown."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils.safestring import SafeString

from connector.config.shape import MISSING_KEY
from connector.console import moments, words
from connector.console.configuring.page import ConfigPage
from connector.console.configuring.server_form import ServerForm
from connector.console.detail import Card, DetailPage
from connector.console.filters import OwnRelatedFilter
from connector.console.theme import display
from core.errors import Finding
from core.models import HostKey, HostKeyState, Server


class ServerAdmin(ConfigPage):
    """SFTP servers."""

    list_display = ("name", "tenant", "address", "username", "host_key", "last_ok")
    list_filter: ClassVar[Any] = [("tenant", OwnRelatedFilter)]
    list_select_related = ("tenant",)
    search_fields = ("name__istartswith", "host__istartswith")
    ordering = ("tenant__slug", "name")
    form_class = ServerForm
    detail_related = ("tenant",)

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

    def cards(self, obj: Server) -> list[Card]:
        """Show the server, its host keys and how it is doing; secrets only as stored or missing."""
        zone = obj.tenant.time_zone
        keys = obj.host_keys.order_by("-pk")[:20]
        return [
            Card(
                "Server",
                [
                    ("Address", self.address(obj)),
                    ("Tenant", obj.tenant),
                    ("Signs in as", obj.username),
                    ("Password", words.stored(obj.password)),
                    ("Private key", words.stored(obj.private_key)),
                    ("Public key", obj.public_key),
                    ("Naming", obj.get_publish_display()),
                ],
            ),
            Card("Host keys", [(key.fingerprint, words.chip(words.HOST_KEY.get(key.state))) for key in keys]),
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


class HostKeyAdmin(DetailPage):
    """Host keys that were seen or announced."""

    tenant_path = "server__tenant_id"
    list_display = ("fingerprint", "server", "key_type", "shown_state", "approved_by")
    list_filter: ClassVar[Any] = ["state", ("server", OwnRelatedFilter)]
    list_select_related = ("server", "approved_by")
    search_fields = ("fingerprint__startswith", "server__name__istartswith")
    fields = ("server", "key_type", "fingerprint", "key", "state", "last_seen_at", "approved_at", "approved_by")

    detail_related = ("server__tenant", "approved_by")

    def zone_of(self, obj: HostKey) -> str:
        """Use the zone of the server's tenant."""
        return obj.server.tenant.time_zone

    def cards(self, obj: HostKey) -> list[Card]:
        """Show the key and who approved it."""
        return [
            Card(
                "Host key",
                [
                    ("Server", obj.server),
                    ("Type", obj.key_type),
                    ("Fingerprint", obj.fingerprint),
                    ("State", words.chip(words.HOST_KEY.get(obj.state))),
                    ("Approved by", obj.approved_by),
                    ("Approved", moments.moment(obj.approved_at, self.zone_of(obj))),
                ],
            )
        ]

    @display(description="State", ordering="state")
    def shown_state(self, obj: HostKey) -> SafeString:
        """Show whether a person vouched for it."""
        return words.chip(words.HOST_KEY.get(obj.state))


admin.site.register(Server, ServerAdmin)
admin.site.register(HostKey, HostKeyAdmin)
