"""Webhook subscriptions: the intent-to-receive check, batches with sequence numbers, and Xero's retry rules.

A failed batch is tried again at once, then every 15 minutes of virtual time; after 24 hours of failures the
subscription is disabled. Events are kept 31 days and replayed in order once it is enabled again. (The 15 minutes
and 31 days are reported by third parties only.)
"""

import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from xero_app.simulator.books import Books
from xero_app.simulator.chance import Chance
from xero_app.simulator.clock import Clock
from xero_app.simulator.config import SimulatorConfig
from xero_app.simulator.documents import Row
from xero_app.simulator.events import CATEGORIES, Event, event_content, payload, signature, spoiled
from xero_app.simulator.posting import Posted, post

GIVE_UP_AFTER = timedelta(hours=24)
DEFAULT_CATEGORIES = ("INVOICE", "CONTACT", "CREDITNOTE")
_SERIES = (True, False, True, False, False)
"""Which requests of an intent-to-receive series are signed rightly."""


@dataclass(slots=True, kw_only=True)
class Subscription:
    """One app's webhook: where to, which key, which events wait, how it goes."""

    client_id: str
    url: str
    key: str = field(repr=False)
    categories: tuple[str, ...] = DEFAULT_CATEGORIES
    state: str = "disabled"
    """`enabled`, `retrying` or `disabled`."""
    sequence: int = 0
    waiting: deque[Event] = field(default_factory=deque)
    failing_since: datetime | None = None
    next_try_at: datetime | None = None
    log: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=500))

    def shown(self) -> dict[str, Any]:
        """The subscription without its key."""
        return {
            "client_id": self.client_id, "url": self.url, "categories": list(self.categories), "state": self.state,
            "sequence": self.sequence, "waiting": len(self.waiting),
            "next_try_at": self.next_try_at.isoformat() if self.next_try_at else None, "log": list(self.log),
        }  # fmt: skip


