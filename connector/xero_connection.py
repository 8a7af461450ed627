"""Connecting to Xero, choosing the organisation, disconnecting: what the sign-in pages do, without HTTP.

A web app signs in with the authorization code and its secret, and with a proof that whoever brings the code also asked
for it (PKCE, RFC 9700 section 2.1.1; XERO_PKCE).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from connector.steps.storing import OrganisationTaken
from core import audit, cursors, problems
from core.audit import EventDraft
from core.errors import ConnectorError, PermanentError
from core.models import Grant, GrantAuth, GrantState, Organisation, Record
from core.secret import Secret
from xero_app import grants, oauth
from xero_app.client import XeroClient
from xero_app.disconnect import end_grant
from xero_app.oauth import Connection
from xero_app.tokens import access_token

UNUSED_LIFE = timedelta(days=60)
"""A refresh token that is not used for so long is dead (Xero's page "OAuth 2.0 FAQ")."""


class NothingChosen(PermanentError):
    """The consent reaches no organisation that could be bound."""

    code = "XERO_NOTHING_CHOSEN"
    next_step = "Connect again and choose the organisation in Xero."


class OtherOrganisation(PermanentError):
    """The consent is for another organisation than the one this connection has read so far."""

    code = "XERO_OTHER_ORGANISATION"
    next_step = "Connect again and choose the same organisation, or add a connection for the other one."


@dataclass(frozen=True, slots=True)
class Consent:
    """What a consent brought: the organisation that is bound now, or those to choose from; what it lacks."""

    bound: str
    choices: tuple[Connection, ...]
    missing_scopes: tuple[str, ...]


def take_consent(
    organisation: Organisation, *, code: str, redirect_uri: str, verifier: str = "", actor: str, now: datetime
) -> Consent:
    """Trade the code for tokens, keep them, and bind the organisation when there is no choice to make.

    Raises `NothingChosen`, `OtherOrganisation`, `OrganisationTaken`, and the errors of `xero_app.oauth`; nothing is
    kept then."""
    grant = organisation.grant
    tokens = oauth.exchange_code(grants.credentials(grant), code=code, redirect_uri=redirect_uri, verifier=verifier)
    choices = _choices(organisation, tokens.access_token)
    grants.accept(grant, tokens, actor=actor)
    missing = tuple(oauth.missing_scopes(tokens.scopes, wanted=settings.XERO_SCOPES))
    if len(choices) > 1:
        return Consent("", choices, missing)
    bind(organisation, choices[0], actor=actor, now=now)
    return Consent(choices[0].tenant_name, (), missing)


def choices_for(organisation: Organisation) -> tuple[Connection, ...]:
    """List the organisations that a connected grant reaches and that this connection may read. Raises as
    `take_consent`."""
    return _choices(organisation, access_token(organisation.grant_id))


def choose(organisation: Organisation, xero_tenant_id: str, *, actor: str, now: datetime) -> str:
    """Bind the organisation that a person chose among those of the consent; give its name. Raises as
    `take_consent`."""
    for found in choices_for(organisation):
        if found.tenant_id == xero_tenant_id:
            bind(organisation, found, actor=actor, now=now)
            return found.tenant_name
    raise NothingChosen("That organisation is not among those that were connected.")


def _choices(organisation: Organisation, token: Secret) -> tuple[Connection, ...]:
    """What was chosen just now; Xero lists it under the consent's own id, or not when it was connected before."""
    event = str(oauth.claims(token).get("authentication_event_id", ""))
    just_now = oauth.connections(token, auth_event_id=event) if event else ()
    everything = oauth.connections(token)
    known = organisation.xero_tenant_id
    if known:
        same = tuple(item for item in everything if item.tenant_id == known)
        if same or Record.objects.filter(organisation=organisation).exists():
            return same or _refuse_other(organisation, just_now or everything)
    reached = [item for item in just_now or everything if item.tenant_type in ("", "ORGANISATION")]
    taken = Organisation.objects.filter(xero_tenant_id__in=[item.tenant_id for item in reached])
    ids = set(taken.exclude(pk=organisation.pk).values_list("xero_tenant_id", flat=True))
    free = tuple(item for item in reached if item.tenant_id not in ids)
    if not free:
        raise _nothing(is_taken=bool(ids))
    return free


def _refuse_other(organisation: Organisation, reached: tuple[Connection, ...]) -> tuple[Connection, ...]:
    names = ", ".join(item.tenant_name for item in reached) or "no organisation"
    raise OtherOrganisation(f"You connected {names}, but {organisation.name} reads {organisation}. Nothing changed.")


def _nothing(*, is_taken: bool) -> ConnectorError:
    if is_taken:
        return OrganisationTaken("The organisation that you chose is bound to another connection. Nothing changed.")
    return NothingChosen("No organisation was chosen in Xero. Nothing changed.")


def bind(organisation: Organisation, found: Connection, *, actor: str, now: datetime) -> None:
    """Let a connection read an organisation, from now on. Raises `OrganisationTaken` when another one reads it."""
    columns = {
        "xero_tenant_id": found.tenant_id,
        "connection_id": found.id,
        "legal_name": organisation.legal_name or found.tenant_name[:255],
        "next_poll_at": now,
    }
    try:
        with transaction.atomic():
            Organisation.objects.filter(pk=organisation.pk).update(**columns)
            detail = {"organisation": organisation.name, "xero_id": found.tenant_id}
            draft = EventDraft(organisation.tenant_id, "organisation.connected", actor=actor, detail=detail)
            audit.append([draft], now=now)
    except IntegrityError as error:
        raise _nothing(is_taken=True) from error
    _read_again(organisation.grant, actor=actor, now=now)


def _read_again(grant: Grant, *, actor: str, now: datetime) -> None:
    cursors.unblock(list(grant.organisations.all()), actor=actor, now=now)
    problems.resolve(grant.tenant_id, [f"grant:{grant.pk}"], now=now)


def connect_custom(organisation: Organisation, *, actor: str, now: datetime) -> Consent:
    """Sign a custom connection in: it has no consent page, its one organisation was chosen when it was bought.

    Raises `OrganisationTaken`, `OtherOrganisation`, and the errors of `xero_app`."""
    grant = organisation.grant
    tokens = oauth.client_credentials(grants.credentials(grant), scopes=settings.XERO_SCOPES)
    reached = oauth.connections(tokens.access_token)
    known = organisation.xero_tenant_id
    if known and reached and known not in {item.tenant_id for item in reached}:
        _refuse_other(organisation, reached)
    grants.accept(grant, tokens, actor=actor)
    with XeroClient(Organisation.objects.select_related("grant").get(pk=organisation.pk), interactive=True) as client:
        facts = client.describe()
    found = Connection(id=facts.connection_id, tenant_id=facts.xero_tenant_id, tenant_name=facts.legal_name)
    bind(organisation, found, actor=actor, now=now)
    return Consent(facts.legal_name, (), ())


def disconnect(organisation: Organisation, *, actor: str) -> None:
    """End the connection at Xero and here: all organisations of its grant are no longer read. Nothing that was read
    is lost. Raises `XeroDown` with nothing changed."""
    end_grant(organisation.grant, actor=actor)
    organisation.grant.organisations.update(connection_id="")


def days_left(grant: Grant, *, now: datetime) -> int | None:
    """Say in how many days a grant ends unless it is renewed, which happens by itself; None where nothing ends."""
    if grant.auth == GrantAuth.CUSTOM_CONNECTION or grant.state != GrantState.CONNECTED or grant.refreshed_at is None:
        return None
    return max(0, (grant.refreshed_at + UNUSED_LIFE - now).days)
