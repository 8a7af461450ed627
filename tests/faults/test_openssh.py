"""The whole machine against OpenSSH: killed in mid-delivery, restarted, and watched by a reader that never blinks."""

import threading

import pytest

from connector import pipeline
from core import failpoints
from core.clock import database_now
from core.models import File, HostKey, Problem, Server
from sftp_app.hostkeys import read_host_keys
from tests.faults.sshd_killing import kill_sessions
from tests.faults.working import deliver, deliver_again, worker
from tests.outbox_files import sealed_file, states_of
from tests.sshd import running_sshd

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sshd(world, tmp_path):
    """An sshd of this test's own, and the world's server pointed at it."""
    with running_sshd(tmp_path / "sshd") as sshd:
        server = Server.objects.get()
        server.host, server.port, server.username = sshd.host, sshd.port, sshd.username
        server.seal("private_key", sshd.private_key.reveal())
        server.seal("password", None)
        server.save()
        for pin in read_host_keys(sshd.host_key_line()):
            HostKey.objects.create(server=server, key_type=pin.key_type, fingerprint=pin.fingerprint, state="approved")
        yield sshd


def sealed(world, sshd, number=1, **fields):
    return sealed_file(world.integrations[0], name=f"INV_{number}.csv", folder=str(sshd.root), **fields)


class Reader:
    """A partner's job that looks every 10 ms and reads whatever has a final name."""

    def __init__(self, folder):
        self.folder, self.seen = folder, {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self):
        while not self._done.wait(0.01):
            for path in self.folder.glob("INV_*.csv"):
                self.seen.setdefault(path.name, set()).add(path.read_bytes())

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.wait(0.05)
        self._done.set()
        self._thread.join()


def test_a_reader_that_looks_every_ten_milliseconds_sees_whole_files_only(world, sshd):
    files = [sealed(world, sshd, number, rows=2, row_size=700_000) for number in range(6)]
    with Reader(sshd.root) as reader:
        deliver(files[0][0])
    assert reader.seen == {file.name: {content} for file, content in files}


@pytest.mark.parametrize("point", ["deliver.in_upload", "deliver.before_rename", "deliver.before_delivered"])
def test_an_sshd_that_is_killed_on_the_way_is_followed(world, sshd, point):
    file, content = sealed(world, sshd, rows=2, row_size=700_000)
    gate = failpoints.block(point)
    thread = worker(deliver, file)
    assert gate.reached.wait(20)
    kill_sessions(sshd)
    gate.open.set()
    thread.join(30)
    sshd.start()
    deliver_again(file)
    assert states_of(file) == ("delivered", {"delivered"})
    assert [path.read_bytes() for path in sshd.root.glob("INV_*.csv")] == [content]


def test_a_key_that_is_no_longer_let_in_is_tried_three_times_and_held(world, sshd):
    (sshd.place / "authorized_keys").write_text("")
    file, _ = sealed(world, sshd)
    deliver_again(file, times=6)
    assert states_of(file)[0] == "held"
    assert Problem.objects.get(state="open").code == "SFTP_AUTH"
    assert sshd.log.count("Connection closed by authenticating user") == 3


def test_a_hundred_files_go_through_one_connection(world, sshd):
    for number in range(100):
        sealed(world, sshd, number, rows=1)
    pipeline.deliver(Server.objects.get().pk, now=database_now())
    assert set(File.objects.values_list("state", flat=True)) == {"delivered"}
    assert sshd.log.count("Accepted publickey") == 1
