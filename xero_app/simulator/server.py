"""Serves the application over HTTP/1.1 with keep-alive, and does the mishaps that only a socket can show."""

import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from xero_app.simulator.exchange import TEXT, Request, Response, request_of

Answer = Callable[[Request], Response]


class SimulatorServer(ThreadingHTTPServer):
    """One thread for each connection; all connections are closed when it stops."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, *, address: tuple[str, int], answer: Answer) -> None:
        self.answer = answer
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(address, SimulatorHandler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remembers the connection, so that stopping closes those that are kept alive."""
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forgets the connection and closes it."""
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no event; anything else is shown as usual."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)

    def close_all(self) -> None:
        """Ends every open connection; handler threads end with theirs."""
        with self._guard:
            connections = list(self._open)
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class SimulatorHandler(BaseHTTPRequestHandler):
    """Reads one request after the other from a connection and writes the answers."""

    protocol_version = "HTTP/1.1"
    server_version = "Simulator"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1
    server: SimulatorServer

    def _answer(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        if not length.isascii() or not length.isdigit():
            self.close_connection = True
            self._write(Response(status=400, body=b"Content-Length is no number", content_type=TEXT))
            return
        body = self.rfile.read(int(length))
        request = request_of(method=self.command, target=self.path, headers=self.headers, body=body)
        self._write(self.server.answer(request))

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = _answer  # noqa: N815

    def _write(self, response: Response) -> None:
        if response.mishap in ("drop", "lost", "hang"):
            self._reset()
            return
        body = response.body
        if response.mishap == "truncate":
            body = body[: len(body) // 2]
        self._write_head(response, length=len(body))
        if response.mishap == "reset":
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            self._reset()
            return
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def _write_head(self, response: Response, *, length: int) -> None:
        self.send_response_only(response.status)
        self.send_header("Server", self.server_version)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status != 204:
            if response.body or response.status >= 400:
                self.send_header("Content-Type", response.content_type)
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def _reset(self) -> None:
        """Closes with RST, so that the client sees a broken connection and not a clean end."""
        self.close_connection = True
        with suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Says nothing: `/_sim/stats` has the figures."""


@contextmanager
def serving(*, host: str, port: int, answer: Answer) -> Iterator[str]:
    """Serves in a thread; gives the base address. OSError when the port is taken."""
    server = SimulatorServer(address=(host, port), answer=answer)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="xero-simulator", daemon=True
    )
    thread.start()
    try:
        yield f"http://{host}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.close_all()
        server.server_close()
        thread.join(timeout=5)
