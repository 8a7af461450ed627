"""The door in front of the webhook endpoint: in a flood most messages are turned away before Django is woken.

Two bounds, both a process's own and without Redis: how many come in a second, and how many are inside at once. The
second one keeps threads free to turn others away, and follows by itself how quickly the database takes messages in.
"""

import threading
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings

from connector.throttle import Throttle

PATH = "/webhooks/xero"
DRAINED = 1024 * 1024
DRAINED_AT_ONCE = 64 * 1024
TURNED_AWAY = [("Retry-After", "1"), ("Content-Length", "0")]
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class WebhookDoor:
    """A WSGI application around another one (PEP 3333)."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._throttle = Throttle()
        self._inside = threading.BoundedSemaphore(settings.WEBHOOKS_AT_ONCE)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Let a request through, or answer 429 with nothing in it: Xero sends the message again."""
        if environ.get("PATH_INFO") != PATH:
            return self._application(environ, start_response)
        if not self._inside.acquire(blocking=False):
            return _turned_away(environ, start_response)
        try:
            if not self._throttle.admits(settings.WEBHOOKS_PER_SECOND):
                return _turned_away(environ, start_response)
            return self._application(environ, start_response)
        finally:
            self._inside.release()


def _turned_away(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    drain(environ["wsgi.input"].read)
    start_response("429 Too Many Requests", TURNED_AWAY)
    return ()


def drain(read: Callable[[int], bytes]) -> None:
    """Let a body of ordinary size pass by, or the sender sees a broken connection instead of the answer."""
    for _ in range(DRAINED // DRAINED_AT_ONCE):
        if not read(DRAINED_AT_ONCE):
            return
