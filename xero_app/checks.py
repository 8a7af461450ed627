"""The connection test: sign-in, permissions, organisation and each stream, as steps that a person can read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from django.conf import settings

from core.documents import Mirror, Stream
from core.errors import ConnectorError
from core.models import Grant, GrantAuth, Organisation
from xero_app import oauth
from xero_app.client import OrganisationFacts, XeroClient
from xero_app.ratelimit import Limits
from xero_app.tokens import access_token

STREAMS: tuple[str, ...] = (
    Stream.INVOICES,
    Stream.CREDIT_NOTES,
    Stream.PAYMENTS,
    Stream.MANUAL_JOURNALS,
    Stream.CONTACTS,
    Mirror.ACCOUNTS,
    Mirror.TAX_RATES,
)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried; a failed one has the problem's code and next step."""

    name: str
    ok: bool
    detail: str
    code: str = ""
    next_step: str = ""
    facts: OrganisationFacts | None = None


def check_connection(organisation: Organisation, *, limits: Limits | None = None) -> Iterator[Step]:
    """Try a connection step by step, with about ten calls. Ends early when the sign-in or the organisation fails.

    Raises nothing that is expected: every failure is a step."""
    signed_in = _try("sign-in", partial(_sign_in, organisation))
    yield signed_in
    if not signed_in.ok:
        return
    yield _permissions(organisation)
    with XeroClient(organisation, interactive=True, limits=limits) as client:
        described = _try("organisation", partial(_describe, client))
        yield described
        if described.ok:
            for stream in STREAMS:
                yield _try(stream, partial(_count, client, stream))


def _try(name: str, act: Callable[[], Step]) -> Step:
    try:
        return act()
    except ConnectorError as error:
        return Step(name, ok=False, detail=error.sentence, code=error.code, next_step=error.next_step)


def _sign_in(organisation: Organisation) -> Step:
    access_token(organisation.grant_id)
    return Step("sign-in", ok=True, detail="Xero accepts our sign-in.")


def _permissions(organisation: Organisation) -> Step:
    grant = Grant.objects.get(pk=organisation.grant_id)
    wanted = settings.XERO_SCOPES
    if grant.auth == GrantAuth.CUSTOM_CONNECTION:
        wanted = oauth.custom_connection_scopes(wanted)
    missing = oauth.missing_scopes(grant.scopes.split(), wanted=wanted)
    if not missing or not grant.scopes:
        return Step("permissions", ok=True, detail="Every permission that was asked for is given.")
    return Step(
        "permissions",
        ok=False,
        detail=f"These permissions are missing: {', '.join(missing)}.",
        code="XERO_SCOPE",
        next_step="Reconnect Xero with these permissions.",
    )


def _describe(client: XeroClient) -> Step:
    facts = client.describe()
    return Step(
        "organisation", ok=True, detail=f"{facts.legal_name}, {facts.country}, {facts.base_currency}", facts=facts
    )


def _count(client: XeroClient, stream: str) -> Step:
    page = client.page(stream, page_size=1)
    return Step(stream, ok=True, detail=f"{page.item_count} {stream.replace('_', ' ')} can be read.")
