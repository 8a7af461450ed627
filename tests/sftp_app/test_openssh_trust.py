"""Trust and sign-in against OpenSSH itself: its own log says what it was given."""

import subprocess

import pytest

from core.secret import Secret
from sftp_app.errors import HostKeyMismatch, SftpAuthFailed, SftpOutdated
from sftp_app.hostkeys import read_host_keys
from sftp_app.keys import generate_key_pair, public_line
from sftp_app.probe import fetch_host_keys
from sftp_app.target import HostKeyPin
from tests.sftp_app.conftest import session_with, target_of
from tests.ssh_keys import make_key
from tests.sshd import running_sshd

pytestmark = pytest.mark.sshd


def _secret(path):
    return Secret(path.read_text())


OTHER = read_host_keys(generate_key_pair(comment="other").public)


@pytest.fixture(scope="module")
def three_keys(tmp_path_factory):
    """An sshd with an ed25519, an ECDSA and an RSA host key."""
    place = tmp_path_factory.mktemp("three")
    with running_sshd(place, host_key_types=("ed25519", "ecdsa", "rsa")) as server:
        yield server


def test_a_wrong_host_key_receives_no_credential(tmp_path):
    with running_sshd(tmp_path / "sshd", options=["LogLevel DEBUG2"]) as server:
        with pytest.raises(HostKeyMismatch), session_with(server, host_keys=OTHER):
            pass
        refused = server.log
        with session_with(server):
            pass
        accepted = server.log.removeprefix(refused)
    assert "Connection from" in refused
    for word in ("userauth-request", f"user {server.username}", "Accepted publickey", "Failed"):
        assert word not in refused
    assert "userauth-request for user" in accepted
    assert "Accepted publickey" in accepted


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_pin_of_any_type_works_though_the_server_has_others(three_keys, kind):
    pins = read_host_keys(three_keys.host_key_line(kind))
    with session_with(three_keys, host_keys=pins) as session:
        assert session.host_key == pins[0]


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_bare_fingerprint_of_any_type_works_too(three_keys, kind):
    (pin,) = read_host_keys(three_keys.host_key_line(kind))
    with session_with(three_keys, host_keys=(HostKeyPin(fingerprint=pin.fingerprint),)) as session:
        assert session.host_key == pin


def test_a_bare_fingerprint_that_no_key_has_fails_closed(three_keys):
    pins = (HostKeyPin(fingerprint=OTHER[0].fingerprint),)
    with pytest.raises(HostKeyMismatch), session_with(three_keys, host_keys=pins):
        pass


def test_a_pin_of_a_type_that_the_server_lacks_fails_closed_and_shows_what_it_has(sshd, three_keys):
    pins = read_host_keys(three_keys.host_key_line("rsa"))
    with pytest.raises(HostKeyMismatch) as caught, session_with(sshd, host_keys=pins):
        pass
    assert caught.value.shown == read_host_keys(sshd.host_key_line())[0]
    assert caught.value.approved == pins


def test_fetching_shows_every_key_and_signs_in_nowhere(three_keys):
    before = three_keys.log
    shown = fetch_host_keys(target_of(three_keys, host_keys=(), private_key=None))
    assert {str(pin) for pin in shown} == {
        str(read_host_keys(three_keys.host_key_line(kind))[0]) for kind in ("ed25519", "ecdsa", "rsa")
    }
    assert "Accepted" not in three_keys.log.removeprefix(before)


@pytest.mark.parametrize(
    ("kind", "bits"), [("ed25519", None), ("ecdsa", 256), ("ecdsa", 384), ("ecdsa", 521), ("rsa", 3072)]
)
def test_keys_of_every_kind_sign_in(sshd, tmp_path, kind, bits):
    make_key(tmp_path / "key", kind, bits=bits)
    sshd.authorize((tmp_path / "key.pub").read_text())
    with session_with(sshd, private_key=_secret(tmp_path / "key")) as session:
        assert session.list(".") == []


def test_a_key_that_is_not_authorized_holds(sshd):
    stranger = generate_key_pair(comment="stranger").private
    with pytest.raises(SftpAuthFailed, match="refused the sign-in"), session_with(sshd, private_key=stranger):
        pass


@pytest.mark.parametrize(
    ("option", "advice"),
    [
        ("KexAlgorithms diffie-hellman-group14-sha1", "must enable curve25519-sha256"),
        ("Ciphers aes128-cbc,3des-cbc", "must enable aes256-gcm@openssh.com"),
        ("MACs hmac-sha1", "must enable hmac-sha2-256"),
        ("HostKeyAlgorithms ssh-rsa", "must enable rsa-sha2-512"),
    ],
)
def test_a_server_with_only_broken_algorithms_is_told_what_to_change(tmp_path, option, advice):
    options = [option] if "MACs" not in option else [option, "Ciphers aes128-ctr"]
    with running_sshd(tmp_path / "sshd", options=options, host_key_types=("rsa",)) as server:
        pins = read_host_keys(server.host_key_line("rsa"))
        with pytest.raises(SftpOutdated, match=advice) as caught, session_with(server, host_keys=pins):
            pass
    assert caught.value.holds


def test_legacy_ciphers_are_an_exception_that_has_to_be_asked_for(tmp_path):
    options = ["Ciphers aes128-cbc", "MACs hmac-sha1"]
    with (
        running_sshd(tmp_path / "sshd", options=options) as server,
        session_with(server, allow_legacy_algorithms=True) as session,
    ):
        assert session.list(".") == []


def test_a_refused_rsa_key_comes_with_the_advice_for_old_servers(tmp_path):
    make_key(tmp_path / "key", "rsa", bits=2048)
    with running_sshd(tmp_path / "sshd", options=["PubkeyAcceptedAlgorithms ssh-rsa"]) as server:
        server.authorize((tmp_path / "key.pub").read_text())
        with (
            pytest.raises(SftpAuthFailed) as caught,
            session_with(server, private_key=_secret(tmp_path / "key")),
        ):
            pass
    assert "try an ed25519 key" in caught.value.next_step


def test_the_fingerprint_is_what_ssh_keygen_prints(sshd):
    command = ["ssh-keygen", "-lf", sshd.place / "host_ed25519.pub"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    (pin,) = read_host_keys(sshd.host_key_line())
    assert pin.fingerprint == printed.split()[1]
    assert read_host_keys(printed) == (HostKeyPin(fingerprint=pin.fingerprint),)


def test_keys_that_ssh_keygen_makes_are_read(tmp_path):
    for number, form in enumerate((["-m", "PEM", "-t", "rsa"], ["-m", "PKCS8", "-t", "ecdsa"], ["-t", "ed25519"])):
        path = tmp_path / f"key{number}"
        subprocess.run(["ssh-keygen", "-q", *form, "-N", "open sesame", "-C", "test", "-f", path], check=True)
        line = public_line(_secret(path), passphrase=Secret("open sesame"), comment="test")
        assert line == path.with_suffix(".pub").read_text().strip()
