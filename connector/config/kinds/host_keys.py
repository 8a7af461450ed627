"""Host keys of a configured server: read in any usual form, compared by fingerprint, approved when applied."""

import base64
from collections.abc import Iterable, Sequence
from typing import Any

from connector.config.kinds.kind import Writing
from connector.config.shape import Place
from connector.host_keys import approve, reject
from core.errors import Finding, Invalid
from core.models import HostKeyState, Server
from sftp_app.hostkeys import read_host_keys
from sftp_app.target import HostKeyPin


def entry_text(value: Any, place: Place) -> Any:
    """Read one entry of `host_keys` as it was written; it may be several lines of a known_hosts file."""
    if isinstance(value, str) and len(value) <= 20_000:
        return value
    return place.refuse("This is a host key.", "Write a line of known_hosts, `ssh-ed25519 AAAA…`, or `SHA256:…`.")


def read_pins(texts: Sequence[str], *, host: str, port: int, path: str) -> tuple[list[str], list[Finding]]:
    """Read entries into their one form, and say which ones are no host key of this server."""
    pins: list[HostKeyPin] = []
    findings: list[Finding] = []
    for index, text in enumerate(texts):
        try:
            pins += read_host_keys(text, host=host, port=port)
        except Invalid as refused:
            findings += [Finding(f"{path}[{index}]", item.reason, item.hint, item.code) for item in refused.findings]
    return together([_shown(pin) for pin in pins], []), findings


def stored_pins(server: Server) -> list[str]:
    """Give the approved host keys of a server in their one form."""
    rows = server.host_keys.filter(state=HostKeyState.APPROVED)
    return sorted(f"{row.key_type} {row.key}" if row.key else row.fingerprint for row in rows)


def together(first: Iterable[str], second: Iterable[str]) -> list[str]:
    """Put keys together, each once; a whole key says more than its fingerprint."""
    by_print: dict[str, str] = {}
    for text in (*first, *second):
        known = by_print.get(fingerprint_of(text), "")
        by_print[fingerprint_of(text)] = max(known, text, key=len)
    return sorted(by_print.values())


def fingerprint_of(text: str) -> str:
    """Give the fingerprint of a key in its one form."""
    return read_host_keys(text)[0].fingerprint


def approve_texts(server: Server, texts: Iterable[str], writing: Writing) -> None:
    """Approve these keys of a server, and no others any more: what was approved and is not named is rejected."""
    author = writing.author
    pins = [pin for text in texts for pin in read_host_keys(text)]
    writing.events.extend(approve(server, pins, actor=author.name, by=author.account, now=writing.now))
    approved = server.host_keys.filter(state=HostKeyState.APPROVED)
    others = approved.exclude(fingerprint__in=[pin.fingerprint for pin in pins])
    writing.events.extend(reject(server, others.values_list("fingerprint", flat=True), actor=author.name))


def _shown(pin: HostKeyPin) -> str:
    return f"{pin.key_type} {base64.b64encode(pin.key).decode()}" if pin.key else pin.fingerprint
