"""Habits of servers that neither paramiko's server nor OpenSSH can be made to show; asyncssh plays them."""

import asyncio
import contextlib
import threading

import asyncssh
import pytest

from core.secret import Secret
from sftp_app.errors import SftpAuthFailed, SftpFailed, SftpOutdated, SftpUnreachable
from sftp_app.hostkeys import read_host_keys
from sftp_app.session import open_session
from sftp_app.target import HostKeyPin, Target
from tests.sftp_app.conftest import LOOPBACK, NOW, PASSWORD
from tests.ssh_keys import make_key

HOST_KEY = asyncssh.generate_private_key("ssh-ed25519")


class Accounts(asyncssh.SSHServer):
    def password_auth_supported(self):
        return True

    def validate_password(self, username, password):
        return password == PASSWORD


class Questions(asyncssh.SSHServer):
    def password_auth_supported(self):
        return False

    def kbdint_auth_supported(self):
        return True

    def get_kbdint_challenge(self, username, lang, submethods):
        return "", "", "", [("Password: ", False), ("Code from your phone: ", True)]


@contextlib.contextmanager
def other_server(*, host_key=HOST_KEY, **options):
    """Run an asyncssh server in a thread of its own, and give its port."""
    loop = asyncio.new_event_loop()

    async def listen():
        return await asyncssh.listen("127.0.0.1", 0, server_host_keys=[host_key], **options)

    # All of it in a thread of its own: a browser test of the same process keeps a loop running in this one.
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
    try:
        yield server.get_port()
    finally:
        asyncio.run_coroutine_threadsafe(_shut(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _shut(server):
    server.close()
    await server.wait_closed()
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def session_on(port, **settings):
    settings.setdefault("host_keys", read_host_keys(HOST_KEY.export_public_key().decode()))
    target = Target(host="127.0.0.1", port=port, username="partner", allowed_nets=LOOPBACK, **settings)
    return open_session(target, now=NOW, deadline_seconds=20)


def test_a_second_factor_is_told_as_such():
    with (
        other_server(server_factory=Questions) as port,
        pytest.raises(SftpAuthFailed, match="more than a password"),
        session_on(port, password=Secret(PASSWORD)),
    ):
        pass


def test_rsa_only_with_sha1_is_told_with_what_the_partner_must_change(tmp_path):
    make_key(tmp_path / "key", "rsa", bits=2048)
    keys = str(tmp_path / "key.pub")
    with (
        other_server(authorized_client_keys=keys, signature_algs=["ssh-rsa"]) as port,
        pytest.raises(SftpOutdated, match="accepts RSA keys only with SHA-1"),
        session_on(port, private_key=Secret((tmp_path / "key").read_text())),
    ):
        pass


def test_a_weak_rsa_host_key_is_not_trusted_even_when_its_fingerprint_was_approved():
    weak = asyncssh.generate_private_key("ssh-rsa", key_size=1024)
    with (
        other_server(server_factory=Accounts, host_key=weak) as port,
        pytest.raises(SftpOutdated, match="RSA host key of 1024 bits"),
        session_on(port, password=Secret(PASSWORD), host_keys=(HostKeyPin(weak.get_fingerprint()),)),
    ):
        pass


class Colourful(asyncssh.SFTPServer):
    def open(self, path, pflags, attrs):
        raise asyncssh.SFTPFailure("write\x1b[31m protected\r\nERROR fake log line")


class GarbledSession(asyncssh.SSHServerSession):
    def connection_made(self, chan):
        self.chan = chan

    def subsystem_requested(self, subsystem):
        return True

    def session_started(self):
        self.chan.write(b"Welcome to the accounting department!\r\n")


def test_a_reason_given_by_the_server_is_shown_on_one_plain_line():
    with (
        other_server(server_factory=Accounts, sftp_factory=Colourful) as port,
        session_on(port, password=Secret(PASSWORD)) as session,
        pytest.raises(SftpFailed, match=r"\(write\?\[31m protected\?\?ERROR fake log line\)"),
    ):
        session.write("x", [b"x"], size=1)


class Chatty(Accounts):
    def session_requested(self):
        return GarbledSession()


def test_a_login_script_that_talks_is_told_as_no_sftp():
    with (
        other_server(server_factory=Chatty, encoding=None) as port,
        pytest.raises(SftpUnreachable, match="is not SFTP"),
        session_on(port, password=Secret(PASSWORD)),
    ):
        pass
