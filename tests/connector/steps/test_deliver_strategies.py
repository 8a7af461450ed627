"""Ways of publishing, each on the servers that need it: a simulator that misbehaves like them, and OpenSSH."""

import hashlib
from dataclasses import dataclass, field

import pytest
from django.db.models.functions import Now

from connector import pipeline
from core import failpoints
from core.clock import database_now
from core.models import Attempt, File, HostKey, Problem, Server
from sftp_app.hostkeys import read_host_keys
from sftp_app.simulator import RenameAnswer, Sizes
from tests.outbox_files import sealed_file, states_of
from tests.sshd import running_sshd, sshd_is_installed
from tests.world import open_world

pytestmark = pytest.mark.django_db(transaction=True)
HAS_SSHD = sshd_is_installed()


@pytest.fixture
def world(settings, tmp_path):
    settings.RETRY_SECONDS = 0
    with open_world(settings, tmp_path / "world", invoices=0, contacts=1, manual_journals=0) as world:
        yield world


@dataclass
class Place:
    """One server that a strategy is tried on, the integration that sends to it, and its folder."""

    integration: object
    outbound: object
    sim: object = None
    taken: list = field(default_factory=list)

    def received(self):
        """What the partner has or had, by name."""
        files = {path.name: path.read_bytes() for path in self.outbound.iterdir() if path.is_file()}
        taken = {path.rpartition("/")[2]: data for path, data in (self.sim.taken if self.sim else [])}
        return files | taken


@pytest.fixture
def simulated(world):
    (world.root / "staging").mkdir()
    return Place(world.integration(), world.root / "outbound", world.sftp)


@pytest.fixture(scope="module")
def openssh(tmp_path_factory):
    with running_sshd(tmp_path_factory.mktemp("sshd"), sftp_options="-u 022") as sshd:
        yield sshd


@pytest.fixture
def real(world, openssh, tmp_path):
    """The same integration, with OpenSSH's sshd behind it; folders are absolute there."""
    outbound, staging = tmp_path / "outbound", tmp_path / "staging"
    outbound.mkdir()
    staging.mkdir()
    integration = world.integration()
    server = integration.partner.server
    server.host, server.port, server.username = openssh.host, openssh.port, openssh.username
    server.seal("private_key", openssh.private_key.reveal())
    server.seal("password", None)
    server.save()
    for pin in read_host_keys(openssh.host_key_line()):
        HostKey.objects.create(server=server, key_type=pin.key_type, fingerprint=pin.fingerprint, state="approved")
    return Place(integration, outbound)


@pytest.fixture(params=["simulated", "real"] if HAS_SSHD else ["simulated"])
def place(request):
    return request.getfixturevalue(request.param)


def configure(place, publish="rename", faults=None, **options):
    staging = str(place.outbound.parent / "staging") if place.sim is None else "/staging"
    folder = staging if publish == "staging" else ""
    Server.objects.update(publish=publish, staging_folder=folder, options=options)
    for name, value in (faults or {}).items():
        setattr(place.sim.faults, name, value)


def sealed(place, **fields):
    folder = "/outbound" if place.sim else str(place.outbound)
    return sealed_file(place.integration, folder=folder, **fields)


def deliver(file):
    return pipeline.deliver(file.server_id, now=database_now())


def deliver_again(file):
    Server.objects.update(lease_until=None, next_attempt_at=None)
    File.objects.exclude(state="delivered").update(next_attempt_at=Now())
    return deliver(file)


def crash_at(file, point):
    """End a delivery at a place with an error that nobody foresaw, as a killed worker would."""
    failpoints.arm(point, "crash")
    deliver(file)


STRATEGIES = ["rename", "staging", "direct"]


@pytest.mark.parametrize("publish", STRATEGIES)
def test_each_way_of_publishing_brings_whole_files_and_their_companions(place, publish):
    configure(place, publish, checksum="sha256", trigger="{name}.done", read_back=True)
    files = [sealed(place, name=f"INV_{number}.csv", rows=2) for number in range(3)]
    deliver(files[0][0])
    expected = {}
    for file, content in files:
        assert states_of(file) == ("delivered", {"delivered"})
        digest = hashlib.sha256(content).hexdigest()
        expected[file.name] = content
        expected[f"{file.name}.sha256"] = f"{digest}  {file.name}\n".encode()
        expected[f"{file.name}.done"] = f"{file.name}\n".encode()
    assert place.received() == expected


