"""No credential to a server that nobody approved (simulated; OpenSSH's own log is in test_openssh_trust)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sftp_app.errors import HostKeyMismatch, HostKeyMissing
from sftp_app.hostkeys import read_host_keys
from sftp_app.keys import generate_key_pair
from sftp_app.target import HostKeyPin
from tests.sftp_app.conftest import NOW, session_with

OTHER = read_host_keys(generate_key_pair(comment="other").public)


def pins(sim, **dates):
    return tuple(replace(pin, **dates) for pin in read_host_keys(sim.host_key_line))


def test_without_an_approved_key_there_is_no_connection(sim):
    with (
        pytest.raises(HostKeyMissing, match=r"No host key of .* is approved") as caught,
        session_with(sim, host_keys=()),
    ):
        pass
    assert caught.value.holds
    assert sim.seen("connection") == []


def test_another_key_gets_no_credential_and_both_fingerprints_are_shown(sim):
    with pytest.raises(HostKeyMismatch) as caught, session_with(sim, host_keys=OTHER):
        pass
    assert sim.seen("sign-in") == []
    (shown,) = pins(sim)
    assert (caught.value.shown, caught.value.approved) == (shown, OTHER)
    assert shown.fingerprint in caught.value.sentence
    assert OTHER[0].fingerprint in caught.value.sentence
    assert (caught.value.code, caught.value.holds) == ("SFTP_HOSTKEY_CHANGED", True)


def test_a_key_changed_between_two_sessions_stops_the_second(sim):
    approved = pins(sim)
    with session_with(sim, host_keys=approved) as session:
        session.write("one", [b"1"], size=1)
    sim.change_host_key()
    before = sim.seen("sign-in")
    with pytest.raises(HostKeyMismatch), session_with(sim, host_keys=approved):
        pass
    assert sim.seen("sign-in") == before


def test_a_fingerprint_alone_is_enough(sim):
    (pin,) = pins(sim)
    with session_with(sim, host_keys=(HostKeyPin(fingerprint=pin.fingerprint),)) as session:
        assert session.host_key == pin


def test_a_wrong_fingerprint_gets_no_credential(sim):
    with (
        pytest.raises(HostKeyMismatch),
        session_with(sim, host_keys=(HostKeyPin(fingerprint=OTHER[0].fingerprint),)),
    ):
        pass
    assert sim.seen("sign-in") == []


def test_two_keys_may_be_approved_for_a_planned_change(sim):
    approved = (*pins(sim), *OTHER)
    with session_with(sim, host_keys=approved) as session:
        assert session.host_key.fingerprint == approved[0].fingerprint


@pytest.mark.parametrize(
    "dates",
    [{"valid_from": NOW + timedelta(seconds=1)}, {"valid_until": NOW}],
    ids=["not yet", "no longer"],
)
def test_an_approval_counts_only_in_its_time(sim, dates):
    with pytest.raises(HostKeyMissing, match="is valid now"), session_with(sim, host_keys=pins(sim, **dates)):
        pass
    assert sim.seen("connection") == []
    with (
        pytest.raises(HostKeyMismatch, match="approval of that key is not valid now"),
        session_with(sim, host_keys=(*pins(sim, **dates), *OTHER)),
    ):
        pass
    assert sim.seen("sign-in") == []


def test_an_approval_counts_from_its_first_moment(sim):
    dates = {"valid_from": NOW, "valid_until": NOW + timedelta(seconds=1)}
    with session_with(sim, host_keys=pins(sim, **dates)) as session:
        assert session.is_open
