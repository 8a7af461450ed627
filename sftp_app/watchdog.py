"""The hard end of a session: when its time is up, the connection is cut under whatever still waits on it."""

import contextlib
import socket
import threading
import time


class Watchdog:
    """Cuts the connections it watches after `seconds`, counted from its making."""

    def __init__(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._watched: list[socket.socket] = []
        self.has_fired = False
        self._timer = threading.Timer(seconds, self._fire)
        self._timer.name = "sftp-deadline"
        self._timer.daemon = True
        self._timer.start()

    @property
    def seconds_left(self) -> float:
        """Give the seconds until the end, never below zero."""
        return max(0.0, self._ends_at - time.monotonic())

    def watch(self, sock: socket.socket) -> None:
        """Cut this connection too when the time is up, at once if it already is."""
        with self._lock:
            self._watched.append(sock)
            fired = self.has_fired
        if fired:
            _cut(sock)

    def stop(self) -> None:
        """Let the connections be; the session has ended by itself."""
        self._timer.cancel()

    def _fire(self) -> None:
        with self._lock:
            self.has_fired = True
            watched = list(self._watched)
        for sock in watched:
            _cut(sock)


def _cut(sock: socket.socket) -> None:
    # shutdown wakes every thread blocked on the socket; whoever opened it closes it
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
