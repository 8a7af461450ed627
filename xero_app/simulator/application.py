"""From a request to an answer: routes, the limits around accounting calls, latency and faults."""

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from threading import RLock
from typing import Any

from xero_app.simulator.accounting import BASE, Accounting, wants_json
from xero_app.simulator.books import Books
from xero_app.simulator.chance import Chance
from xero_app.simulator.clock import Clock
from xero_app.simulator.config import SimulatorConfig
from xero_app.simulator.counters import Counters
from xero_app.simulator.exchange import HTML, TEXT, Request, Response, not_found
from xero_app.simulator.faults import Fault, FaultQueue, faulty_answer
from xero_app.simulator.gate import Visitor, admit, bearer
from xero_app.simulator.limits import Limits
from xero_app.simulator.signin import AUTHORIZE, REVOCATION, TOKEN, SignIn
from xero_app.simulator.tokens import TokenDesk

Control = Callable[[Request], Response]


class Application:
    """Answers requests. Books are read under the one lock; waiting (latency, limits) happens outside it."""

    def __init__(
        self, *, config: SimulatorConfig, clock: Clock, lock: RLock, organisations: list[Books], desk: TokenDesk,
        limits: Limits, faults: FaultQueue, counters: Counters, touch_first: Callable[[Books, str], Any],
        stopping: threading.Event, control: Control,
    ) -> None:  # fmt: skip
        self._config = config
        self._clock = clock
        self._lock = lock
        self._organisations = organisations
        self._desk = desk
        self._limits = limits
        self._faults = faults
        self._counters = counters
        self._touch_first = touch_first
        self._chance = Chance(f"{config.seed}/latency")
        self._ids = Chance(f"{config.seed}/answers")
        self._signin = SignIn(desk=desk, organisations=lambda: organisations)
        self._accounting = Accounting(config=config)
        self._stopping = stopping
        self._control = control

    def answer(self, request: Request) -> Response:
        """The answer to any request, spoiled when a fault waits for it."""
        if request.path.startswith("/_sim"):
            return self._control(request)
        fault = self._faults.take(method=request.method, path=request.path)
        response = self._spoiled(request, fault) if fault else self._routed(request, None)
        response.headers.setdefault("Date", format_datetime(self._clock.now().astimezone(UTC), usegmt=True))
        self._counters.note(method=request.method, path=request.path, status=response.status, size=len(response.body))
        return response

    def _spoiled(self, request: Request, fault: Fault) -> Response:
        if fault.kind == "status":
            response = faulty_answer(fault)
            response.headers["Xero-Correlation-Id"] = str(uuid.uuid4())
            return response
        if fault.kind == "drop":
            return Response(status=0, mishap="drop")
        response = self._routed(request, fault)
        if not request.path.startswith(BASE):
            self._wait(fault)
        if fault.kind in ("lost", "reset", "truncate", "hang"):
            response.mishap = fault.kind
        return response

    def _wait(self, fault: Fault | None) -> None:
        """The time that `slow` and `hang` take; an accounting call is in flight meanwhile."""
        if fault and fault.kind in ("slow", "hang"):
            self._stopping.wait(fault.seconds or 60)

    def _routed(self, request: Request, fault: Fault | None) -> Response:
        path = request.path
        if path.startswith(f"{BASE}/"):
            return self._accounting_answer(request, fault)
        with self._lock:
            if path == AUTHORIZE and request.method == "GET":
                return self._signin.authorize(request)
            if path == TOKEN and request.method == "POST":
                return self._signin.token(request)
            if path == REVOCATION and request.method == "POST":
                return self._signin.revoke(request)
            if path == "/connections" or path.startswith("/connections/"):
                return self._connections(request)
        return not_found()

    def _connections(self, request: Request) -> Response:
        token = bearer(self._desk, request)
        if isinstance(token, Response):
            return token
        response = self._signin.connections(request, token=token)
        if app := self._desk.app(token.grant.client_id):
            response.headers |= self._limits.app_headers(app)
        return response

    def _accounting_answer(self, request: Request, fault: Fault | None) -> Response:
        if request.method != "GET":
            self._counters.violate(kind="write", method=request.method, path=request.path)
            return Response(status=405, body=b"The simulator only lets itself be read", content_type=TEXT)
        if not wants_json(request):
            self._counters.violate(kind="accept", method=request.method, path=request.path)
        with self._lock:
            visitor = admit(self._desk, request, organisations=self._organisations)
            correlation_id = self._ids.uuid()
        if isinstance(visitor, Response):
            return visitor
        response = self._limited(visitor, request, correlation_id, fault)
        response.headers["Xero-Correlation-Id"] = correlation_id
        return response

    def _limited(self, visitor: Visitor, request: Request, correlation_id: str, fault: Fault | None) -> Response:
        """Admits the call through the limits; it is in flight until just before its answer is written."""
        tenant_id = visitor.books.tenant_id
        verdict = self._limits.enter(app=visitor.app, tenant_id=tenant_id)
        if verdict.problem:
            return Response(status=429, content_type=TEXT, headers=dict(verdict.headers))
        try:
            response = self._read(visitor.books, request, self._clock.now(), correlation_id, fault)
        finally:
            self._limits.leave(app=visitor.app, tenant_id=tenant_id)
        response.headers |= verdict.headers
        return response

    def _read(
        self, books: Books, request: Request, now: datetime, correlation_id: str, fault: Fault | None
    ) -> Response:
        if books.offline:
            return Response(status=503, body=b"Organisation offline", content_type=HTML)
        with self._lock:
            response, count = self._accounting.answer(
                books=books, request=request, now=now, correlation_id=correlation_id
            )
            if fault and fault.kind == "touch":
                self._touch_first(books, request.path)
            wait = self._latency(count)
        self._stopping.wait(wait)
        self._wait(fault)
        return response

    def _latency(self, count: int) -> float:
        low, high = self._config.latency
        return low + (high - low) * self._chance.random() + count * self._config.latency_per_row
