"""Host keys as people enter them, and everything that only looks like one."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sftp_app.errors import HostKeyRefused
from sftp_app.hostkeys import fingerprint, read_host_keys
from sftp_app.keys import generate_key_pair
from sftp_app.target import HostKeyPin
from tests.ssh_keys import make_key

LINE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDabo4k6JDUdKDwyQR8ngK0i0cvrR1HBbdOP4yh3hsFd server"
KEY = " ".join(LINE.split()[:2])
RAW = base64.b64decode(LINE.split()[1])
PIN = HostKeyPin(fingerprint=fingerprint(RAW), key_type="ssh-ed25519", key=RAW)
BARE = HostKeyPin(fingerprint=PIN.fingerprint)
HOST = {"host": "sftp.example.com", "port": 22}


@pytest.mark.parametrize(
    ("entry", "pin"),
    [
        (KEY, PIN),
        (LINE, PIN),
        (f"  {KEY}\r\n", PIN),
        (f"sftp.example.com {KEY}", PIN),
        (f"SFTP.example.com,203.0.113.9 {LINE}", PIN),
        (f"*.example.com {KEY}", PIN),
        (f"[sftp.example.com]:22 {KEY}", PIN),
        (f"# sftp.example.com:22 SSH-2.0-OpenSSH_9.2\nsftp.example.com {KEY}", PIN),
        (PIN.fingerprint, BARE),
        (f"{PIN.fingerprint}=", BARE),
        (f"256 {PIN.fingerprint} sftp.example.com (ED25519)", BARE),
    ],
)
def test_an_entry_becomes_its_pin(entry, pin):
    assert read_host_keys(entry, **HOST) == (pin,)


@pytest.mark.parametrize(("kind", "bits"), [("ecdsa", 256), ("ecdsa", 521), ("rsa", 2048)])
def test_other_key_types_are_read(tmp_path, kind, bits):
    make_key(tmp_path / "key", kind, bits=bits)
    line = (tmp_path / "key.pub").read_text()
    (pin,) = read_host_keys(line)
    assert pin.key_type == line.split()[0]
    assert base64.b64encode(pin.key).decode() == line.split()[1]


def test_several_lines_give_several_pins_without_repeats():
    second = generate_key_pair(comment="second").public
    pins = read_host_keys(f"{LINE}\n\n{second}\n{KEY}")
    assert [pin.key_type for pin in pins] == ["ssh-ed25519"] * 2
    assert pins[0] == PIN


def test_a_line_for_another_port_is_for_another_server():
    assert read_host_keys(f"[h.example]:2222 {KEY}", host="h.example", port=2222) == (PIN,)
    with pytest.raises(HostKeyRefused, match=r"not for h\.example:2222"):
        read_host_keys(f"h.example {KEY}", host="h.example", port=2222)


SHORT = base64.b64encode(RAW[:-5]).decode()
OTHER_TYPE = LINE.split()[1]


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("", "is empty"),
        ("# only a comment", "is empty"),
        (f"|1|c2FsdA==|aGFzaA== {KEY}", "is hashed"),
        (f"@cert-authority *.example.com {KEY}", "@cert-authority lines are not supported"),
        (f"@revoked sftp.example.com {KEY}", "@revoked lines are not supported"),
        ("MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48", "MD5 fingerprints are not safe"),
        ("16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48", "MD5 fingerprints are not safe"),
        (f"other.example.com {KEY}", "for other.example.com, not for sftp.example.com:22"),
        (f"!sftp.example.com,*.example.com {KEY}", "excludes hosts"),
        ("ssh-dss AAAAB3NzaC1kc3MAAACBAP", "no key type that we accept"),
        (f"ssh-ed25519-cert-v01@openssh.com {OTHER_TYPE}", "no key type that we accept"),
        ("ssh-ed25519", "key itself is missing"),
        (f"ssh-ed25519 {SHORT}", "cut short or damaged"),
        ("ssh-ed25519 not-base64!", "cut short or damaged"),
        (f"ssh-rsa {OTHER_TYPE}", "cut short or damaged"),
        ("SHA256:tooshort", "no key type that we accept"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", "This is a private key"),
    ],
)
def test_what_proves_nothing_is_refused_with_the_reason(entry, reason):
    with pytest.raises(HostKeyRefused, match=r"^host_keys: ") as caught:
        read_host_keys(entry, **HOST)
    (finding,) = caught.value.findings
    assert reason in finding.reason
    assert finding.hint
    assert caught.value.code == "SFTP_HOSTKEY"


def test_a_short_rsa_host_key_is_refused(tmp_path):
    make_key(tmp_path / "key", "rsa", bits=1024)
    with pytest.raises(HostKeyRefused, match="1024 bits is too weak"):
        read_host_keys((tmp_path / "key.pub").read_text())


@given(st.text(max_size=200))
def test_any_text_is_a_pin_or_refused(text):
    try:
        pins = read_host_keys(text)
    except HostKeyRefused:
        return
    assert all(pin.fingerprint.startswith("SHA256:") for pin in pins)


def test_validity_begins_at_its_first_moment_and_ends_before_its_last():
    noon = datetime(2026, 12, 1, 12, tzinfo=UTC)
    pin = HostKeyPin("SHA256:x", valid_from=noon, valid_until=noon + timedelta(days=1))
    assert pin.is_valid(noon)
    assert pin.is_valid(noon + timedelta(hours=23, minutes=59))
    assert not pin.is_valid(noon - timedelta(seconds=1))
    assert not pin.is_valid(noon + timedelta(days=1))
    assert HostKeyPin("SHA256:x").is_valid(noon)
