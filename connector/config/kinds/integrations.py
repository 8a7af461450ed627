"""Integrations: how they are read, compared and stored. What they must fulfil is in `integration_checks`."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Max, QuerySet, Sum

from connector.config.entries import Entry
from connector.config.kinds.delivery import delivery_block
from connector.config.kinds.integration_checks import check_integration
from connector.config.kinds.kind import Kind, Writing, store
from connector.config.kinds.where import where_block
from connector.config.shape import Key, Place, block, choice, day, flag, given, many, name, text, whole
from connector.due_times import next_due
from connector.steps.fan_out import open_integration
from core.documents import Stream
from core.models import (
    BadRecord,
    Export,
    Integration,
    OnChange,
    OnVoid,
    OnWebhook,
    Opening,
    Tenant,
    WhenEmpty,
)
from core.states import ExportState

OPENS = frozenset({"enabled", "where", "streams", "start", "xero"})
"""The keys whose change may let in documents that are stored already; letting in twice makes nothing new."""

_TAKEN_UP = {ExportState.PENDING: "taken up", ExportState.SKIPPED: "marked as already there"}
_BATCHES = ("run", "record")
_BATCH_SIZE = whole(low=1, high=1_000_000)
_START = block({"from": Key(day, required=True), "opening": Key(choice(*Opening.values), default="none")})
_SCHEDULE = block({"cron": Key(text(longest=100), required=True), "time_zone": Key(text(longest=64))})


def _batch(value: Any, place: Place) -> Any:
    """Read `run`, `record` or a number of records."""
    if isinstance(value, int):
        size = _BATCH_SIZE(value, place)
        return None if size is None else str(size)
    return value if value in _BATCHES else place.refuse("This is run, record, or a number of records.")


def _mapping(value: Any, place: Place) -> Any:
    """Read a mapping's name, or `name@3` for a pinned version."""
    if not isinstance(value, str):
        return place.refuse("This is the name of a mapping.")
    base, at, number = value.partition("@")
    if at and not (number.isascii() and number.isdigit() and 0 < len(number) < 6):
        return place.refuse("Behind @ stands a version's number.", "Write it as in acme-810@3.")
    known = name()(base, place)
    return None if known is None else (known, int(number) if at else None)


def _schedule(value: Any, place: Place) -> Any:
    return given(_SCHEDULE(value, place))


_KEYS = {
    "name": Key(name(), required=True),
    "xero": Key(name(), required=True),
    "streams": Key(many(choice(*Stream), at_least=1, most=len(Stream)), required=True),
    "where": Key(where_block, default={}),
    "partner": Key(name(), required=True),
    "mapping": Key(_mapping, required=True),
    "start": Key(_START, required=True),
    "folder": Key(text(longest=500), default=""),
    "file_name": Key(text(longest=200), required=True),
    "batch": Key(_batch, default="run"),
    "on_webhook": Key(choice(*OnWebhook.values), default=OnWebhook.COLLECT.value),
    "on_change": Key(choice(*OnChange.values)),
    "on_void": Key(choice(*OnVoid.values)),
    "bad_record": Key(choice(*BadRecord.values), default=BadRecord.SKIP.value),
    "when_empty": Key(choice(*WhenEmpty.values), default=WhenEmpty.NOTHING.value),
    "after": Key(many(name(), most=100), default=[]),
    "delivery": Key(delivery_block, default={}),
    "schedule": Key(_schedule, default={}),
    "confirm_all_contacts": Key(flag, default=False),
    "enabled": Key(flag, default=True),
}
_block = block(_KEYS)
_SAME_COLUMNS = (
    "where",
    "folder",
    "file_name",
    "batch",
    "on_webhook",
    "on_change",
    "on_void",
    "bad_record",
    "when_empty",
)


def _read(value: Any, place: Place) -> Any:
    plain = _block(value, place)
    if plain is None:
        return None
    plain["mapping"], plain["version"] = plain["mapping"] or (None, None)
    plain["streams"] = list(dict.fromkeys(plain["streams"] or ()))
    plain["after"] = sorted(set(plain["after"] or ()))
    return plain


def _stored(tenant: Tenant) -> Iterable[tuple[Entry, Any]]:
    rows = Integration.objects.filter(tenant=tenant).order_by("name").prefetch_related("after")
    for row in rows.select_related("organisation", "partner", "mapping", "pinned_version", "tenant"):
        yield Entry("integration", tenant.slug, row.name, _plain_of(row)), row


