"""A TCP relay that breaks: it can stop passing bytes on, or hang up, after so many of them or at once."""

import contextlib
import socket
import threading


class Relay:
    """Passes connections on to a server. `sent` counts the bytes from clients to the server.

    `freeze_after` and `drop_after` are limits on that count; None lets everything through.
    """

    def __init__(self, host, port):
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets = [self._listener]
        self._lock = threading.Lock()
        self.host, self.port = self._listener.getsockname()
        self.freeze_after = self.drop_after = None
        self.sent = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for sock in self._sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._target)
                self._sockets += [near, far]
                threading.Thread(target=self._pass_on, args=(near, far, True), daemon=True).start()
                threading.Thread(target=self._pass_on, args=(far, near, False), daemon=True).start()

    def _pass_on(self, source, target, counts):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                with self._lock:
                    self.sent += len(data) if counts else 0
                if self._is_over(self.drop_after):
                    break
                if not self._is_over(self.freeze_after):
                    target.sendall(data)
        for sock in (source, target):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _is_over(self, limit):
        return limit is not None and self.sent > limit
