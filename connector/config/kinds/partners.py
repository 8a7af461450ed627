"""Partners: server, folders, EDI ids, what they answer, and test or production mode."""

from collections.abc import Iterable
from typing import Any

from connector.config.entries import Entry, World
from connector.config.kinds.edi_ids import check_edifact, check_x12, edifact_block, x12_block
from connector.config.kinds.kind import Kind, Writing, store
from connector.config.shape import Key, Place, Reader, block, choice, flag, given, name, text, whole
from connector.cron import check_cron
from connector.due_times import USUAL_PICK_UP, next_pickup
from connector.naming import FOLDER_FIELDS, check_folder, normal_folder
from core.errors import Finding
from core.models import Mode, Partner, Tenant

_FOLDER = Key(text(longest=500))
_FOLDERS = {
    "send_to": _FOLDER,
    "send_acks_to": _FOLDER,
    "pick_up_from": _FOLDER,
    "processed": _FOLDER,
    "error": _FOLDER,
}
_ANSWERS = ("997", "999", "TA1", "CONTRL", "none")
_LONGEST_HOURS = 24 * 365


def _hours(value: Any, place: Place) -> Any:
    """Read hours by document: {"810": 24}."""
    if not isinstance(value, dict):
        return place.refuse("This is documents with hours.", 'Write them as in {"810": 24}.')
    read = whole(low=1, high=_LONGEST_HOURS)
    return given({kind: read(hours, place.at(kind)) for kind, hours in value.items()})


def _present(reader: Reader) -> Reader:
    """Read a block and keep only what was written in it."""

    def read(value: Any, place: Place) -> Any:
        return given(reader(value, place))

    return read


_ACKS = _present(
    block(
        {
            "want": Key(choice(*_ANSWERS)),
            "overdue_hours": Key(_hours),
            "pick_up": Key(text(longest=100)),
            "when": Key(choice("requested", "faults", "always", "never")),
            "write": Key(choice("997", "999")),
            "lists": Key(choice("all", "errors_only")),
            "lenient": Key(flag),
            "unknown": Key(choice("accept", "reject")),
            "picked_up": Key(choice("move", "leave", "delete")),
            "group_numbers": Key(choice("unique", "restart")),
        }
    )
)
_SIDES = {
    "folders": Key(_present(block(_FOLDERS)), default={}),
    "x12": Key(x12_block, default={}),
    "edifact": Key(edifact_block, default={}),
}
_KEYS = {
    "name": Key(name(), required=True),
    "server": Key(name(), required=True),
    **_SIDES,
    "acks": Key(_ACKS, default={}),
    "mode": Key(choice(*Mode.values), default=Mode.PRODUCTION.value),
    "test": Key(_present(block({"server": Key(name()), **_SIDES})), default={}),
}


def _stored(tenant: Tenant) -> Iterable[tuple[Entry, Any]]:
    rows = Partner.objects.filter(tenant=tenant).select_related("server", "test_server", "tenant")
    for row in rows.order_by("name"):
        plain = {
            "server": row.server.name,
            "folders": row.folders,
            "x12": row.x12,
            "edifact": row.edifact,
            "acks": row.acks,
            "mode": str(row.mode),
            "test": {**row.test, **({"server": row.test_server.name} if row.test_server else {})},
        }
        yield Entry("partner", tenant.slug, row.name, plain), row


def _check(entry: Entry, world: World) -> list[Finding]:
    plain = entry.plain
    plain["test"] = {key: value for key, value in plain["test"].items() if value not in ({}, None)}
    if plain["folders"].get("pick_up_from"):
        plain["acks"].setdefault("pick_up", USUAL_PICK_UP)
    findings = []
    for key, server in (("server", plain["server"]), ("test.server", plain["test"].get("server"))):
        if server and world.find("server", entry.tenant, server) is None:
            findings.append(world.unknown(entry, key, "server", server))
    if cron := plain["acks"].get("pick_up"):
        findings += check_cron(cron, path=f"{entry.path}.acks.pick_up")
    findings += _check_side(entry, plain, f"{entry.path}.")
    return findings + _check_side(entry, plain["test"], f"{entry.path}.test.")


def _check_side(entry: Entry, side: dict[str, Any], path: str) -> list[Finding]:
    """Check folders and ids of production, or of the test block, which stands over production's."""
    findings = []
    folders = side.get("folders", {})
    for key, folder in folders.items():
        fields = FOLDER_FIELDS if key == "send_to" else ()
        findings += check_folder(folder, path=f"{path}folders.{key}", fields=fields)
        folders[key] = normal_folder(folder)
    if side.get("x12"):
        findings += check_x12({**entry.plain["x12"], **side["x12"]}, path=f"{path}x12")
    if side.get("edifact"):
        findings += check_edifact({**entry.plain["edifact"], **side["edifact"]}, path=f"{path}edifact")
    return findings


def _write(row: Partner | None, entry: Entry, writing: Writing) -> Partner:
    plain = entry.plain
    partner = row or Partner(tenant=writing.tenant, name=entry.name)
    test = dict(plain["test"])
    test_server = test.pop("server", None)
    columns = {
        **{key: plain[key] for key in ("folders", "x12", "edifact", "acks", "mode")},
        "server": writing.row("server", plain["server"]),
        "test": test,
        "test_server": writing.row("server", test_server) if test_server else None,
    }
    partner.folders, partner.acks = plain["folders"], plain["acks"]
    if row is None or writing.changed & {"folders", "acks"}:
        columns["next_pickup_at"] = next_pickup(partner, now=writing.now)
    store(partner, columns, is_new=row is None)
    return partner


def _shown(entry: Entry) -> dict[str, Any]:
    return {"name": entry.name, **{key: value for key, value in entry.plain.items() if value != {}}}


PARTNER = Kind("partner", block(_KEYS), _stored, _check, _write, _shown)
