"""Many files in one round: read together, asked about together, and each still has its own fate."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from connector import pipeline
from connector.steps.file_bytes import bytes_of
from core import outbox
from core.clock import database_now
from core.models import Compression, ExportContent, File, FileGroup, Problem
from tests.faults.working import make_due
from tests.outbox_files import sealed_file, states_of
from tests.world import open_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(settings, tmp_path):
    settings.RETRY_SECONDS = 0
    with open_world(settings, tmp_path, invoices=0, contacts=1, manual_journals=0) as world:
        world.integration()
        yield world


def deliver(world):
    return pipeline.deliver(world.integrations[0].partner.server_id, now=database_now())


def sealed(world, name, **fields):
    return sealed_file(world.integrations[0], name=name, **fields)


def test_many_files_cost_no_more_questions_than_few(world):
    counted = []
    for count in (3, 40):
        for number in range(count):
            sealed(world, f"INV_{count}_{number}.csv", rows=2)
        with CaptureQueriesContext(connection) as asked:
            deliver(world)
        counted.append(len(asked))
    assert not File.objects.exclude(state="delivered").exists()
    assert counted[1] <= counted[0]


def test_a_file_whose_bytes_were_purged_fails_alone(world):
    purged, _ = sealed(world, "INV_1.csv")
    others = [sealed(world, f"INV_{number}.csv")[0] for number in (2, 3)]
    ExportContent.objects.filter(file=purged, position=2).update(data=None)
    deliver(world)
    assert states_of(purged) == ("failed", {"failed"})
    assert [states_of(file)[0] for file in others] == ["delivered", "delivered"]
    assert [problem.code for problem in Problem.objects.filter(state="open")] == ["FILE_PURGED"]


def files_of_every_kind(world):
    """Plain, empty, packed, and in groups."""
    plain, _ = sealed(world, "plain.csv", rows=3)
    empty, _ = sealed(world, "empty.csv", rows=0)
    packed, _ = sealed(world, "packed.csv.gz", rows=2, compression=Compression.GZIP)
    grouped, _ = sealed(world, "grouped.edi", rows=5)
    for number, positions in enumerate(([1, 2], [4]), start=1):
        group = FileGroup.objects.create(file=grouped, number=number, head=b"<%d" % number, tail=b"%d>" % number)
        ExportContent.objects.filter(file=grouped, position__in=positions).update(group=group)
    File.objects.filter(pk=grouped.pk).update(trailer=b"END")
    return list(File.objects.filter(pk__in=[plain.pk, empty.pk, packed.pk, grouped.pk]).order_by("pk"))


@pytest.mark.parametrize("room", [1, 200, 1 << 20])
def test_bytes_are_the_same_however_many_files_are_read_together(world, room):
    files = files_of_every_kind(world)
    given = [(file, b"".join(pieces)) for file, pieces in bytes_of(files, room=room)]
    assert [file for file, _ in given] == files
    assert given == [(file, b"".join(outbox.packed(file))) for file in files]
    assert b"<1INV-1,10.00\r\nINV-2,10.00\r\n1>INV-3" in given[3][1]


def test_a_file_beyond_the_room_is_read_in_parts_by_itself(world):
    large, _ = sealed(world, "large.csv", rows=6, row_size=1 << 20)
    small, _ = sealed(world, "small.csv")
    given = bytes_of([large, small])
    with CaptureQueriesContext(connection) as asked:
        file, pieces = next(given)
        next(pieces), next(pieces)
    assert file == large
    assert ["LIMIT" in query["sql"] for query in asked] == [True]


def test_files_at_their_first_and_second_try_are_delivered_together(world):
    files = [sealed(world, f"INV_{number}.csv")[0] for number in range(4)]
    File.objects.filter(pk__in=[files[0].pk, files[1].pk]).update(next_attempt_at=None)
    world.sftp.stop()
    deliver(world)
    world.sftp.start()
    make_due()
    deliver(world)
    assert [states_of(file) for file in files] == [("delivered", {"delivered"})] * 4
    assert [file.fence for file in files] == [1, 1, 2, 2]
