"""Who writes where: no two integrations may give the same name in the same folder of the same server, and nobody
sends, puts away or writes temporary files where files are picked up from.

Folders inside each other do no harm: a pickup looks at files of its own folder only.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from connector.config.entries import CONFLICT, Entry, World
from connector.config.kinds.integration_checks import name_facts
from connector.naming import SAMPLE, NameFacts, Steps, steps_meet, steps_of
from core.errors import Finding

_PICKED_UP = ("pick_up_from",)
_PUT_AWAY = ("processed", "error")
_SENDING = ("send_to", "send_acks_to")
_SENT_BACK = "what is sent would be picked up"
_AGAIN = "what was picked up would be picked up again"


@dataclass(frozen=True, slots=True)
class Spot:
    """A folder on a server that an entry uses, by one of its keys, with the file names that an integration gives.

    Folders and names are kept as what could come out of their templates.
    """

    entry: Entry
    key: str
    endpoint: tuple[Any, ...]
    folder: str
    places: Steps
    names: Steps = ()

    def is_at(self, other: "Spot") -> bool:
        """Say whether both may be one folder."""
        return self.endpoint == other.endpoint and steps_meet(self.places, other.places)

    def collides(self, other: "Spot") -> bool:
        """Say whether both may write the same name into the same folder."""
        # Names differ early in most pairs, so they are looked at before folders.
        meets = self.endpoint == other.endpoint and steps_meet(self.names, other.names)
        return meets and self.is_at(other) and not _numbered_together(self, other)


def _numbered_together(first: Spot, second: Spot) -> bool:
    """Say whether control numbers keep two integrations apart: one partner's are never given twice."""
    plains = (first.entry.plain, second.entry.plain)
    return plains[0]["partner"] == plains[1]["partner"] and all("{control" in plain["file_name"] for plain in plains)


def check_overlaps(world: World, tenant: str) -> list[Finding]:
    """Find colliding names, and folders that are used for what does not go together, within one tenant."""
    partners = list(world.all("partner", tenant))
    outgoing = [spot for entry in world.all("integration", tenant) for spot in _integration_spots(entry, world)]
    own_folders = [spot for spot in outgoing if spot.entry.plain["folder"]]
    sending, picked_up, put_away = (
        [spot for partner in partners for spot in _partner_spots(partner, world, keys)]
        for keys in (_SENDING, _PICKED_UP, _PUT_AWAY)
    )
    staging = [spot for server in world.all("server", tenant) for spot in _staging_spots(server, world)]
    return [
        *_name_collisions(outgoing),
        *_mixed_folders(own_folders + sending, picked_up + put_away, _SENT_BACK),
        *_mixed_folders(staging, picked_up + put_away, _SENT_BACK),
        *_mixed_folders(put_away, picked_up, _AGAIN),
    ]


def _sides(partner: Entry, world: World) -> Iterator[tuple[str, tuple[Any, ...], dict[str, str]]]:
    """Give where a partner's files go: in production, and in test mode where that differs."""
    plain, test = partner.plain, partner.plain["test"]
    folders = plain["folders"]
    yield "", _endpoint(plain["server"], partner, world), folders
    if test.get("server") or test.get("folders"):
        server = test.get("server") or plain["server"]
        yield "test.", _endpoint(server, partner, world), {**folders, **test.get("folders", {})}


def _endpoint(server: str | None, partner: Entry, world: World) -> tuple[Any, ...]:
    known = world.find("server", partner.tenant, server or "")
    if known is None or not known.plain["host"]:
        return ("?", server)
    return known.plain["host"], known.plain["port"], known.plain["username"]


def _partner_spots(partner: Entry, world: World, keys: Iterable[str]) -> Iterator[Spot]:
    facts = NameFacts(moment=SAMPLE.moment, tenant=partner.tenant, partner=partner.name)
    for prefix, endpoint, folders in _sides(partner, world):
        for key in keys:
            if folders.get(key):
                yield Spot(partner, f"{prefix}folders.{key}", endpoint, folders[key], _places(folders[key], facts))


def _integration_spots(entry: Entry, world: World) -> Iterator[Spot]:
    plain = entry.plain
    partner = world.find("partner", entry.tenant, plain["partner"] or "")
    if partner is None or not plain["file_name"]:
        return
    facts = name_facts(entry)
    names = steps_of(plain["file_name"], facts)
    for _, endpoint, folders in _sides(partner, world):
        if folder := plain["folder"] or folders.get("send_to"):
            yield Spot(entry, "folder", endpoint, folder, _places(folder, facts), names)


def _staging_spots(server: Entry, world: World) -> Iterator[Spot]:
    if folder := server.plain["staging_folder"]:
        places = _places(folder, NameFacts(moment=SAMPLE.moment, tenant=server.tenant))
        yield Spot(server, "staging_folder", _endpoint(server.name, server, world), folder, places)


def _places(folder: str, facts: NameFacts) -> Steps:
    # Accounts are often locked into their folder, so a leading slash makes no difference.
    return steps_of(folder.removeprefix(".").lstrip("/"), facts)


def _name_collisions(spots: list[Spot]) -> list[Finding]:
    found: dict[tuple[str, str], Finding] = {}
    for first, second in combinations(spots, 2):
        names = (first.entry.name, second.entry.name)
        in_file = next((spot.entry for spot in (second, first) if spot.entry.path), None)
        if names[0] != names[1] and in_file and names not in found and first.collides(second):
            reason = f"{names[0]} and {names[1]} could write the same file name into {first.folder}."
            hint = "Put {integration} into the names, or give one of them another folder."
            found[names] = in_file.finding("file_name", reason, hint)
    return list(found.values())


def _mixed_folders(first: list[Spot], second: list[Spot], why: str) -> list[Finding]:
    found: dict[tuple[str, str], Finding] = {}
    for out in first:
        for back in second:
            shown = out if out.entry.path else back
            place = (shown.entry.name, shown.key)
            if shown.entry.path and place not in found and out.is_at(back):
                other = back if shown is out else out
                reason = f"{shown.folder} is also {other.key} of {other.entry.name}: {why}."
                found[place] = shown.entry.finding(shown.key, reason, "Use folders of their own.", CONFLICT)
    return list(found.values())
