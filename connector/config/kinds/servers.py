"""SFTP servers: address, credentials, and the host keys that the file vouches for."""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any

from connector.config.entries import Entry, World
from connector.config.kinds.delivery import SERVER_OPTIONS, check_publishing
from connector.config.kinds.host_keys import approve_texts, entry_text, fingerprint_of, read_pins, stored_pins, together
from connector.config.kinds.kind import Kind, Writing, opened, placeholder, store
from connector.config.shape import (
    MISSING_KEY,
    Key,
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
from connector.naming import check_folder, normal_folder
from connector.targets import allowed_nets
from core.errors import ConnectorError, Finding, Invalid
from core.models import Publish, Server, Tenant
from core.secret import Secret
from core.servers import release
from sftp_app.address import check_address, read_endpoint
from sftp_app.keys import public_line

SECRETS = ("password", "private_key", "passphrase")
_KEYS = {
    "name": Key(name(), required=True),
    "host": Key(referable(text(longest=255)), required=True),
    "port": Key(referable(whole(low=1, high=65535), number=True)),
    "username": Key(referable(text(longest=100))),
    "password": Key(secret),
    "private_key": Key(secret),
    "passphrase": Key(secret),
    "host_keys": Key(many(referable(entry_text), most=20)),
    "publish": Key(choice(*Publish.values), default=Publish.RENAME.value),
    "staging_folder": Key(text(longest=500), default=""),
    "options": Key(block(SERVER_OPTIONS), default={}),
}


def _stored(tenant: Tenant) -> Iterable[tuple[Entry, Any]]:
    for row in Server.objects.filter(tenant=tenant).order_by("name"):
        plain = {
            "host": row.host,
            "port": row.port,
            "username": row.username,
            **{field: opened(row, field) for field in SECRETS},
            "host_keys": stored_pins(row),
            "publish": str(row.publish),
            "staging_folder": row.staging_folder,
            "options": {key: row.options[key] for key in SERVER_OPTIONS if key in row.options},
        }
        yield Entry("server", tenant.slug, row.name, plain), row


def _check(entry: Entry, world: World) -> list[Finding]:
    plain = entry.plain
    plain["options"] = given(plain["options"])
    before = world.before(entry)
    findings = _check_address(entry)
    findings += _check_host_keys(entry, before, prune=world.prune)
    if not any(plain[field] for field in SECRETS) and before is not None:
        plain |= {field: before.plain[field] for field in SECRETS}
    else:
        findings += _check_credentials(entry)
    return findings + _check_staging(entry) + check_publishing(entry)


def _check_address(entry: Entry) -> list[Finding]:
    """Bring a pasted address into its one form; an address that is never connected to is refused now."""
    plain = entry.plain
    if not plain["host"]:
        return []
    key = "host"
    try:
        _check_network(read_endpoint(plain["host"]).host)
        key = "port"
        endpoint = read_endpoint(plain["host"], port=plain["port"])
    except ConnectorError as refused:
        return [entry.finding(key, refused.sentence, refused.next_step, refused.code)]
    plain["host"], plain["port"] = endpoint.host, endpoint.port
    plain["username"] = plain["username"] or endpoint.username
    if not plain["username"]:
        return [entry.finding("username", "This key is missing.", code=MISSING_KEY)]
    return []


def _check_network(host: str) -> None:
    try:
        address = ip_address(host)
    except ValueError:
        return  # a name is looked up when a session opens, and its addresses are checked then
    check_address(address, allowed_nets=allowed_nets())


def _check_host_keys(entry: Entry, before: Entry | None, *, prune: bool) -> list[Finding]:
    plain = entry.plain
    stored = before.plain["host_keys"] if before else []
    if plain["host_keys"] is None:
        plain["host_keys"] = stored
        findings: list[Finding] = []
    else:
        pins, findings = read_pins(
            plain["host_keys"], host=plain["host"] or "", port=plain["port"] or 22, path=f"{entry.path}.host_keys"
        )
        plain["host_keys"] = _kept(pins, stored, prune=prune)
    if plain["host_keys"] or findings:
        return findings
    hint = "Ask the partner for the server's host key, or see it with `manage.py hostkey fetch HOST`."
    return [entry.finding("host_keys", "At least one host key is needed.", hint, MISSING_KEY)]


def _kept(pins: list[str], stored: list[str], *, prune: bool) -> list[str]:
    known = together(pins, stored)
    if not prune:
        return known
    prints = {fingerprint_of(text) for text in pins}
    return [text for text in known if fingerprint_of(text) in prints]


def _check_credentials(entry: Entry) -> list[Finding]:
    password, key, passphrase = (entry.plain[field] for field in SECRETS)
    if password is None and key is None:
        hint = "Write private_key or password, as {env: NAME} or {file: PATH}."
        return [entry.finding("private_key", "The server has no key and no password.", hint, MISSING_KEY)]
    if key is None:
        reason = "There is no private key for this passphrase."
        return [entry.finding("passphrase", reason, "Remove it.")] if passphrase else []
    try:
        public_line(key, passphrase=passphrase)
    except Invalid as refused:
        return [entry.finding(item.path, item.reason, item.hint, item.code) for item in refused.findings]
    return []


def _check_staging(entry: Entry) -> list[Finding]:
    folder, publish = entry.plain["staging_folder"], entry.plain["publish"]
    if publish != Publish.STAGING:
        return [entry.finding("staging_folder", "Only `publish: staging` has one.")] if folder else []
    if not folder:
        return [
            entry.finding(
                "staging_folder",
                "This key is missing.",
                "Name a folder on the same disk as the partner's.",
                MISSING_KEY,
            )
        ]
    entry.plain["staging_folder"] = normal_folder(folder)
    return check_folder(folder, path=f"{entry.path}.staging_folder", fields=())


def _write(row: Server | None, entry: Entry, writing: Writing) -> Server:
    plain = entry.plain
    server = row or Server(tenant=writing.tenant, name=entry.name)
    columns = {key: plain[key] for key in ("host", "port", "username", "publish", "staging_folder")}
    others = {key: value for key, value in server.options.items() if key not in SERVER_OPTIONS}
    columns["options"] = others | plain["options"]
    for field in SECRETS:
        if row is None or field in writing.changed:
            server.seal(field, plain[field])
            columns[field] = getattr(server, field)
    if isinstance(plain["private_key"], Secret) and (row is None or "private_key" in writing.changed):
        comment = f"{writing.tenant.slug}-{entry.name}"
        columns["public_key"] = public_line(plain["private_key"], passphrase=plain["passphrase"], comment=comment)
    store(server, columns, is_new=row is None)
    if row is None or "host_keys" in writing.changed:
        approve_texts(server, plain["host_keys"], writing)
    if row is not None:
        release(server, actor=writing.author.name, now=writing.now)
    return server


def _shown(entry: Entry) -> dict[str, Any]:
    plain = dict(entry.plain)
    for field in SECRETS:
        if plain[field] is not None:
            plain[field] = placeholder(entry.tenant, entry.name, field)
    usual = {"publish": Publish.RENAME, "staging_folder": "", "options": {}}
    return {"name": entry.name, **{key: value for key, value in given(plain).items() if usual.get(key) != value}}


SERVER = Kind("server", block(_KEYS), _stored, _check, _write, _shown)