@pytest.mark.parametrize("publish", STRATEGIES)
def test_no_way_of_publishing_overwrites_a_file_of_somebody_else(place, publish):
    configure(place, publish)
    file, _ = sealed(place)
    (place.outbound / file.name).write_bytes(b"somebody else's")
    for _ in range(3):
        deliver_again(file)
    assert (states_of(file)[0], Problem.objects.get().code) == ("held", "SFTP_NAME_TAKEN")
    assert place.received() == {file.name: b"somebody else's"}


@pytest.mark.parametrize("taken", ["INV_1.csv.sha256", "INV_1.csv.done"])
@pytest.mark.parametrize("publish", STRATEGIES)
def test_a_companion_never_overwrites_anything_either(place, publish, taken):
    configure(place, publish, checksum="sha256", trigger="{name}.done")
    file, _ = sealed(place)
    (place.outbound / taken).write_bytes(b"somebody else's")
    deliver(file)
    assert states_of(file)[0] == "held"
    assert place.received() == {taken: b"somebody else's"}


PROFILES = {
    "no rename": ("direct", {"rename": RenameAnswer.UNSUPPORTED}, {}),
    "no stat": ("rename", {"no_stat": True}, {}),
    "no stat, no listing": ("rename", {"no_stat": True, "no_list": True}, {}),
    "no sizes": ("rename", {"sizes": Sizes.MISSING}, {}),
    "instant pickup": ("rename", {"takes_files": True}, {}),
    "instant pickup, direct": ("direct", {"takes_files": True, "rename": RenameAnswer.UNSUPPORTED}, {}),
    "write-only": ("rename", {"write_only": True}, {}),
    "write-only, direct": ("direct", {"write_only": True, "rename": RenameAnswer.UNSUPPORTED}, {}),
    "no hidden names": ("rename", {"no_hidden_names": True}, {"hidden_temporary": False}),
    "renames over files": ("rename", {"rename": RenameAnswer.OVERWRITES}, {}),
    "no extensions": ("staging", {"no_extensions": True}, {}),
}


@pytest.mark.parametrize("profile", PROFILES)
def test_each_kind_of_server_gets_every_file_once(simulated, profile):
    publish, faults, options = PROFILES[profile]
    configure(simulated, publish, faults, checksum="sha256", trigger="{stem}.ok", **options)
    files = [sealed(simulated, name=f"INV_{number}.csv") for number in range(3)]
    deliver(files[0][0])
    assert {states_of(file)[0] for file, _ in files} == {"delivered"}
    received = simulated.received()
    assert {name: data for name, data in received.items() if name.endswith(".csv")} == {
        file.name: content for file, content in files
    }
    assert {f"INV_{number}.ok" for number in range(3)} <= set(received)
    assert len(received) == 9


@pytest.mark.parametrize("profile", [name for name, (publish, _, _) in PROFILES.items() if publish != "direct"])
def test_after_a_crash_each_kind_of_server_has_every_file_once(simulated, profile):
    publish, faults, options = PROFILES[profile]
    configure(simulated, publish, faults, checksum="sha256", trigger="{stem}.ok", **options)
    sent = {}
    for number, point in enumerate(["before_rename", "before_trigger", "before_delivered"]):
        file, sent[f"INV_{number}.csv"] = sealed(simulated, name=f"INV_{number}.csv")
        crash_at(file, f"deliver.{point}")
        deliver_again(file)
        assert states_of(file) == ("delivered", {"delivered"})
    received = simulated.received()
    assert {name: data for name, data in received.items() if name.endswith(".csv")} == sent
    assert len(received) == 9
    assert len({path for path, _ in simulated.sim.taken}) == len(simulated.sim.taken)


def test_hidden_names_are_refused_until_the_server_is_told_so(simulated):
    configure(simulated, faults={"no_hidden_names": True})
    file, _ = sealed(simulated)
    deliver(file)
    assert states_of(file)[0] == "retry_wait"
    configure(simulated, hidden_temporary=False)
    deliver_again(file)
    assert states_of(file)[0] == "delivered"
    assert Attempt.objects.latest("pk").temp_name == f"{file.name}.2.tmp"


