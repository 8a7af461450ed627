"""`keypair`: the private half goes into a file that only its owner reads, the public one is shown."""

import stat

import pytest

from core.secret import Secret
from sftp_app.keys import public_line
from tests.connector.commands.running import run, run_json


def test_both_halves_belong_together_and_only_the_public_one_is_shown(tmp_path):
    path = tmp_path / "harbor"
    code, (shown,) = run_json("keypair", path, "--comment", "harbor")
    private = path.read_text()
    assert code == 0
    assert shown["public"] == public_line(Secret(private), comment="harbor")
    assert (tmp_path / "harbor.pub").read_text().strip() == shown["public"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "PRIVATE" not in str(shown)


@pytest.mark.parametrize("taken", ["harbor", "harbor.pub"])
def test_no_key_is_ever_replaced(tmp_path, taken):
    (tmp_path / taken).write_text("a key")
    code, out, err = run("keypair", tmp_path / "harbor")
    assert (code, "is there already" in err) == (1, True)
    assert (tmp_path / taken).read_text() == "a key"
    assert "ssh-ed25519" not in out


def test_a_folder_that_is_not_there_is_said(tmp_path):
    code, _, err = run("keypair", tmp_path / "nowhere" / "harbor")
    assert (code, "cannot be written" in err) == (1, True)
