"""Ending a grant: first at Xero, then here, so that a failure in between leaves something to try again."""

from core.models import Grant, GrantAuth, GrantState
from xero_app import grants, oauth
from xero_app.errors import XeroReconnectNeeded
from xero_app.tokens import access_token


def end_grant(grant: Grant, *, actor: str) -> None:
    """Disconnect the grant's organisations, revoke it and forget its tokens. Raises `XeroDown` with nothing lost.

    Revoking ends all connections of that person to the app, so it is left out while another grant of the same app
    is connected (Xero's page "Managing connections"). A custom connection is only forgotten: it is the app itself.
    """
    if grant.auth != GrantAuth.CUSTOM_CONNECTION and grant.state == GrantState.CONNECTED:
        _leave(grant)
    grants.forget(grant, actor=actor)


def _leave(grant: Grant) -> None:
    try:
        token = access_token(grant.pk)
    except XeroReconnectNeeded:
        return
    reached = {item.tenant_id: item.id for item in oauth.connections(token)}
    for tenant_id in grant.organisations.values_list("xero_tenant_id", flat=True):
        if tenant_id in reached:
            oauth.disconnect(token, connection_id=reached[tenant_id])
    others = Grant.objects.filter(client_id=grant.client_id, state=GrantState.CONNECTED).exclude(pk=grant.pk)
    refresh_token = Grant.objects.get(pk=grant.pk).unseal("refresh_token")
    if refresh_token is not None and not others.exists():
        oauth.revoke(grants.credentials(grant), refresh_token=refresh_token)
