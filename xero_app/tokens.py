"""Access tokens: one refresh for any number of workers, new tokens stored before they are used.

The grant is leased, nothing is locked while Xero is called, and only the holder of the fence stores. An answer
lost on the way does no harm: the old refresh token stays stored, and Xero takes it for 30 minutes more.
"""

import time
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from core import leases
from core.leases import Lease
from core.models import Grant, GrantAuth, GrantState
from core.secret import Secret
from xero_app import grants, oauth
from xero_app.errors import XeroReconnectNeeded, XeroTokenExpired
from xero_app.oauth import TokenSet

RENEW_BEFORE = timedelta(seconds=120)
"""A token with less time left is renewed."""
GRACE = timedelta(minutes=30)
"""How long Xero takes the previous refresh token after a rotation (Xero's page "OAuth 2.0 FAQ")."""
LEASE_SECONDS = 60.0
WAIT_SECONDS = 45.0
_POLL_SECONDS = 0.1


def access_token(grant_id: UUID, *, rejected: Secret | None = None) -> Secret:
    """Give an access token that is good for two minutes at least, renewing it when needed.

    `rejected` is a token that Xero called expired before its time. Not to be called inside a transaction.
    Raises `XeroReconnectNeeded`, `XeroAppRefused`, `XeroScopeMissing`, `XeroDown`, `XeroTokenExpired` (busy).
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        token = _stored(_read(grant_id), rejected) or _renew(grant_id, rejected)
        if token is not None:
            return token
        if time.monotonic() > deadline:
            raise XeroTokenExpired("Another worker is still renewing our access to Xero.", retry_after=10)
        time.sleep(_POLL_SECONDS)


def _read(grant_id: UUID) -> Grant:
    return Grant.objects.annotate(db_now=Now()).get(pk=grant_id)


def _stored(grant: Grant, rejected: Secret | None) -> Secret | None:
    if grant.state in grants.GONE:
        raise _refused(grant)
    if grant.access_expires_at is None or grant.refreshed_at is None:
        return None
    margin = min(RENEW_BEFORE, (grant.access_expires_at - grant.refreshed_at) / 4)
    if grant.access_expires_at - grant.db_now < margin:  # type: ignore[attr-defined]
        return None
    token = grant.unseal("access_token")
    return None if rejected is not None and token == rejected else token


def _refused(grant: Grant) -> XeroReconnectNeeded:
    return XeroReconnectNeeded(f"Xero no longer accepts our sign-in for {grant.name}. Nothing is lost.")


def _renew(grant_id: UUID, rejected: Secret | None) -> Secret | None:
    with transaction.atomic(durable=True):
        lease = leases.claim(Grant, grant_id, seconds=LEASE_SECONDS)
    if lease is None:
        return None
    try:
        grant = _read(grant_id)
        return _stored(grant, rejected) or _renew_leased(grant, lease)
    finally:
        lease.release()


def _renew_leased(grant: Grant, lease: Lease) -> Secret | None:
    try:
        used, tokens = _ask(grant)
    except XeroReconnectNeeded as error:
        if grant.refresh_token is None:
            raise
        if not grants.mark_reconnect(grant, lease=lease):
            return None
        raise _refused(grant) from error
    return tokens.access_token if grants.store_renewed(grant, tokens, used=used, lease=lease) else None


def _ask(grant: Grant) -> tuple[Secret | None, TokenSet]:
    app = grants.credentials(grant)
    if grant.auth == GrantAuth.CUSTOM_CONNECTION:
        return None, oauth.client_credentials(app, scopes=settings.XERO_SCOPES)
    current = grant.unseal("refresh_token")
    if current is None:
        raise XeroReconnectNeeded(f"{grant.name} is not connected to Xero yet.")
    try:
        return current, oauth.refresh(app, refresh_token=current)
    except XeroReconnectNeeded:
        previous = _previous(grant)
        if previous is None:
            raise
        return previous, oauth.refresh(app, refresh_token=previous)


def _previous(grant: Grant) -> Secret | None:
    rotated_at = grant.refreshed_at
    if rotated_at is None or grant.db_now - rotated_at >= GRACE:  # type: ignore[attr-defined]
        return None
    return grant.unseal("previous_refresh_token")


def idle_grants(*, older_than: timedelta = timedelta(days=30)) -> list[UUID]:
    """List connected grants not renewed for so long; `access_token` keeps each alive past Xero's 60 days."""
    rows = Grant.objects.filter(state=GrantState.CONNECTED, refreshed_at__lt=Now() - older_than)
    return list(rows.exclude(auth=GrantAuth.CUSTOM_CONNECTION).values_list("pk", flat=True))
