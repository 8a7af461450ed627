"""The recovery table, row by row: a worker died with its file noted as PUBLISHING, and this is what lies there then."""

import pytest

from connector.steps.recover import MAY_BE_DAMAGED
from core import failpoints
from core.models import Attempt, Problem
from tests.faults.working import deliver, deliver_again, make_due
from tests.outbox_files import sealed_file, states_of

pytestmark = pytest.mark.django_db(transaction=True)

OTHER = b"somebody else's"


def die_before_the_rename(file):
    failpoints.arm("deliver.before_rename", "crash")
    make_due()
    deliver(file)


@pytest.fixture
def left(world):
    """A file whose worker died: the row, its bytes, and both of its places."""
    file, content = sealed_file(world.integrations[0])
    die_before_the_rename(file)
    assert states_of(file)[0] == "publishing"
    return file, content, world.root / "outbound" / file.temp_name, world.root / "outbound" / file.name


def of_the_same_size(content):
    return bytes(reversed(content))


ROWS = {
    "temporary there, final not": (lambda content: (content, None), "delivered", "renamed", True),
    "temporary gone, final of the same size": (lambda content: (None, content), "delivered", "found", True),
    "both gone": (lambda content: (None, None), "delivered", "consumed", False),
    "both there, final shorter": (lambda content: (content, OTHER), "held", "", OTHER),
    "both there, final as long and other": (lambda c: (c, of_the_same_size(c)), "held", "", of_the_same_size),
    "both there, the same": (lambda content: (content, content), "delivered", "found", True),
    "temporary gone, final of another size": (lambda content: (None, OTHER), "held", "", OTHER),
    "temporary cut, final not there": (lambda content: (content[:9], None), "delivered", "renamed", True),
    "temporary cut, final of somebody else": (lambda content: (content[:9], OTHER), "held", "", OTHER),
}


def put(path, data):
    path.unlink(missing_ok=True)
    if data is not None:
        path.write_bytes(data)


@pytest.mark.parametrize("row", ROWS)
def test_each_row_ends_as_the_table_says(world, left, row):
    file, content, temporary, final = left
    lies_there, state, evidence, there = ROWS[row]
    for path, data in zip((temporary, final), lies_there(content), strict=True):
        put(path, data)
    deliver_again(file)
    assert (states_of(file)[0], file.evidence) == (state, evidence)
    expected = {True: content, False: None}.get(there, there) if not callable(there) else there(content)
    assert (final.read_bytes() if final.exists() else None) == expected
    shown = file.remote_size, file.remote_mtime is not None, file.host_key != ""
    assert shown == ((len(content), True, True) if there is True else (None, False, state == "delivered"))
    if state == "held":
        assert Problem.objects.get(state="open").code == "SFTP_NAME_TAKEN"
    elif row != "temporary cut, final not there":  # the cut one is left to the sweep
        assert [path for path in world.outbound if path.name.endswith(".tmp")] == []


def test_a_name_that_is_cut_again_and_again_waits_for_a_person(world, left):
    file, _, temporary, final = left
    for _ in range(MAY_BE_DAMAGED + 1):
        (world.root / "outbound" / file.temp_name).write_bytes(b"cut")
        die_before_the_rename(file)
        file.refresh_from_db()
    failpoints.disarm("deliver.before_rename")
    assert (file.state, Problem.objects.get(state="open").code) == ("held", "SFTP_TOUCHED")
    assert not final.exists()
    assert Attempt.objects.filter(file=file).count() == MAY_BE_DAMAGED + 1
    assert temporary.name == f".{file.name}.1.tmp"


def test_while_nobody_can_look_nothing_is_decided(world, left):
    file, content, _, final = left
    world.sftp.faults.lose_reply = "lstat"
    deliver_again(file, times=1)
    assert states_of(file) == ("publishing", {"formatted"})
    assert file.next_attempt_at is not None
    assert not final.exists()
    deliver_again(file)
    assert (states_of(file)[0], final.read_bytes()) == ("delivered", content)
