"""The only speaker to Xero's Accounting API. It asks with GET only: nothing here can change anyone's books."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import TracebackType
from typing import Self

from django.conf import settings

from core.documents import Mirror
from core.errors import ConnectorError
from core.models import GrantAuth, Organisation
from core.secret import Secret
from xero_app import oauth
from xero_app.envelope import Page, read_page
from xero_app.errors import XeroDisconnected
from xero_app.parse import parse_document
from xero_app.ratelimit import Limiter, Limits
from xero_app.refusals import is_disconnected, is_expired_token, refusal
from xero_app.streams import IDS_PER_CALL, PAGE_SIZE, Query, endpoint, parameters, since_header
from xero_app.tokens import access_token
from xero_app.wire import USER_AGENT, Answer, address, open_client, send

__all__ = ["OrganisationFacts", "Page", "XeroClient"]

API = "/api.xro/2.0"
WORKER_WAITS = 30.0
"""Seconds that a worker waits for its turn, over all tries, before it gives the work back."""
PERSON_WAITS = 15.0
_TRIES = 6
"""Calls for one answer when Xero says 429 again and again; the limiter waits between them."""


@dataclass(frozen=True, slots=True)
class OrganisationFacts:
    """What Xero says of the organisation that a connection reaches."""

    xero_tenant_id: str
    connection_id: str
    legal_name: str
    base_currency: str
    country: str
    xero_time_zone: str
    short_code: str
    is_demo: bool


class XeroClient:
    """Reads one organisation: a context manager around one connection pool, for one thread.

    `interactive` is for a person who waits: shorter timeouts, and served first where calls are scarce. `urgent` work
    (webhooks, replay) may use what is kept of the day's calls.
    """

    def __init__(
        self,
        organisation: Organisation,
        *,
        interactive: bool = False,
        urgent: bool = False,
        limits: Limits | None = None,
        read_seconds: float | None = None,
    ) -> None:
        self._organisation = organisation
        self._interactive, self._urgent = interactive, urgent
        self._limiter = Limiter(organisation, limits=limits)
        self._grant = organisation.grant
        client_id = self._grant.client_id or settings.XERO_CLIENT_ID
        self._http = open_client(
            read_seconds=read_seconds or (20.0 if interactive else 60.0), user_agent=f"{USER_AGENT} ({client_id})"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def page(
        self,
        stream: str,
        *,
        page: int = 1,
        page_size: int = PAGE_SIZE,
        modified_since: datetime | None = None,
        xero_ids: Sequence[str] = (),
        dated_from: date | None = None,
        dated_to: date | None = None,
        ordered: bool = False,
        statuses: Sequence[str] = (),
    ) -> Page:
        """Read one page of a stream or mirror. `ordered` asks for an order that holds still over many pages.

        Raises the errors of `xero_app/errors.py`; `ValueError` for what the endpoint cannot be asked.
        """
        spec = endpoint(stream)
        if spec.ids_per_call < len(xero_ids) <= IDS_PER_CALL:
            return self._by_ids(stream, xero_ids, page_size)
        query = Query(page, page_size, modified_since, tuple(xero_ids), dated_from, dated_to, ordered, tuple(statuses))
        headers = {}
        if modified_since is not None and spec.takes_since:
            headers["If-Modified-Since"] = since_header(modified_since)
        answer = self._get(f"{API}/{spec.path}", parameters(stream, query), headers, what=stream.replace("_", " "))
        return read_page(stream, answer, page=page)

    def _by_ids(self, stream: str, xero_ids: Sequence[str], page_size: int) -> Page:
        """Ask in several calls where ids go into the filter, which makes the address longer."""
        size = endpoint(stream).ids_per_call
        parts = [xero_ids[start : start + size] for start in range(0, len(xero_ids), size)]
        pages = [self.page(stream, page_size=page_size, xero_ids=part) for part in parts]
        items = tuple(item for page in pages for item in page.items)
        return replace(pages[0], items=items, page_count=1, item_count=len(items))

    def organisation(self) -> Page:
        """Read the organisation itself: one item."""
        return self.page(Mirror.ORGANISATION)

    def describe(self) -> OrganisationFacts:
        """Say which organisation the connection reaches, also when its Xero id is not known yet.

        Source: Organisation.OrganisationID is the id that connections call the tenant's."""
        document = parse_document(Mirror.ORGANISATION, self.organisation().items[0])
        token = access_token(self._grant.pk)
        ids = {item.tenant_id: item.id for item in oauth.connections(token)}
        values = document.values
        return OrganisationFacts(
            xero_tenant_id=document.xero_id,
            connection_id=ids.get(document.xero_id, ""),
            legal_name=values.get("LegalName") or values.get("Name", ""),
            base_currency=values.get("BaseCurrency", ""),
            country=values.get("CountryCode", ""),
            xero_time_zone=values.get("Timezone", ""),
            short_code=values.get("ShortCode", ""),
            is_demo=values.get("IsDemoCompany", False),
        )

    def _get(self, path: str, params: Mapping[str, str], headers: Mapping[str, str], *, what: str) -> Answer:
        url = address(settings.XERO_API_BASE, path, params)
        headers = {**headers, **self._tenant_header()}
        deadline = time.monotonic() + (PERSON_WAITS if self._interactive else WORKER_WAITS)
        rejected: Secret | None = None
        for _ in range(_TRIES):
            token = access_token(self._grant.pk, rejected=rejected)
            answer = self._call(url, headers, token, max_wait=deadline - time.monotonic())
            if answer.status == 200:
                return answer
            if is_expired_token(answer) and rejected is None:
                rejected = token
            elif answer.status != 429:
                raise self._refusal(answer, token, what=what)
        raise refusal(answer, what=what)

    def _call(self, url: str, headers: Mapping[str, str], token: Secret, *, max_wait: float) -> Answer:
        sent = {**headers, "Authorization": f"Bearer {token.reveal()}"}
        with self._limiter.slot(interactive=self._interactive, urgent=self._urgent, max_wait=max_wait) as slot:
            answer = send(self._http, self._http.build_request("GET", url, headers=sent))
            slot.answered(answer.headers)
            if answer.status == 429:
                self._limiter.refused(answer.headers)
        return answer

    def _tenant_header(self) -> dict[str, str]:
        if self._organisation.xero_tenant_id:
            return {"xero-tenant-id": self._organisation.xero_tenant_id}
        if self._grant.auth == GrantAuth.CUSTOM_CONNECTION:
            return {}
        raise XeroDisconnected(f"No organisation of Xero was chosen for {self._organisation.name} yet.")

    def _refusal(self, answer: Answer, token: Secret, *, what: str) -> ConnectorError:
        if not is_disconnected(answer):
            return refusal(answer, what=what)
        reached = {item.tenant_id for item in oauth.connections(token)}
        if self._organisation.xero_tenant_id in reached or (not self._organisation.xero_tenant_id and reached):
            return refusal(answer, what=what)
        return XeroDisconnected(
            f"{self._organisation} no longer allows our app in Xero. Nothing is lost; reading waits."
        )
