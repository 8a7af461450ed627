"""The control paths that are about the world and not about one object: figures, knobs, faults, time, webhooks."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from xero_app.simulator.documents import Doc
from xero_app.simulator.world import World

Act = Callable[[World, Doc], Any]


def _holdings(world: World, fields: Doc) -> Any:
    streams = [part for part in str(fields.get("streams", "")).split(",") if part]
    return world.holdings(organisation=fields["organisation"], streams=streams or None)


def _organisations(world: World, _fields: Doc) -> Any:
    return [
        {"tenant_id": books.tenant_id, "name": books.name, "country": books.country.code,
         "base_currency": books.base_currency, "counts": {name: len(rows) for name, rows in books.streams.items()}}
        for books in world.organisations
    ]  # fmt: skip


def _configure(world: World, fields: Doc) -> Any:
    world.configure(**_values(fields))
    return world.knobs()


def _add_fault(world: World, fields: Doc) -> Any:
    world.add_fault(**_values(fields))
    return world.faults.listed()


def _values(fields: Doc) -> Doc:
    """Settings are no money: decimals become ordinary numbers."""
    return {name: _number(value) for name, value in fields.items() if name != "organisation"}


def _number(value: Any) -> Any:
    if isinstance(value, list):
        return [_number(part) for part in value]
    return float(value) if isinstance(value, Decimal) else value


def _clear_faults(world: World, _fields: Doc) -> Any:
    world.faults.clear()
    return []


def _clock(world: World, fields: Doc) -> Any:
    if "seconds" in fields:
        world.advance(seconds=float(fields["seconds"]))
    return {"now": world.clock.now().isoformat()}


def _grant(world: World, fields: Doc) -> Any:
    return world.grant(
        **{name: str(fields[name]) for name in ("client_id", "scopes") if name in fields},
        organisations=fields.get("organisations"),
    )


def _connections(world: World, _fields: Doc) -> Any:
    return [
        {"id": one.id, "client_id": one.client_id, "tenant_id": one.tenant_id, "tenant_name": one.tenant_name}
        for one in world.desk.connections
    ]


def _disconnect(world: World, fields: Doc) -> Any:
    world.disconnect(organisation=fields["organisation"])
    return _connections(world, fields)


def _connect(world: World, fields: Doc) -> Any:
    world.connect_again()
    return _connections(world, fields)


def _offline(world: World, fields: Doc) -> Any:
    books = world.books(fields["organisation"])
    books.offline = str(fields.get("offline", True)).lower() == "true"
    return {"offline": books.offline}


def _reset_stats(world: World, _fields: Doc) -> Any:
    world.counters.reset()
    return world.stats


def _use_up(world: World, fields: Doc) -> Any:
    world.use_up_limit(
        limit=str(fields.get("limit", "minute")), client_id=str(fields.get("client_id", "")),
        organisation=fields["organisation"],
    )  # fmt: skip
    return world.stats


def _subscriptions(world: World, _fields: Doc) -> Any:
    return [one.shown() for one in world.webhooks.subscriptions]


def _subscribe(world: World, fields: Doc) -> Any:
    wanted = fields.get("categories") or ()
    categories = tuple(wanted.split(",")) if isinstance(wanted, str) else tuple(wanted)
    subscription = world.subscribe_webhooks(
        url=str(fields.get("url", "")), key=str(fields.get("key", "")), client_id=str(fields.get("client_id", "")),
        categories=categories,
    )  # fmt: skip
    return subscription.shown()


def _enable(world: World, fields: Doc) -> Any:
    wanted = fields.get("client_id") or world.config.apps[0].client_id
    for subscription in world.webhooks.subscriptions:
        if subscription.client_id == wanted:
            world.webhooks.enable(subscription)
            return subscription.shown()
    msg = f"The app {wanted} has no webhook."
    raise LookupError(msg)


def _event(world: World, fields: Doc) -> Any:
    sent = world.send_event(
        str(fields.get("stream", "invoices")), str(fields.get("id", "")), kind=str(fields.get("kind", "UPDATE")),
        organisation=fields["organisation"],
    )  # fmt: skip
    return {"accepted": sent}


CONTROLS: dict[tuple[str, str], Act] = {
    ("GET", "holdings"): _holdings,
    ("GET", "stats"): lambda world, _fields: world.stats,
    ("GET", "violations"): lambda world, _fields: world.violations,
    ("GET", "organisations"): _organisations,
    ("GET", "config"): lambda world, _fields: world.knobs(),
    ("POST", "config"): _configure,
    ("GET", "faults"): lambda world, _fields: world.faults.listed(),
    ("POST", "faults"): _add_fault,
    ("DELETE", "faults"): _clear_faults,
    ("GET", "clock"): _clock,
    ("POST", "clock"): _clock,
    ("GET", "connections"): _connections,
    ("POST", "grants"): _grant,
    ("POST", "disconnect"): _disconnect,
    ("POST", "connect"): _connect,
    ("POST", "offline"): _offline,
    ("POST", "reset-stats"): _reset_stats,
    ("POST", "use-up"): _use_up,
    ("GET", "webhooks"): _subscriptions,
    ("POST", "webhooks/subscribe"): _subscribe,
    ("POST", "webhooks/enable"): _enable,
    ("POST", "webhooks/send"): lambda world, _fields: {"accepted": world.send_webhooks()},
    ("POST", "webhooks/event"): _event,
}
"""Method and path below /_sim/ → what it does. Each gets the fields with `organisation` always set."""