def test_what_a_broken_direct_upload_left_is_ours_to_replace(simulated):
    configure(simulated, "direct")
    file, content = sealed(simulated)
    crash_at(file, "deliver.before_publishing")
    (simulated.outbound / file.name).write_bytes(content[:10])
    deliver_again(file)
    assert states_of(file)[0] == "delivered"
    assert simulated.received() == {file.name: content}


def test_a_direct_upload_that_was_whole_when_the_worker_died_is_found(simulated):
    configure(simulated, "direct")
    file, content = sealed(simulated)
    crash_at(file, "deliver.before_publishing")
    deliver_again(file)
    assert (states_of(file)[0], file.evidence) == ("delivered", "found")
    assert simulated.sim.seen("file") == [f"/outbound/{file.name}"]
    assert simulated.received() == {file.name: content}


@pytest.mark.parametrize(("means", "state"), [("consumed", "delivered"), ("hold", "held")])
def test_a_direct_file_that_is_gone_at_once_was_taken_or_a_person_decides(simulated, means, state):
    configure(simulated, "direct", {"takes_files": True}, absent_means=means)
    file, content = sealed(simulated)
    deliver(file)
    assert states_of(file)[0] == state
    assert simulated.received() == {file.name: content}
    deliver_again(file)
    assert len(simulated.sim.taken) == 1


@pytest.mark.parametrize(("means", "state"), [("consumed", "delivered"), ("hold", "held")])
def test_a_renamed_file_that_is_gone_after_a_crash_was_taken_or_a_person_decides(simulated, means, state):
    configure(simulated, "rename", {"takes_files": True}, absent_means=means)
    file, _ = sealed(simulated)
    crash_at(file, "deliver.before_delivered")
    deliver_again(file)
    assert states_of(file)[0] == state
    assert len(simulated.sim.taken) == 1


def test_bytes_that_come_back_different_never_get_the_final_name(simulated):
    configure(simulated, read_back=True)
    file, _ = sealed(simulated)
    simulated.sim.faults.flips_bytes = True
    deliver(file)
    assert states_of(file)[0] == "retry_wait"
    assert Problem.objects.get().code == "SFTP_READ_BACK"
    assert simulated.received() == {}


def test_content_that_is_not_what_was_sealed_never_leaves(simulated):
    file, _ = sealed(simulated)
    File.objects.update(sha256="0" * 64)
    deliver(file)
    assert (states_of(file)[0], Problem.objects.get().code) == ("held", "FILE_NOT_AS_SEALED")
    assert simulated.received() == {}


def test_files_that_vanish_under_temporary_names_are_held_after_a_few_tries(simulated):
    configure(simulated, faults={"takes_everything": True})
    file, _ = sealed(simulated)
    for _ in range(5):
        deliver_again(file)
    assert (states_of(file)[0], len(simulated.sim.taken)) == ("held", 3)


def test_a_damaged_temporary_name_is_forgotten_before_the_next_upload(simulated):
    file, content = sealed(simulated)
    crash_at(file, "deliver.before_rename")
    (left,) = simulated.outbound.iterdir()
    left.write_bytes(b"cut")
    deliver_again(file)
    assert states_of(file) == ("delivered", {"delivered"})
    assert (simulated.outbound / file.name).read_bytes() == content


def test_a_staging_folder_on_another_disk_is_held_with_the_reason(simulated):
    configure(simulated, "staging", {"rename": RenameAnswer.FAILURE})
    file, _ = sealed(simulated)
    deliver(file)
    assert (states_of(file)[0], Problem.objects.get().code) == ("held", "SFTP_UNSUPPORTED")
    assert "different disks" in Problem.objects.get().sentence


def test_another_way_of_publishing_in_between_does_not_confuse_recovery(simulated):
    configure(simulated, "staging")
    file, content = sealed(simulated)
    crash_at(file, "deliver.before_rename")
    configure(simulated, "direct")
    deliver_again(file)
    assert (states_of(file)[0], file.evidence) == ("delivered", "renamed")
    assert simulated.received() == {file.name: content}


def test_a_link_under_the_final_name_is_held(simulated):
    file, _ = sealed(simulated)
    (simulated.outbound / file.name).symlink_to(simulated.outbound / "elsewhere")
    deliver(file)
    assert (states_of(file)[0], Problem.objects.get().code) == ("held", "SFTP_NAME_TAKEN")
    assert not (simulated.outbound / "elsewhere").exists()