class Webhooks:
    """All subscriptions. Posts without holding the simulator's lock, one sender at a time."""

    def __init__(self, *, config: SimulatorConfig, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._guard = threading.RLock()
        self._sending = threading.Lock()
        self._chance = Chance(f"{config.seed}/webhooks")
        self.subscriptions: list[Subscription] = []

    def subscribe(self, *, client_id: str, url: str, key: str, categories: tuple[str, ...] = ()) -> Subscription:
        """Sets an app's webhook and checks it; enabled only when the intent-to-receive check succeeds."""
        found = Subscription(client_id=client_id, url=url, key=key, categories=categories or DEFAULT_CATEGORIES)
        with self._guard:
            self.subscriptions = [one for one in self.subscriptions if one.client_id != client_id] + [found]
        self.enable(found)
        return found

    def enable(self, subscription: Subscription) -> bool:
        """Runs the intent-to-receive series; when every answer is right, waiting events go out in order."""
        answers = [self._intent(subscription, is_right=right) for right in _SERIES]
        passed = all(
            answer.is_accepted if right else answer.is_refused for answer, right in zip(answers, _SERIES, strict=True)
        )
        with self._guard:
            subscription.state = "enabled" if passed else "disabled"
            subscription.failing_since = subscription.next_try_at = None
            oldest = self._clock.now() - timedelta(days=self._config.webhook_kept_days)
            subscription.waiting = deque(event for event in subscription.waiting if event.created_at >= oldest)
        if passed:
            self.send()
        return passed

    def note(self, *, books: Books, row: Row, kind: str, client_ids: set[str]) -> None:
        """Queues the event of a change for the subscriptions of these apps; a dropped one leaves a gap."""
        if row.stream not in CATEGORIES:
            return
        category = CATEGORIES[row.stream][0]
        now = self._clock.now()
        with self._guard:
            for subscription in self.subscriptions:
                if subscription.client_id in client_ids and category in subscription.categories:
                    subscription.sequence += 1
                    if self._chance.happens(self._config.webhook_drop):
                        continue
                    content = event_content(books=books, row=row, kind=kind, at=now)
                    subscription.waiting.append(Event(subscription.sequence, now, content))

    def send(self) -> int:
        """Sends what waits and is due; gives how many events were accepted."""
        sent = 0
        with self._sending:
            for subscription in list(self.subscriptions):
                sent += self._drain(subscription)
        return sent

    def _drain(self, subscription: Subscription) -> int:
        sent = 0
        while batches := self._due(subscription):
            for batch in batches:
                if not self._deliver(subscription, batch):
                    return sent
                sent += len(batch)
        return sent

    def _due(self, subscription: Subscription) -> list[list[Event]]:
        """The next batch, or the halves of it in the wrong order when reordering is asked for."""
        now = self._clock.now()
        with self._guard:
            if subscription.state == "disabled" or (subscription.next_try_at and now < subscription.next_try_at):
                return []
            ready = now - timedelta(seconds=self._config.webhook_delay)
            batch = [event for event in subscription.waiting if event.created_at <= ready][: self._config.webhook_batch]
        if self._config.webhook_reorder and len(batch) > 1:
            middle = len(batch) // 2
            return [batch[middle:], batch[:middle]]
        return [batch] if batch else []

    def _deliver(self, subscription: Subscription, batch: list[Event]) -> bool:
        sendable = [*batch, *self._foreign(batch)]
        for _ in range(2):
            if self._attempt(subscription, sendable).is_accepted:
                if self._config.webhook_duplicate:
                    self._attempt(subscription, sendable)
                self._delivered(subscription, batch)
                return True
        self._failed(subscription)
        return False

    def _foreign(self, batch: list[Event]) -> list[Event]:
        """An event of an organisation that nobody connected."""
        if not self._config.webhook_foreign_tenant:
            return []
        last = batch[-1]
        content = {**last.content, "tenantId": self._chance.uuid(), "resourceId": self._chance.uuid()}
        return [Event(last.sequence, last.created_at, content)]

    def _delivered(self, subscription: Subscription, batch: list[Event]) -> None:
        with self._guard:
            for event in batch:
                subscription.waiting.remove(event)
            subscription.state = "enabled"
            subscription.failing_since = subscription.next_try_at = None

    def _failed(self, subscription: Subscription) -> None:
        now = self._clock.now()
        with self._guard:
            subscription.failing_since = subscription.failing_since or now
            subscription.next_try_at = now + timedelta(seconds=self._config.webhook_retry_seconds)
            over = now - subscription.failing_since >= GIVE_UP_AFTER
            subscription.state = "disabled" if over else "retrying"

    def _intent(self, subscription: Subscription, *, is_right: bool) -> Posted:
        body = payload([], chance=self._chance)
        signed = signature(body, key=subscription.key)
        if not is_right:
            signed = spoiled(signed, chance=self._chance)
        return self._post(subscription, body, signed, purpose="intent" if is_right else "intent, wrong signature")

    def _attempt(self, subscription: Subscription, events: list[Event]) -> Posted:
        body = payload(events, chance=self._chance)
        purpose = f"events {events[0].sequence}-{events[-1].sequence}"
        return self._post(subscription, body, signature(body, key=subscription.key), purpose=purpose)

    def _post(self, subscription: Subscription, body: bytes, signed: str, *, purpose: str) -> Posted:
        answer = post(url=subscription.url, body=body, signature=signed, timeout=self._config.webhook_timeout)
        entry = {
            "at": self._clock.now().isoformat(),
            "purpose": purpose,
            "status": answer.status,
            "fault": answer.fault,
        }
        with self._guard:
            subscription.log.append(entry)
        return answer


class Sender:
    """Sends by itself while `webhook_auto` is on: a thread that looks a few times a second."""

    def __init__(self, *, webhooks: Webhooks, config: SimulatorConfig, stopping: threading.Event) -> None:
        self._webhooks = webhooks
        self._config = config
        self._stopping = stopping
        self._thread = threading.Thread(target=self._run, name="xero-simulator-webhooks", daemon=True)

    def start(self) -> None:
        """Begins to look."""
        self._thread.start()

    def join(self) -> None:
        """Waits until the thread has ended; `stopping` must be set."""
        self._thread.join(timeout=self._config.webhook_timeout * 2 + 5)

    def _run(self) -> None:
        while not self._stopping.wait(0.1):
            if self._config.webhook_auto:
                self._webhooks.send()
