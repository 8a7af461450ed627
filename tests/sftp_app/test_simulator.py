"""The simulator as other processes and tests use it."""

import json
import os
import signal
import subprocess
import sys

import pytest

from core.secret import Secret
from sftp_app.errors import SftpNoFile, SftpNoFolder, SftpUnreachable
from sftp_app.hostkeys import read_host_keys
from sftp_app.keys import generate_key_pair
from sftp_app.session import open_session
from sftp_app.simulator import Faults, Greeting, SftpSimulator
from sftp_app.target import Target
from tests.sftp_app.conftest import LOOPBACK, NOW, PASSWORD, session_with


def start(root, *arguments):
    command = [sys.executable, "-m", "sftp_app.simulator", "--root", root, "--user", "partner", *arguments]
    environment = {**os.environ, "SIM_PASSWORD": PASSWORD}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def finish(process):
    process.send_signal(signal.SIGTERM)
    output = process.communicate(timeout=20)
    return process.returncode, *output


def test_another_process_serves_a_folder_with_a_host_key_that_stays(root, tmp_path):
    lines = []
    for _ in range(2):
        process = start(root, "--password-env", "SIM_PASSWORD", "--host-key", tmp_path / "host_key")
        ready = json.loads(process.stdout.readline())
        lines.append(ready["host_key"])
        target = Target(
            host=ready["host"],
            port=ready["port"],
            username="partner",
            password=Secret(PASSWORD),
            host_keys=read_host_keys(ready["host_key"]),
            allowed_nets=LOOPBACK,
        )
        with open_session(target, now=NOW, deadline_seconds=20) as session:
            session.write("x", [b"x"], size=1)
        assert finish(process) == (0, "", "")
    assert lines[0] == lines[1]
    assert (tmp_path / "host_key").stat().st_mode & 0o077 == 0
    assert (root / "x").read_bytes() == b"x"


def test_a_busy_port_is_one_clear_sentence(root, sim):
    process = start(root, "--port", str(sim.port))
    _, error = process.communicate(timeout=20)
    assert process.returncode == 1
    assert error.startswith(f"Port {sim.port} cannot be used")
    assert error.count("\n") == 1


def test_a_missing_folder_is_a_usage_error(root):
    process = start(root / "nowhere")
    _, error = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "is no folder" in error


def test_down_and_up_again_keeps_port_and_host_key(sim):
    port, line = sim.port, sim.host_key_line
    with session_with(sim) as session:
        sim.stop()
        with pytest.raises(SftpUnreachable):
            session.stat("x")
    with pytest.raises(SftpUnreachable), session_with(sim):
        pass
    sim.start()
    assert (sim.port, sim.host_key_line) == (port, line)
    with session_with(sim) as session:
        assert session.stat("x") is None


def test_nobody_gets_out_of_the_folder(sim, tmp_path):
    (tmp_path / "secret").write_text("outside")
    (sim.root / "way-out").symlink_to(tmp_path)
    with session_with(sim) as session:
        for path in ("/secret", "way-out/secret"):
            with pytest.raises((SftpNoFile, SftpNoFolder)):
                session.read(path, limit=100)
        with pytest.raises(SftpNoFolder):
            session.list("way-out")


def test_the_log_never_holds_a_secret(sim):
    with session_with(sim):
        pass
    assert sim.seen("sign-in") == ["password partner accepted"]
    assert PASSWORD not in repr(sim.log)


def test_a_key_pair_signs_in(root):
    pair = generate_key_pair(comment="x")
    simulator = SftpSimulator(root=root, username="partner", authorized_keys=[pair.public])
    with simulator.serve(), session_with(simulator, password=None, private_key=pair.private) as session:
        assert session.list(".") == []


def test_healing_switches_every_fault_off():
    faults = Faults(greeting=Greeting.FLOOD, room=3, lose_reply="rename", takes_files=True)
    faults.heal()
    assert faults == Faults()
