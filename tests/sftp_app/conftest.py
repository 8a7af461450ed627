"""Two servers for the same tests: the simulator, and OpenSSH's sshd where it is installed."""

import ipaddress
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.secret import Secret
from sftp_app.hostkeys import read_host_keys
from sftp_app.session import open_session
from sftp_app.simulator import SftpSimulator
from sftp_app.target import Target, Timeouts
from tests.sshd import running_sshd, sshd_is_installed

HAS_SSHD = sshd_is_installed()
collect_ignore_glob = [] if HAS_SSHD else ["test_openssh*.py"]

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
PASSWORD = "correct horse"
QUICK = Timeouts(connect=0.5, handshake=0.5, sign_in=0.5, channel=0.5, answer=0.5)


def pytest_terminal_summary(terminalreporter):
    if not HAS_SSHD:
        terminalreporter.line("sshd is not installed: its tests were not collected (with CI=true they must be)")


def target_of(server, **changes):
    """The target that signs in at a simulator (by password) or at an sshd (by key)."""
    is_simulated = isinstance(server, SftpSimulator)
    line = server.host_key_line if is_simulated else server.host_key_line(server.host_key_types[0])
    credential = (
        {"username": "partner", "password": Secret(PASSWORD)}
        if is_simulated
        else {"username": server.username, "private_key": server.private_key}
    )
    plain = Target(
        host=server.host, port=server.port, host_keys=read_host_keys(line), allowed_nets=LOOPBACK, **credential
    )
    return replace(plain, **changes)


def session_with(server, *, deadline_seconds=20, now=NOW, **changes):
    """Open a session with the target of `target_of`."""
    return open_session(target_of(server, **changes), now=now, deadline_seconds=deadline_seconds)


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "simulated"
    folder.mkdir()
    return folder


@pytest.fixture
def sim(root):
    simulator = SftpSimulator(root=root, username="partner", password=PASSWORD)
    with simulator.serve():
        simulator.root = root
        yield simulator


@pytest.fixture(scope="session")
def openssh(tmp_path_factory):
    with running_sshd(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture
def sshd(openssh):
    """The shared sshd with an empty folder."""
    _empty(openssh.root)
    return openssh


def _empty(folder):
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            _empty(entry)
            entry.rmdir()
        else:
            entry.unlink()


@pytest.fixture(params=["sim", "sshd"] if HAS_SSHD else ["sim"])
def server(request):
    """Each server in turn; `root` is the folder that it serves."""
    return request.getfixturevalue(request.param)
