"""`manage.py hostkey fetch|list|approve|reject`: see a server's host keys, and decide about them."""

import base64
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from connector.host_keys import Dates, approve, note_pending, reject
from connector.management.connector_command import ConnectorCommand, Exit
from connector.natural_keys import find_server
from connector.targets import allowed_nets, target_of
from core import audit, servers
from core.clock import database_now
from core.errors import PermanentError
from core.models import HostKey, HostKeyState, Server
from sftp_app.address import read_endpoint
from sftp_app.hostkeys import read_host_keys
from sftp_app.probe import fetch_host_keys
from sftp_app.target import Target

ACTOR = "manage.py hostkey"


class NotSeen(PermanentError):
    """A fingerprint was to be decided about that no server has shown and nobody has entered."""

    code = "HOSTKEY_NOT_SEEN"


class Command(ConnectorCommand):
    """Fetch, list, approve and reject host keys. A fetched key counts for nothing until somebody approves it."""

    help = "See a server's host keys and decide about them; compare a fingerprint with the partner before approving."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["fetch", "list", "approve", "reject"])
        parser.add_argument(
            "server",
            metavar="TENANT/SERVER",
            nargs="?",
            help="list shows all without it; fetch also takes HOST or HOST:PORT of a server that is not set up yet",
        )
        parser.add_argument("key", nargs="?", help="SHA256:… or `type base64`, to approve or reject")
        parser.add_argument("--from", dest="valid_from", help="when it begins to count, as in 2026-12-01T06:00 (UTC)")
        parser.add_argument("--until", dest="valid_until", help="when it ends to count, for a change that is planned")

    def work(self, **options: Any) -> Exit:
        action, key = options["action"], options["key"]
        if not options["server"]:
            return self._list_all() if action == "list" else self.usage(f"{action} needs TENANT/SERVER.")
        if action == "fetch" and "/" not in options["server"]:
            return self._look(options["server"])
        server = find_server(options["server"])
        if action == "fetch":
            return self._fetch(server)
        if action == "list":
            return self._list(server.host_keys.select_related("server__tenant").order_by("pk"))
        if not key:
            return self.usage(f"{action} needs the key's fingerprint, SHA256:….")
        try:
            dates = _dates(action, options["valid_from"], options["valid_until"])
        except ValueError:
            return self.usage("approve takes --from and --until as in 2026-12-01T06:00, the earlier one first.")
        return self._decide(action, server, key, dates)

    def _look(self, address: str) -> Exit:
        """Show the keys of a server that is not set up yet, in the form that a configuration file takes."""
        endpoint = read_endpoint(address)
        target = Target(host=endpoint.host, port=endpoint.port, username="", allowed_nets=allowed_nets())
        for pin in fetch_host_keys(target):
            line = f"{pin.key_type} {base64.b64encode(pin.key).decode()}"
            self.say(f"{line}\n  {pin.fingerprint}")
            self.give(
                {"server": address, "state": "seen", "type": pin.key_type, "fingerprint": pin.fingerprint, "key": line}
            )
        return Exit.OK

    def _fetch(self, server: Server) -> Exit:
        pins = fetch_host_keys(target_of(server))
        note_pending(server, pins)
        shown = server.host_keys.filter(fingerprint__in=[pin.fingerprint for pin in pins])
        self._list(shown.select_related("server__tenant"))
        if not shown.exclude(state=HostKeyState.APPROVED).exists():
            return Exit.OK
        self.say("Compare the fingerprint with the partner over another channel, then approve it.")
        return Exit.PARTLY

    def _decide(self, action: str, server: Server, key: str, dates: Dates | None) -> Exit:
        pins = read_host_keys(key, host=server.host, port=server.port)
        prints = [pin.fingerprint for pin in pins]
        if action == "reject" and not server.host_keys.filter(fingerprint__in=prints).exists():
            raise NotSeen(f"{server.name} has no host key {prints[0]}.", next_step="See manage.py hostkey list.")
        now = database_now()
        with transaction.atomic():
            if action == "approve":
                servers.release(server, actor=ACTOR, now=now)
                events = approve(server, pins, actor=ACTOR, dates=dates, now=now)
            else:
                events = reject(server, prints, actor=ACTOR)
            audit.append(events, now=now)
        return self._list(server.host_keys.filter(fingerprint__in=prints).select_related("server__tenant"))

    def _list_all(self) -> Exit:
        rows = HostKey.objects.select_related("server__tenant").order_by("server__tenant__slug", "server__name")
        return self._list(rows)

    def _list(self, rows: Iterable[HostKey]) -> Exit:
        for row in rows:
            name = f"{row.server.tenant.slug}/{row.server.name}"
            dates = {word: at.isoformat() for word, at in (("from", row.valid_from), ("until", row.valid_until)) if at}
            shown = "".join(f"  {word} {at}" for word, at in dates.items())
            self.say(f"{name}  {row.state:<8}  {row.key_type or 'unknown type'}  {row.fingerprint}{shown}")
            key = {"server": name, "state": row.state, "type": row.key_type, "fingerprint": row.fingerprint}
            self.give({**key, **dates})
        return Exit.OK


def _dates(action: str, begin: str | None, end: str | None) -> Dates | None:
    """Read both moments; None when neither was given. Raises `ValueError` for what makes no sense."""
    dates = _moment(begin), _moment(end)
    if any(dates) and action != "approve":
        raise ValueError(action)
    if dates[0] and dates[1] and dates[1] <= dates[0]:
        raise ValueError(end)
    return dates if any(dates) else None


def _moment(text: str | None) -> datetime | None:
    """Read a moment; one without an offset is meant in UTC. Raises `ValueError`."""
    if not text:
        return None
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
