"""Refusals of the token endpoint, told apart (RFC 6749 section 5.2)."""

from core.errors import ConnectorError
from xero_app.errors import XeroAppRefused, XeroDown, XeroRateLimited, XeroReconnectNeeded, XeroScopeMissing
from xero_app.refusals import details
from xero_app.wire import Answer

_SHOWN = 60


def token_refusal(answer: Answer) -> ConnectorError:
    """Make the error of a token call that did not answer 200."""
    why = details(answer.body).get("error", "")[:_SHOWN]
    if answer.status >= 500:
        return XeroDown(f"Xero's sign-in does not work at the moment (status {answer.status}).")
    if answer.status == 429:
        return XeroRateLimited("Xero asked us to slow down with signing in.", retry_after=60)
    if why == "invalid_grant":
        return XeroReconnectNeeded("Xero no longer accepts our sign-in. Nothing is lost.")
    if why == "invalid_scope":
        return XeroScopeMissing("Xero does not give this app the permissions (scopes) that are asked for.")
    if why in ("invalid_client", "unauthorized_client"):
        return XeroAppRefused(f"Xero does not accept the app's client id and secret ({why}).")
    return XeroAppRefused(f"Xero refused our sign-in (status {answer.status}{f', {why}' if why else ''}).")