def _plain_of(row: Integration) -> dict[str, Any]:
    return {
        "xero": row.organisation.name,
        "partner": row.partner.name,
        "mapping": row.mapping.name,
        "version": row.pinned_version.number if row.pinned_version else None,
        "streams": row.streams,
        "start": {"from": row.start_on, "opening": str(row.opening)},
        "after": sorted(other.name for other in row.after.all()),
        "schedule": {key: value for key, value in (("cron", row.cron), ("time_zone", row.time_zone)) if value},
        "delivery": row.options.get("delivery", {}),
        "confirm_all_contacts": bool(row.options.get("confirm_all_contacts")),
        "enabled": row.is_enabled,
        **{key: str(value) if isinstance(value, str) else value for key, value in _same_columns(row).items()},
    }


def _same_columns(row: Integration) -> dict[str, Any]:
    return {key: getattr(row, key) for key in _SAME_COLUMNS}


def _write(row: Integration | None, entry: Entry, writing: Writing) -> Integration:
    plain = entry.plain
    integration = row or Integration(tenant=writing.tenant, name=entry.name)
    mapping = writing.row("mapping", plain["mapping"])
    pinned = mapping.versions.get(number=plain["version"]) if plain["version"] else None
    columns: dict[str, Any] = {
        **{key: plain[key] for key in _SAME_COLUMNS},
        "organisation": writing.row("xero", plain["xero"]),
        "partner": writing.row("partner", plain["partner"]),
        "mapping": mapping,
        "pinned_version": pinned,
        "streams": plain["streams"],
        "start_on": plain["start"]["from"],
        "opening": plain["start"]["opening"],
        "cron": plain["schedule"].get("cron", ""),
        "time_zone": plain["schedule"].get("time_zone", ""),
        "options": _options(integration, plain),
        "is_enabled": plain["enabled"],
    }
    if plain["enabled"] and integration.enabled_at is None:
        columns["enabled_at"] = writing.now
    integration.cron, integration.time_zone = columns["cron"], columns["time_zone"]
    if row is None or writing.changed & {"schedule", "enabled"}:
        columns["next_due_at"] = next_due(integration, now=writing.now)
    store(integration, columns, is_new=row is None)
    return integration


def _options(integration: Integration, plain: dict[str, Any]) -> dict[str, Any]:
    own = {"confirm_all_contacts": plain["confirm_all_contacts"], "delivery": plain["delivery"]}
    others = {key: value for key, value in integration.options.items() if key not in own}
    return others | {key: value for key, value in own.items() if value}


def _finish(integration: Integration, entry: Entry, writing: Writing) -> list[str]:
    """Set what it waits for, take up the stored documents that it newly lets in, and say how many and how much."""
    integration.after.set([writing.row("integration", other) for other in entry.plain["after"]])
    is_new = not writing.changed
    lets_in_more = is_new or bool(writing.changed & OPENS)
    if integration.enabled_at is None or not lets_in_more:
        return []
    last = integration.exports.aggregate(last=Max("pk"))["last"] or 0
    open_integration(integration, now=writing.now)
    taken_up = integration.exports.filter(pk__gt=last)
    return [words for state, verb in _TAKEN_UP.items() if (words := _counted(verb, taken_up.filter(state=state)))]


def _counted(verb: str, exports: "QuerySet[Export]") -> str:
    """Say how many documents these are and what they add up to, currency by currency."""
    groups = exports.values("record__currency").annotate(count=Count("pk"), total=Sum("record__total"))
    rows = list(groups.order_by("record__currency"))
    if not rows:
        return ""
    sums = ", ".join(f"{row['total'] or 0:,.2f} {row['record__currency']}".strip() for row in rows)
    return f"stored documents {verb}: {sum(row['count'] for row in rows)} ({sums})"


def _shown(entry: Entry) -> dict[str, Any]:
    plain = dict(entry.plain)
    if version := plain.pop("version"):
        plain["mapping"] = f"{plain['mapping']}@{version}"
    plain["batch"] = int(plain["batch"]) if plain["batch"].isdigit() else plain["batch"]
    usual = {key: item.default for key, item in _KEYS.items() if not item.required and item.default in ({}, [], "")}
    usual["confirm_all_contacts"] = False
    kept = {key: value for key, value in plain.items() if key not in usual or value != usual[key]}
    return {"name": entry.name, **{key: kept[key] for key in _KEYS if key in kept}}


INTEGRATION = Kind("integration", _read, _stored, check_integration, _write, _shown, finish=_finish)
