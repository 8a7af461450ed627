"""What listens on the port, and how far we get with it (simulated, with short timeouts)."""

import contextlib
import ipaddress
import socket

import pytest

from core.errors import TemporaryError
from sftp_app.connect import open_socket, peer_text
from sftp_app.errors import AddressRefused, SftpTimedOut, SftpUnreachable, SftpUnsupported
from sftp_app.simulator import Greeting
from sftp_app.watchdog import Watchdog
from tests.sftp_app.conftest import QUICK, session_with, target_of


def failure(sim, **changes):
    with (
        pytest.raises((TemporaryError, SftpUnsupported, AddressRefused)) as caught,
        session_with(sim, timeouts=QUICK, **changes),
    ):
        pass
    return caught.value


def test_a_refused_port_is_temporary(sim):
    sim.stop()
    error = failure(sim)
    assert isinstance(error, SftpUnreachable)
    assert error.sentence == f"127.0.0.1:{sim.port} refused the connection: nothing listens there."


def test_a_server_that_comes_back_on_its_port_is_reached_again(sim):
    sim.stop()
    sim.start()
    with session_with(sim) as session:
        assert session.list(".") == []


def test_a_name_that_is_not_known_is_temporary(sim):
    assert isinstance(failure(sim, host="nobody.invalid"), SftpUnreachable)


@pytest.mark.parametrize("greeting", [Greeting.SILENT, Greeting.NO_KEY_EXCHANGE, Greeting.FLOOD])
def test_a_greeting_that_never_ends_times_out(sim, greeting):
    sim.faults.greeting = greeting
    error = failure(sim)
    assert isinstance(error, SftpTimedOut)
    assert "did not finish the SSH greeting in time" in error.sentence


def test_a_web_server_on_the_port_is_told(sim):
    sim.faults.greeting = Greeting.HTTP
    error = failure(sim)
    assert isinstance(error, SftpUnreachable)
    assert "without an SSH greeting" in error.sentence
    assert "SFTP is not FTPS" in error.next_step


def test_a_listener_that_takes_nobody_in_times_out():
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        error = failure(_Place(listener.getsockname()[1]))
    assert isinstance(error, SftpUnreachable)
    assert "did not answer within 0.5 seconds" in error.sentence


class _Place:
    """A port with nothing behind it."""

    host = "127.0.0.1"
    username = "partner"
    private_key = None
    host_key_types = ("ed25519",)

    def __init__(self, port):
        self.port = port

    def host_key_line(self, kind):
        return "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDabo4k6JDUdKDwyQR8ngK0i0cvrR1HBbdOP4yh3hsFd"


@pytest.mark.parametrize("step", ["subsystem", "init"])
def test_a_file_channel_that_hangs_times_out(sim, step):
    sim.faults.freeze_on = step
    assert isinstance(failure(sim), SftpTimedOut)


def test_an_account_without_sftp_is_told(sim):
    sim.faults.no_sftp = True
    error = failure(sim)
    assert isinstance(error, SftpUnsupported)
    assert "gives partner no SFTP" in error.sentence


def test_too_many_sessions_are_temporary(sim):
    sim.faults.max_sessions = 1
    with session_with(sim):
        assert isinstance(failure(sim), SftpUnreachable)


def test_a_private_address_is_not_connected_to(sim):
    error = failure(sim, allowed_nets=())
    assert isinstance(error, AddressRefused)
    assert sim.seen("connection") == []


def test_a_host_that_names_another_port_is_not_guessed_at(sim):
    assert isinstance(failure(sim, host=f"127.0.0.1:{sim.port}", port=2222), AddressRefused)
    assert sim.seen("connection") == []


def test_small_requests_are_not_held_back_and_dead_lines_are_noticed(sim):
    watchdog = Watchdog(5)
    with open_socket([ipaddress.ip_address(sim.host)], target=target_of(sim), watchdog=watchdog) as sock:
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 30_000
    watchdog.stop()


def test_text_of_a_server_is_cut_and_made_printable():
    shown = peer_text("ok\x1b[31m\r\nfake log line\u202e" + "x" * 500)
    assert shown.isprintable()
    assert len(shown) == 200
