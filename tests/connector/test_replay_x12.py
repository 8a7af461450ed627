"""Replays of X12: new numbers in a new envelope, the old ones with the same bytes, batch payments whole."""

import re

import pytest

from connector.replay import plan_replay
from connector.sync import sync
from core.models import Export, File, ReplayMode
from tests.connector.replaying import chosen, newest, replay
from tests.connector.test_x12_runs import faults, x12_integration
from tests.world import open_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(settings, tmp_path):
    with open_world(settings, tmp_path, invoices=0, contacts=3, manual_journals=0, nasty=False) as world:
        yield world


def sent_batch(world, count=3):
    """Send one 820 for a batch payment; give its exports."""
    integration = x12_integration(world, "x12-820", streams=["payments"], file_name="{control}.edi")
    bills = [
        world.xero.create_invoice(Status="AUTHORISED", Type="ACCPAY", InvoiceNumber=f"B-{n}") for n in range(count)
    ]
    world.xero.create_batch_payment([bill["InvoiceID"] for bill in bills])
    sync(integration)
    return newest(count)


def without_numbers(path):
    """The text of an interchange without its dates, times and control numbers."""
    text = re.sub(r"^ISA.{102}", "", path.read_text())
    return re.sub(r"(GS\*IN\*\w+\*\w+)\*\d+\*\d+\*\d+|(GE\*\d+)\*\d+|(IEA\*1)\*\d+", r"\1\2\3", text)


def test_a_new_envelope_takes_new_numbers_and_keeps_the_documents(world):
    integration = x12_integration(world, "x12-810", file_name="{control}.edi", on_change="hold", on_void="hold")
    world.xero.create_invoice(Status="AUTHORISED", InvoiceNumber="INV-1")
    sync(integration)
    (export,) = newest()
    (part,) = plan_replay(chosen(export), mode=ReplayMode.NEW_ENVELOPE).parts
    replay(export, mode=ReplayMode.NEW_ENVELOPE)
    first, second = world.outbound
    assert File.objects.latest("pk").interchange_number == str(part.control_number) == "2"
    assert [path.name for path in world.outbound] == ["1.edi", "2.edi"]
    assert without_numbers(first) == without_numbers(second)
    assert faults(second) == []


def test_the_same_bytes_keep_their_numbers_and_take_none(world):
    integration = x12_integration(world, "x12-810", file_name="{control}.edi", on_change="hold", on_void="hold")
    world.xero.create_invoice(Status="AUTHORISED", InvoiceNumber="INV-1")
    sync(integration)
    (path,) = world.outbound
    before = path.read_bytes()
    path.unlink()
    replay(*newest(), mode=ReplayMode.SAME_BYTES)
    assert path.read_bytes() == before
    assert set(File.objects.values_list("interchange_number", "group_number")) == {("1", "1")}


@pytest.mark.parametrize("mode", [ReplayMode.NEW_ENVELOPE, ReplayMode.MAP_AGAIN])
def test_one_payment_of_a_batch_takes_the_whole_batch_along(world, mode):
    exports = sent_batch(world)
    (run,) = replay(exports[1], mode=mode)
    assert run.state == "done"
    first, second = world.outbound
    assert second.read_text().count("ST*820*") == 1
    assert second.read_text().count("RMR*") == first.read_text().count("RMR*") == 3
    assert faults(second) == []


def test_the_same_bytes_of_a_batch_have_its_head_and_tail(world):
    exports = sent_batch(world)
    (path,) = world.outbound
    before = path.read_bytes()
    path.unlink()
    (run,) = replay(exports[0], mode=ReplayMode.SAME_BYTES)
    assert (run.state, path.read_bytes()) == ("done", before)
    assert run.exports.count() == 3


def test_a_batch_that_is_not_replayed_whole_says_so(world):
    exports = sent_batch(world, count=2)
    for export in exports:
        export.content.delete()
    Export.objects.update(state="failed", file=None)
    (run,) = replay(exports[0])
    child = run.exports.get()
    assert (child.state, child.problem_code) == ("failed", "BATCH_INCOMPLETE")
    (whole,) = replay(child, exports[1])
    assert whole.state == "done"
