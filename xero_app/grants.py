"""What is stored of a grant: tokens sealed, every change under the fence and with its audit event."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from core import audit
from core.audit import EventDraft
from core.clock import database_now
from core.leases import Lease
from core.models import Grant, GrantState
from core.secret import Secret
from xero_app.errors import XeroAppRefused
from xero_app.oauth import AppCredentials, TokenSet

GONE = (GrantState.NEEDS_RECONNECT, GrantState.DISCONNECTED)
"""States in which Xero is not asked any more until a person has connected again."""


def credentials(grant: Grant) -> AppCredentials:
    """Give the app that a grant belongs to, its own or the installation's. Raises `XeroAppRefused` without one."""
    if grant.client_id:
        secret = grant.unseal("client_secret") or Secret("")
        app = AppCredentials(grant.client_id, secret)
    else:
        app = AppCredentials(settings.XERO_CLIENT_ID, Secret(settings.XERO_CLIENT_SECRET))
    if not app.client_id or not app.client_secret:
        raise XeroAppRefused(f"{grant.name} has no client id and client secret of a Xero app.")
    return app


def _tokens(grant: Grant, tokens: TokenSet, *, used: Secret | None) -> dict[str, Any]:
    grant.seal("access_token", tokens.access_token)
    changes = {
        "access_token": grant.access_token,
        "access_expires_at": Now() + timedelta(seconds=tokens.expires_in),
        "refreshed_at": Now(),
        "state": GrantState.CONNECTED,
    }
    if tokens.scopes:
        changes["scopes"] = " ".join(tokens.scopes)
    if tokens.refresh_token is not None:
        grant.seal("refresh_token", tokens.refresh_token)
        grant.seal("previous_refresh_token", used)
        changes["refresh_token"] = grant.refresh_token
        changes["previous_refresh_token"] = grant.previous_refresh_token
    return changes


def store_renewed(grant: Grant, tokens: TokenSet, *, used: Secret | None, lease: Lease) -> bool:
    """Store renewed tokens if the lease is still ours and nobody ended the grant; say whether it was done."""
    sealed = _tokens(grant, tokens, used=used)  # before the transaction: the key may be behind the network
    with transaction.atomic(durable=True):
        rows = lease.rows().exclude(state__in=GONE)
        stored = bool(rows.update(**sealed, lease_until=None))
        if stored and grant.state == GrantState.NEW:
            _record(grant, "grant.connected", GrantState.CONNECTED)
    return stored


def mark_reconnect(grant: Grant, *, lease: Lease) -> bool:
    """Note that Xero no longer accepts the grant, if the lease is still ours."""
    with transaction.atomic(durable=True):
        marked = bool(lease.rows().update(state=GrantState.NEEDS_RECONNECT, lease_until=None))
        if marked:
            _record(grant, "grant.needs_reconnect", GrantState.NEEDS_RECONNECT)
    return marked


def accept(grant: Grant, tokens: TokenSet, *, actor: str) -> None:
    """Store the tokens of a consent just given; a refresh still under way elsewhere loses its fence."""
    changes = _tokens(grant, tokens, used=None)
    with transaction.atomic():
        Grant.objects.filter(pk=grant.pk).update(**changes, fence=F("fence") + 1, lease_until=None)
        _record(grant, "grant.connected", GrantState.CONNECTED, actor=actor)


def forget(grant: Grant, *, actor: str) -> None:
    """Drop the tokens of a grant that a person has ended; a refresh still under way elsewhere loses its fence."""
    with transaction.atomic():
        Grant.objects.filter(pk=grant.pk).update(
            state=GrantState.DISCONNECTED,
            access_token=None,
            access_expires_at=None,
            refresh_token=None,
            previous_refresh_token=None,
            fence=F("fence") + 1,
            lease_until=None,
        )
        _record(grant, "grant.disconnected", GrantState.DISCONNECTED, actor=actor)


def _record(grant: Grant, name: str, state: str, *, actor: str = "") -> None:
    draft = EventDraft(tenant_id=grant.tenant_id, event=name, actor=actor, state=state, detail={"grant": grant.name})
    audit.append([draft], now=database_now())
