"""Xero connections: a grant with its credentials, and the organisation that it reaches."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F

from connector.config.entries import Entry, World
from connector.config.kinds.kind import Kind, Unreadable, Writing, opened, placeholder, store
from connector.config.shape import (
    MISSING_KEY,
    Key,
    Place,
    block,
    choice,
    given,
    many,
    name,
    referable,
    secret,
    text,
    whole,
)
from connector.cron import check_cron
from connector.due_times import next_poll
from core.errors import Finding
from core.models import Grant, GrantAuth, GrantState, Organisation, Tenant
from core.secret import Secret

SECRETS = ("client_secret", "refresh_token", "webhook_keys")
_POLL = "*/15 * * * *"
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_ID = text(longest=36, shape=_UUID, hint="Write the organisation's xero-tenant-id, a UUID.")
_AUTH = choice(*GrantAuth.values)


def _auth(value: Any, place: Place) -> Any:
    """Read how tokens are got; `auth: {refresh_token: {env: …}}` names the token at once."""
    if isinstance(value, dict) and list(value) == [GrantAuth.REFRESH_TOKEN]:
        token = secret(value[GrantAuth.REFRESH_TOKEN], place.at(GrantAuth.REFRESH_TOKEN))
        return token and (GrantAuth.REFRESH_TOKEN.value, token)
    return _AUTH(value, place)


def _webhook_keys(value: Any, place: Place) -> Any:
    keys = many(secret, most=5)(value, place)
    return None if keys is None else Secret("\n".join(key.reveal() for key in keys))


_KEYS = {
    "name": Key(name(), required=True),
    "auth": Key(_auth),
    "client_id": Key(referable(text())),
    "client_secret": Key(secret),
    "refresh_token": Key(secret),
    "webhook_keys": Key(_webhook_keys),
    "poll": Key(text(longest=100), default=_POLL),
    "xero_tenant_id": Key(referable(_ID)),
    "day_limit": Key(whole(low=1, high=1_000_000)),
}


def _read(value: Any, place: Place) -> Any:
    plain = block(_KEYS)(value, place)
    if plain is None:
        return None
    if isinstance(plain["auth"], tuple):
        plain["auth"], plain["refresh_token"] = plain["auth"]
    if plain["auth"] is None and isinstance(value, dict) and value.get("auth") is None:
        plain["auth"] = GrantAuth.REFRESH_TOKEN.value if "refresh_token" in value else None
        if plain["auth"] is None:
            hint = f"Write one of {', '.join(GrantAuth.values)}."
            place.at("auth").refuse("This key is missing.", hint, MISSING_KEY)
    return plain


def _stored(tenant: Tenant) -> Iterable[tuple[Entry, Any]]:
    for row in Organisation.objects.filter(tenant=tenant).select_related("grant").order_by("name"):
        plain = {
            "auth": str(row.grant.auth),
            "client_id": row.grant.client_id or None,
            **{field: opened(row.grant, field) for field in SECRETS},
            "poll": row.poll,
            "xero_tenant_id": row.xero_tenant_id or None,
            "day_limit": row.day_limit,
            "is_dead": row.grant.state == GrantState.NEEDS_RECONNECT,
        }
        yield Entry("xero", tenant.slug, row.name, plain), row


def _check(entry: Entry, world: World) -> list[Finding]:
    _keep_stored(entry, world)
    findings = check_cron(entry.plain["poll"], path=f"{entry.path}.poll") if entry.plain["poll"] else []
    return (
        findings
        + [entry.finding(key, reason, hint, MISSING_KEY) for key, reason, hint in _missing(entry.plain)]
        + _check_owner(entry)
    )


def _keep_stored(entry: Entry, world: World) -> None:
    """Keep secrets that the file leaves out, and a refresh token that was renewed since it was first given."""
    before = world.before(entry)
    entry.plain["is_dead"] = bool(before and before.plain["is_dead"])
    if before is None:
        return
    for key in SECRETS:
        if entry.plain[key] is None:
            entry.plain[key] = before.plain[key]
    same_app = all(entry.plain[key] == before.plain[key] for key in ("auth", "client_id"))
    if same_app and isinstance(before.plain["refresh_token"], Secret) and not before.plain["is_dead"]:
        entry.plain["refresh_token"] = before.plain["refresh_token"]
    if entry.plain["xero_tenant_id"] is None:
        entry.plain["xero_tenant_id"] = before.plain["xero_tenant_id"]


def _missing(plain: dict[str, Any]) -> Iterable[tuple[str, str, str]]:
    auth = plain["auth"]
    needs_app = auth == GrantAuth.CUSTOM_CONNECTION
    for key in ("client_id", "client_secret"):
        other = "client_secret" if key == "client_id" else "client_id"
        if plain[key] is None and (needs_app or plain[other] is not None):
            yield key, "This key is missing.", "A Xero app has both a client_id and a client_secret."
    if auth == GrantAuth.REFRESH_TOKEN and plain["refresh_token"] is None:
        yield "refresh_token", "This key is missing.", "Write {env: NAME} or {file: PATH}."


def _check_owner(entry: Entry) -> list[Finding]:
    wanted = entry.plain["xero_tenant_id"]
    others = Organisation.objects.filter(xero_tenant_id=wanted or "-")
    if not wanted or not others.exclude(tenant__slug=entry.tenant, name=entry.name).exists():
        return []
    return [entry.finding("xero_tenant_id", "Another connection already reads this organisation.")]


def _write(row: Organisation | None, entry: Entry, writing: Writing) -> Organisation:
    plain = entry.plain
    grant = _write_grant(row.grant if row else None, entry, writing)
    organisation = row or Organisation(tenant=writing.tenant, grant=grant, name=entry.name)
    organisation.poll = plain["poll"]
    columns: dict[str, Any] = {
        "poll": plain["poll"],
        "xero_tenant_id": plain["xero_tenant_id"] or "",
        "day_limit": plain["day_limit"],
    }
    if row is None or "poll" in writing.changed:
        columns["next_poll_at"] = next_poll(organisation, now=writing.now)
    store(organisation, columns, is_new=row is None)
    return organisation


def _write_grant(row: Grant | None, entry: Entry, writing: Writing) -> Grant:
    plain = entry.plain
    grant = row or Grant(tenant=writing.tenant, name=entry.name)
    columns: dict[str, Any] = {"auth": plain["auth"], "client_id": plain["client_id"] or ""}
    for field in SECRETS:
        if row is None or field in writing.changed:
            grant.seal(field, plain[field])
            columns[field] = getattr(grant, field)
    signs_in_anew = writing.changed & {"auth", "client_id", "client_secret", "refresh_token"}
    if row is not None and signs_in_anew:
        columns["state"] = GrantState.NEW
        columns |= dict.fromkeys(("access_token", "previous_refresh_token"))
    store(grant, columns, is_new=row is None)
    if row is not None and signs_in_anew:
        # A refresh that is under way with the old credentials must not store what it gets.
        Grant.objects.filter(pk=grant.pk).update(fence=F("fence") + 1, lease_until=None)
    return grant


def _remove(row: Organisation) -> None:
    row.delete()
    if not row.grant.organisations.exists():
        row.grant.delete()


def _shown(entry: Entry) -> dict[str, Any]:
    plain = {key: entry.plain[key] for key in _KEYS if key != "name"}
    for key in ("client_secret", "refresh_token"):
        if plain[key] is not None:
            plain[key] = placeholder(entry.tenant, entry.name, key)
    if (keys := plain["webhook_keys"]) is not None:
        count = 1 if isinstance(keys, Unreadable) else len(keys.reveal().splitlines())
        plain["webhook_keys"] = [
            placeholder(entry.tenant, entry.name, "webhook_key", str(index + 1)) for index in range(count)
        ]
    if plain["auth"] == GrantAuth.AUTHORIZATION_CODE:
        plain["refresh_token"] = None
    return {"name": entry.name, **given(plain)}


XERO = Kind("xero", _read, _stored, _check, _write, _shown, _remove)
