"""Everything that the simulator holds, put together, and what can be done to the world around the books."""

from dataclasses import asdict, replace
from threading import RLock
from typing import Any

from xero_app.simulator.books import Books, open_books
from xero_app.simulator.chance import Chance
from xero_app.simulator.clock import Clock, start_of
from xero_app.simulator.config import FIXED, SimulatorConfig
from xero_app.simulator.counters import Counters
from xero_app.simulator.documents import Doc, Row
from xero_app.simulator.edits import Edits, Organisation
from xero_app.simulator.endpoints import ENDPOINTS
from xero_app.simulator.faults import Fault, FaultQueue
from xero_app.simulator.holdings import holdings
from xero_app.simulator.limits import Limits
from xero_app.simulator.scopes import DEFAULT_SCOPES
from xero_app.simulator.seed.filling import fill_books
from xero_app.simulator.shapes.view import SINGLE
from xero_app.simulator.tokens import TokenDesk
from xero_app.simulator.webhooks import Subscription, Webhooks
from xero_app.simulator.wire import json_bytes, plain

_SHOWN = {endpoint.stream: endpoint for endpoint in ENDPOINTS.values()}


class World:
    """Books, sign-in, limits, faults and webhooks under one lock. Not yet served: see `simulator`."""

    def __init__(self, config: SimulatorConfig | None = None) -> None:
        self.config = replace(config or SimulatorConfig())
        self.lock = RLock()
        frozen = self.config.clock_frozen
        self.clock = Clock(starts_at=start_of(seeded_until=self.config.seeded_until, frozen=frozen), frozen=frozen)
        self.organisations = [self._seeded(number) for number in range(len(self.config.organisations))]
        ids = Chance(f"{self.config.seed}/sign-in")
        self.desk = TokenDesk(config=self.config, clock=self.clock, chance=ids, user_id=ids.uuid())
        self._connect_custom_connections()
        self.limits = Limits(config=self.config, clock=self.clock)
        self.faults = FaultQueue()
        self.counters = Counters(limits=self.limits, desk=self.desk)
        self.webhooks = Webhooks(config=self.config, clock=self.clock)
        self.edits = Edits(
            organisations=self.organisations,
            clock=self.clock,
            config=self.config,
            lock=self.lock,
            notify=self._notify,
        )

    def books(self, organisation: Organisation = 0) -> Books:
        """An organisation's books by index or tenant id; LookupError when there is none."""
        return self.edits.ledger(organisation).books

    @property
    def store(self) -> Books:
        """The first organisation's books."""
        return self.organisations[0]

    @property
    def tenant_id(self) -> str:
        """The first organisation's tenant id."""
        return self.store.tenant_id

    @property
    def stats(self) -> dict[str, Any]:
        """Calls, peak concurrency, refreshes, 429s: see `Counters.figures`."""
        return self.counters.figures()

    @property
    def violations(self) -> list[dict[str, str]]:
        """Calls that a read-only, well-behaved client never makes; empty when all is well."""
        return self.counters.violations

    def holdings(self, *, organisation: Organisation = 0, streams: list[str] | None = None) -> dict[str, Any]:
        """What an organisation holds, amounts as exact text."""
        with self.lock:
            return holdings(self.books(organisation), streams=streams)

    def get(self, stream: str, xero_id: str, *, organisation: Organisation = 0) -> Doc:
        """One object as a single read shows it, money as Decimal, moments aware. LookupError when unknown."""
        with self.lock:
            return self.shown(self.books(organisation).find(stream, xero_id), organisation)

    def advance(self, *, seconds: float) -> None:
        """Moves virtual time ahead, and sends the webhooks that have become due when they go out by themselves."""
        self.clock.advance(seconds=seconds)
        if self.config.webhook_auto:
            self.webhooks.send()

    def add_fault(self, **fault: Any) -> None:
        """Queues a fault: see `faults.Fault` for its fields."""
        self.faults.add(Fault(**fault))

    def configure(self, **knobs: Any) -> None:
        """Changes knobs while running; ValueError for one that is unknown or fixed at the start."""
        known = self.knobs()
        for name, value in knobs.items():
            if name not in known:
                msg = f"{name} is not a setting that can be changed while the simulator runs."
                raise ValueError(msg)
            setattr(self.config, name, tuple(value) if isinstance(value, list) else value)

    def knobs(self) -> dict[str, Any]:
        """The settings that may be changed, with their values."""
        return {name: value for name, value in asdict(self.config).items() if name not in FIXED}

    def grant(
        self, *, client_id: str = "", scopes: str = DEFAULT_SCOPES, organisations: list[int] | None = None
    ) -> dict[str, Any]:
        """Tokens of a fresh consent without the browser's round trip; all organisations unless some are chosen."""
        with self.lock:
            app = client_id or next(app.client_id for app in self.config.apps if app.organisation is None)
            if self.desk.app(app) is None:
                msg = f"There is no app {app}."
                raise LookupError(msg)
            consent = self.desk.new_grant(client_id=app, scopes=frozenset(scopes.split()))
            chosen = range(len(self.organisations)) if organisations is None else organisations
            for books in (self.organisations[number] for number in chosen):
                self.desk.connect(consent, tenant_id=books.tenant_id, tenant_name=books.name)
            return self.desk.issue(consent)

    def disconnect(self, *, organisation: Organisation = 0) -> None:
        """The user disconnects an organisation in Xero: API calls get 403, refreshing still works."""
        with self.lock:
            tenant_id = self.books(organisation).tenant_id
            self.desk.connections = [one for one in self.desk.connections if one.tenant_id != tenant_id]

    def connect_again(self) -> None:
        """The user connects the custom connections' organisations again; each gets a new connection."""
        with self.lock:
            self._connect_custom_connections()

    def use_up_limit(self, *, limit: str, client_id: str = "", organisation: Organisation = 0) -> None:
        """Counts a limit's window (`minute`, `day` or the app's) as used up for an app and organisation."""
        app = self.desk.app(client_id or self.config.apps[0].client_id)
        if app is None:
            msg = f"There is no app {client_id}."
            raise LookupError(msg)
        self.limits.use_up(app=app, tenant_id=self.books(organisation).tenant_id, label=limit)

    def subscribe_webhooks(
        self, *, url: str, key: str, client_id: str = "", categories: tuple[str, ...] = ()
    ) -> Subscription:
        """Sets an app's webhook (the first app by default) and runs the intent-to-receive check."""
        app = client_id or self.config.apps[0].client_id
        return self.webhooks.subscribe(client_id=app, url=url, key=key, categories=categories)

    def send_webhooks(self) -> int:
        """Sends all events that wait and are due; gives how many were accepted."""
        return self.webhooks.send()

    def send_event(self, stream: str, xero_id: str, *, kind: str = "UPDATE", organisation: Organisation = 0) -> int:
        """Makes an event of an object that did not change, and sends what waits: the webhook by hand."""
        with self.lock:
            books = self.books(organisation)
            self._notify(books, books.find(stream, xero_id), kind)
        return self.webhooks.send()

    def shown(self, row: Row, organisation: Organisation = 0) -> Doc:
        """A row's object for Python callers."""
        found: Doc = plain(self._single(row, organisation))
        return found

    def shown_json(self, row: Row, organisation: Organisation = 0) -> bytes:
        """A row's object as the text of a single read."""
        return json_bytes(self._single(row, organisation), compact=True)

    def _single(self, row: Row, organisation: Organisation) -> Doc:
        with self.lock:
            return _SHOWN[row.stream].show(self.books(organisation), row, SINGLE)

    def _seeded(self, number: int) -> Books:
        organisation = self.config.organisations[number]
        key = f"{self.config.seed}/{number}"
        books = open_books(config=organisation, chance=Chance(key), until=self.config.seeded_until)
        fill_books(books=books, config=self.config, organisation=organisation, key=key)
        return books

    def _connect_custom_connections(self) -> None:
        for app in self.config.apps:
            if app.organisation is not None:
                books = self.organisations[app.organisation]
                consent = self.desk.new_grant(client_id=app.client_id, scopes=frozenset())
                consent.user_id = ""
                self.desk.connect(consent, tenant_id=books.tenant_id, tenant_name=books.name)

    def _notify(self, books: Books, row: Row, kind: str) -> None:
        apps = {one.client_id for one in self.desk.connections if one.tenant_id == books.tenant_id}
        self.webhooks.note(books=books, row=row, kind=kind, client_ids=apps)
