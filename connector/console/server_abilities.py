"""What a server can do, as its last probe found out, the way of publishing that suits it, and taking that over."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.safestring import SafeString

from connector.console import words
from connector.console.configuring.change import change_entry, written
from connector.console.detail import Card
from connector.console.theme import DialogForm
from core.models import Publish, Server

SEEN = (
    ("rename", "Renames files"),
    ("overwrites_on_rename", "Its rename replaces files"),
    ("tells_size", "Tells sizes"),
    ("lists", "Lists the folder"),
    ("hidden_names", "Takes names with a leading dot"),
    ("empty_files", "Takes empty files"),
    ("deletes", "Lets us delete"),
    ("fsync", "Writes through to disk"),
    ("statvfs", "Tells the room that is left"),
    ("taken_at_once", "Files are taken at once"),
    ("temporary_taken", "Files are taken under any name"),
)
YES, NO = words.Look("Yes", "good", "check"), words.Look("No", "idle", "close")
PUBLISHING = dict(Publish.choices)


class TakeOverForm(DialogForm):
    """Taking the suggestion over; a staging folder has to be named where one is needed."""

    staging_folder = forms.CharField(
        max_length=500, required=False, help_text="On the same disk as the partners' folders, and none of them."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        server = Server.objects.filter(pk=self.object_id or "").first()
        if server is None or suggestion_of(server).get("publish") != Publish.STAGING:
            del self.fields["staging_folder"]
        else:
            self.fields["staging_folder"].initial = server.staging_folder


def suggestion_of(server: Server) -> dict[str, Any]:
    """Give what the last probe suggested; empty when there was none."""
    suggested: dict[str, Any] = server.capabilities.get("suggested", {})
    return suggested


def differs(server: Server) -> bool:
    """Say whether a server is set up otherwise than its probe suggests."""
    suggested = suggestion_of(server)
    return bool(suggested) and _wanted(suggested) != (server.publish, _has_dot(server.publish, server.options))


def _wanted(suggested: dict[str, Any]) -> tuple[str, bool]:
    return suggested["publish"], _has_dot(suggested["publish"], suggested)


def _has_dot(publish: str, options: dict[str, Any]) -> bool:
    return publish != Publish.DIRECT and bool(options.get("hidden_temporary", True))


def take_over(server: Server, *, staging_folder: str, user: Any, now: datetime) -> None:
    """Set a server up as its probe suggests. Raises `Invalid` when the rest of the configuration speaks against it."""
    publish, has_dot = _wanted(suggestion_of(server))
    others = written("server", server, server.tenant).get("options", {})
    options = {key: value for key, value in others.items() if key != "hidden_temporary"}
    if publish != Publish.DIRECT and not has_dot:
        options["hidden_temporary"] = False
    folder = staging_folder if publish == Publish.STAGING and staging_folder else None
    keys: dict[str, Any] = {"publish": publish, "staging_folder": folder, "options": options}
    change_entry("server", server, user=user, now=now, **keys)


def card_of(server: Server) -> Card:
    """Show what the last probe found out, in words."""
    seen = server.capabilities
    if not seen:
        return Card("What it can do", [("Not found out yet", "Press What it can do above.")])
    suggested = suggestion_of(server)
    facts: list[tuple[str, Any]] = [("Tried in", seen.get("folder", ""))]
    facts += [(label, _yes(seen[name])) for name, label in SEEN if name in seen]
    dot = "" if suggested["publish"] == Publish.DIRECT else f", {'with' if _wanted(suggested)[1] else 'without'} a dot"
    facts.append(("Suggested", f"{PUBLISHING.get(suggested['publish'], suggested['publish'])}{dot}"))
    return Card("What it can do", facts + [("Note", note) for note in suggested.get("notes", [])])


def _yes(is_so: bool) -> SafeString:
    return words.chip(YES if is_so else NO)


def settings_card(server: Server) -> Card:
    """Show how files are put on a server, in words."""
    options = server.options
    has_dot = _has_dot(server.publish, options)
    named = [("Staging folder", server.staging_folder)] if server.staging_folder else []
    if server.publish != Publish.DIRECT:
        named.append(("Temporary names", "begin with a dot" if has_dot else "are visible"))
    return Card(
        "How files get there",
        [
            ("Naming", server.get_publish_display()),
            *named,
            ("Trigger file", options.get("trigger") or "none"),
            ("Checksum file", "{name}.sha256" if options.get("checksum") else "none"),
            ("Read back", words.chip(YES if options.get("read_back") else NO)),
            ("Gone after a break", "a person decides" if options.get("absent_means") == "hold" else "counts as taken"),
            ("Gives up after", f"{options.get('give_up_days', 7)} days"),
            ("Outdated ciphers", words.chip(words.Look("Allowed", "warn", "lock_open")))
            if options.get("allow_legacy_algorithms")
            else ("Outdated ciphers", "refused"),
        ],
    )
