"""A real SSH server on loopback with one account and a plain folder, that misbehaves on demand."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import paramiko

from core.secret import Secret
from sftp_app.connect import hang_up
from sftp_app.keys import generate_key_pair, load_private_key
from sftp_app.simulator.account import Account, Door
from sftp_app.simulator.faults import Faults, Greeting
from sftp_app.simulator.folder import Disk
from sftp_app.simulator.journal import Entry, Journal
from sftp_app.simulator.subsystem import Subsystem

_LOG_CHANNEL = "sftp_app.ssh.simulator"


class SftpSimulator:
    """Serves `root` to one account. `faults` can be changed while it runs; `log` is what it has seen.

    Listens on loopback only. `stop` and `start` keep the port and the host key, as a server that was down.
    """

    def __init__(
        self,
        *,
        root: Path,
        username: str,
        password: str = "",
        authorized_keys: Sequence[str] = (),
        host_key: Secret | None = None,
        methods: Sequence[str] = ("publickey", "password"),
        needs_both: bool = False,
    ) -> None:
        self.faults = Faults()
        self._journal = Journal()
        self._account = Account(username, password, tuple(authorized_keys), tuple(methods), needs_both)
        self._disk = Disk(root.resolve(), self.faults, self._journal)
        self._host_key = load_private_key(host_key or generate_key_pair(comment="simulator").private)
        self._listener: socket.socket | None = None
        self._stopped = threading.Event()
        self._transports: list[paramiko.Transport] = []
        self._raw: list[socket.socket] = []
        self.host = "127.0.0.1"
        self.port = 0

    @property
    def host_key_line(self) -> str:
        """Give the host key as `type base64`, as it is entered under host_keys."""
        return f"{self._host_key.get_name()} {self._host_key.get_base64()}"

    @property
    def log(self) -> list[Entry]:
        """Give what the server has seen so far."""
        return list(self._journal.entries)

    def seen(self, kind: str) -> list[str]:
        """Give the texts of one kind of entry: connection, sign-in, file, rename, remove, fault."""
        return self._journal.texts(kind)

    @property
    def taken(self) -> list[tuple[str, bytes]]:
        """Give the files that the partner has taken (`faults.takes_files`), as (path, bytes) in order."""
        return list(self._disk.taken)

    def change_host_key(self) -> None:
        """Show a new host key from the next connection on."""
        self._host_key = load_private_key(generate_key_pair(comment="simulator").private)

    @contextlib.contextmanager
    def serve(self, *, port: int = 0) -> Iterator[tuple[str, int]]:
        """Serve while the block runs; port 0 takes a free one."""
        self.port = port
        self.start()
        try:
            yield self.host, self.port
        finally:
            self.stop()

    def start(self) -> None:
        """Begin to listen. Raises OSError when the port is busy."""
        listener = socket.create_server((self.host, self.port), backlog=100)
        self.port = listener.getsockname()[1]
        self._listener = listener
        self._stopped = threading.Event()
        threading.Thread(target=self._listen, args=(listener, self._stopped), daemon=True).start()

    def stop(self) -> None:
        """Stop listening and cut every connection."""
        self._stopped.set()
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for transport in self._transports:
            hang_up(transport)
        for sock in self._raw:
            sock.close()
        self._transports, self._raw = [], []

    def _listen(self, listener: socket.socket, stopped: threading.Event) -> None:
        while not stopped.is_set():
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            self._journal.note("connection", self.faults.greeting.value)
            if self.faults.greeting is Greeting.SSH:
                self._greet(sock, stopped)
            else:
                self._raw.append(sock)
                threading.Thread(target=misbehave, args=(sock, self.faults.greeting, stopped), daemon=True).start()

    def _greet(self, sock: socket.socket, stopped: threading.Event) -> None:
        self._transports = [item for item in self._transports if item.is_active()]
        limit = self.faults.max_sessions
        if limit is not None and len(self._transports) >= limit:
            sock.close()
            return
        with contextlib.suppress(OSError, paramiko.SSHException, EOFError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            transport = paramiko.Transport(sock)
            transport.daemon = True
            transport.set_log_channel(_LOG_CHANNEL)
            transport.add_server_key(self._host_key)
            transport.set_subsystem_handler("sftp", Subsystem, self._disk, stopped)
            self._transports.append(transport)
            door = Door(self._account, self.faults, self._journal, stopped, partial(hang_up, transport))
            transport.start_server(event=threading.Event(), server=door)


def misbehave(sock: socket.socket, greeting: Greeting, stopped: threading.Event) -> None:
    """Greet a connection with something other than SSH, until it goes or the server stops."""
    with contextlib.suppress(OSError), sock:
        if greeting is Greeting.HTTP:
            sock.recv(1024)
            sock.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n\x1b[31m<h1>no</h1>")
            return
        if greeting is Greeting.NO_KEY_EXCHANGE:
            sock.sendall(b"SSH-2.0-silence\r\n")
        while not stopped.is_set():
            if greeting is Greeting.FLOOD:
                sock.sendall(b"please wait \x07" * 50 + b"\r\n")
            time.sleep(0.005)
