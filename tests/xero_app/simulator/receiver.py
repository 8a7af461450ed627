"""A webhook endpoint for the simulator's tests: checks signatures, remembers what came, answers as told."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "c2ltLXdlYmhvb2sta2V5LWZvci10ZXN0cy1vbmx5"
Answer = Callable[[bool], tuple[int, dict[str, str], bytes]]


def right(is_signed: bool) -> tuple[int, dict[str, str], bytes]:
    return (200 if is_signed else 401), {}, b""


class Receiver:
    """What arrived at the endpoint, in order. `answer` may be replaced at any time."""

    def __init__(self) -> None:
        self.answer: Answer = right
        self.bodies: list[bytes] = []
        self.signed: list[bool] = []
        self.url = ""

    def take(self, body: bytes, signature: str) -> tuple[int, dict[str, str], bytes]:
        wanted = base64.b64encode(hmac.new(KEY.encode(), body, hashlib.sha256).digest()).decode()
        self.bodies.append(body)
        self.signed.append(hmac.compare_digest(wanted, signature))
        return self.answer(self.signed[-1])

    @property
    def batches(self) -> list[dict[str, Any]]:
        """The bodies that hold events; the intent-to-receive checks are left out."""
        return [body for body in map(json.loads, self.bodies) if body["events"]]

    @property
    def ids(self) -> list[str]:
        return [event["resourceId"] for batch in self.batches for event in batch["events"]]


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers, content = receiver.take(body, self.headers["x-xero-signature"])
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """The simulator hangs up when an answer takes too long."""

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}/webhooks/xero"
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
