"""Signing in by key, password, both, or a question; and how a refusal is told (simulated)."""

import pytest

from core.secret import Secret
from sftp_app.errors import SftpAuthFailed, SftpTimedOut, SftpUnreachable
from sftp_app.keys import generate_key_pair
from sftp_app.simulator import SftpSimulator
from tests.sftp_app.conftest import PASSWORD, QUICK, session_with

PAIR = generate_key_pair(comment="partner")
WRONG = Secret("battery staple")


def server(root, **settings):
    return SftpSimulator(root=root, username="partner", password=PASSWORD, authorized_keys=[PAIR.public], **settings)


def sign_in(sim, **changes):
    with sim.serve(), session_with(sim, **changes) as session:
        assert session.list(".") == []
    return sim.seen("sign-in")


def test_a_key_signs_in(root):
    seen = sign_in(server(root), password=None, private_key=PAIR.private)
    assert set(seen) == {"publickey partner accepted"}


def test_a_password_signs_in(root):
    assert sign_in(server(root)) == ["password partner accepted"]


def test_a_password_answers_the_question_for_it(root):
    assert sign_in(server(root, methods=["keyboard-interactive"])) == ["keyboard-interactive partner accepted"]


def test_key_and_password_together_where_both_are_wanted(root):
    seen = sign_in(server(root, needs_both=True), private_key=PAIR.private)
    assert seen[-1] == "password partner accepted"
    assert seen[0] == "publickey partner accepted"


def test_the_password_is_used_where_keys_are_not_taken(root):
    assert sign_in(server(root, methods=["password"]), private_key=PAIR.private)[-1] == "password partner accepted"


@pytest.mark.parametrize(
    ("methods", "changes"),
    [
        (["password"], {"password": WRONG}),
        (["keyboard-interactive"], {"password": WRONG}),
        (["publickey"], {"password": None, "private_key": generate_key_pair(comment="x").private}),
        (["publickey", "password"], {"password": None, "private_key": generate_key_pair(comment="x").private}),
    ],
)
def test_a_refused_sign_in_is_offered_once_and_holds(root, methods, changes):
    sim = server(root, methods=methods)
    with (
        sim.serve(),
        pytest.raises(SftpAuthFailed, match="refused the sign-in of partner") as caught,
        session_with(sim, **changes),
    ):
        pass
    assert len(sim.seen("sign-in")) == 1
    assert (caught.value.code, caught.value.holds, caught.value.tries_before_hold) == ("SFTP_AUTH", True, 3)
    assert WRONG.reveal() not in str(caught.value)


def test_a_refused_key_is_not_followed_by_the_password(root):
    sim = server(root)
    other = generate_key_pair(comment="x").private
    with sim.serve(), pytest.raises(SftpAuthFailed), session_with(sim, private_key=other):
        pass
    assert sim.seen("sign-in") == ["publickey partner refused"]


@pytest.mark.parametrize(
    ("settings", "changes", "accepted"),
    [
        ({"methods": ["publickey"]}, {}, "publickey"),
        ({"needs_both": True}, {"password": None, "private_key": PAIR.private}, "password"),
    ],
)
def test_a_method_that_the_server_does_not_take_is_told_with_what_it_takes(root, settings, changes, accepted):
    sim = server(root, **settings)
    with sim.serve(), pytest.raises(SftpAuthFailed, match=f"it accepts {accepted}"), session_with(sim, **changes):
        pass


def test_without_any_credential_nothing_is_tried(root):
    sim = server(root)
    with (
        sim.serve(),
        pytest.raises(SftpAuthFailed, match="neither a key nor a password"),
        session_with(sim, password=None),
    ):
        pass
    assert sim.seen("sign-in") == []


def test_a_sign_in_that_hangs_times_out(sim):
    sim.faults.sign_in_hangs = True
    with pytest.raises(SftpTimedOut, match="did not answer the sign-in"), session_with(sim, timeouts=QUICK):
        pass


def test_a_connection_that_breaks_during_the_sign_in_is_no_refusal(sim):
    sim.faults.drops_sign_in = True
    with pytest.raises(SftpUnreachable, match="broke the connection during the sign-in"), session_with(sim):
        pass


def test_some_refusals_and_then_success(sim):
    sim.faults.refuse_sign_ins = 2
    for _ in range(2):
        with pytest.raises(SftpAuthFailed), session_with(sim):
            pass
    with session_with(sim) as session:
        assert session.is_open
