"""A small client of the simulator for its tests: real HTTP over loopback, exact numbers."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import httpx

from xero_app.simulator import Simulator, SimulatorConfig

API = "/api.xro/2.0"
TLS = httpx.create_ssl_context()
"""Made once: loading the certificates for every client takes longer than most tests."""
SCOPES = (
    "openid profile email offline_access accounting.invoices.read accounting.payments.read "
    "accounting.manualjournals.read accounting.contacts.read accounting.settings.read"
)


class Caller:
    """One app's calls; `simulator` is there to change things behind its back."""

    def __init__(self, simulator: Simulator, http: httpx.Client) -> None:
        self.simulator = simulator
        self.http = http
        self.tokens = simulator.grant()
        self.tenant_id = simulator.tenant_id

    def get(self, path: str, /, *, headers: dict[str, str] | None = None, **params: Any) -> httpx.Response:
        own = {"Authorization": f"Bearer {self.tokens['access_token']}", "xero-tenant-id": self.tenant_id}
        own["Accept"] = "application/json"
        return self.http.get(f"{API}/{path}", params=params or None, headers={**own, **(headers or {})})

    def body(self, path: str, **params: Any) -> dict[str, Any]:
        answer = self.get(path, **params)
        assert answer.status_code == 200, answer.text
        return exact(answer)

    def rows(self, path: str, *, page: int = 1, size: int = 1000, **params: Any) -> list[dict[str, Any]]:
        return self.body(path, page=page, pageSize=size, unitdp=4, **params)[path]

    def changed(self, path: str, since: str, **params: Any) -> list[dict[str, Any]]:
        return self.rows(path, headers={"If-Modified-Since": since}, **params)

    def token(self, **form: str) -> httpx.Response:
        return self.http.post("/connect/token", data=form, auth=("SIMWEBAPP", "sim-web-secret"))

    def control(self, path: str, /, **fields: Any) -> Any:
        answer = self.http.post(f"/_sim/{path}", json=fields)
        assert answer.status_code == 200, answer.text
        return exact(answer)


def exact(answer: httpx.Response) -> Any:
    return json.loads(answer.content, parse_float=Decimal)


def ms(text: str) -> int:
    found = re.fullmatch(r"/Date\((-?\d+)(?:\+0000)?\)/", text)
    assert found, text
    return int(found[1])


@contextmanager
def calling(**settings: Any) -> Iterator[Caller]:
    simulator = Simulator(SimulatorConfig(**{"seed": 7, "limits": False, **settings}))
    with simulator.serve() as base_url, httpx.Client(base_url=base_url, timeout=10, verify=TLS) as http:
        yield Caller(simulator, http)
