"""The simulator served: the world behind sign-in, accounting API, control API and page on one address.

It follows Xero's specification and documentation. What a real organisation does where nothing is written
(bodies of 429 and 5xx, updates within one second, details of token errors) is an approximation; where two
readings are possible, `config` has a knob for both.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from xero_app.simulator.application import Application
from xero_app.simulator.books import Books
from xero_app.simulator.changes import Changes
from xero_app.simulator.config import SimulatorConfig
from xero_app.simulator.control import Control
from xero_app.simulator.endpoints import ENDPOINTS
from xero_app.simulator.server import serving
from xero_app.simulator.webhooks import Sender


class Simulator(Changes):
    """A Xero of one's own: seeded, repeatable, in memory."""

    def __init__(self, config: SimulatorConfig | None = None) -> None:
        super().__init__(config)
        self._stopping = threading.Event()
        self._application = Application(
            config=self.config, clock=self.clock, lock=self.lock, organisations=self.organisations, desk=self.desk,
            limits=self.limits, faults=self.faults, counters=self.counters, touch_first=self._touch_first,
            stopping=self._stopping, control=Control(self).answer,
        )  # fmt: skip

    @contextmanager
    def serve(self, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
        """Serves on one base address until the block ends; port 0 takes a free one. OSError when it is taken."""
        self._stopping.clear()
        sender = Sender(webhooks=self.webhooks, config=self.config, stopping=self._stopping)
        with serving(host=host, port=port, answer=self._application.answer) as base_url:
            sender.start()
            try:
                yield base_url
            finally:
                self._stopping.set()
                sender.join()

    def _touch_first(self, books: Books, path: str) -> None:
        """The `touch` fault: the oldest row moves to the end of the order, so that every later page shifts."""
        stream = next((one.stream for one in ENDPOINTS.values() if f"/{one.path}" in path), "")
        if stream:
            self.edits.touch(stream, organisation=books.tenant_id)
