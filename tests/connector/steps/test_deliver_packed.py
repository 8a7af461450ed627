"""Files packed with gzip: both forms are measured, and what arrives unpacks to what was built."""

import gzip
import hashlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.steps.measure import Measure, sent_name
from connector.sync import sync
from core import outbox
from core.models import File, Integration
from tests.world import open_world


@pytest.mark.django_db(transaction=True)
def test_a_packed_file_arrives_and_both_forms_are_kept(settings, tmp_path):
    with open_world(settings, tmp_path, invoices=20, contacts=3, manual_journals=0) as world:
        integration = world.integration()
        Integration.objects.update(options={"delivery": {"gzip": True}})
        integration.refresh_from_db()
        assert sync(integration).run.state == "done"
        (arrived,) = world.outbound
    file = File.objects.get()
    sent = arrived.read_bytes()
    plain = b"".join(outbox.read(file))
    assert arrived.name == file.name
    assert arrived.name.endswith(".csv.gz")
    assert gzip.decompress(sent) == plain
    assert (file.size, file.sha256) == (len(sent), hashlib.sha256(sent).hexdigest())
    assert (file.plain_size, file.plain_sha256) == (len(plain), hashlib.sha256(plain).hexdigest())


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pieces=st.lists(st.binary(max_size=200), max_size=20))
def test_packing_is_the_same_every_time_however_the_pieces_fall(pieces):
    whole = b"".join(pieces)
    packed = b"".join(outbox.pack(pieces))
    assert gzip.decompress(packed) == whole
    assert packed == b"".join(outbox.pack([whole]))
    measure = Measure(packs=True)
    for piece in pieces:
        measure.add(piece)
    columns = measure.columns()
    assert columns["sha256"] == hashlib.sha256(packed).hexdigest()
    assert columns["plain_sha256"] == hashlib.sha256(whole).hexdigest()


@pytest.mark.parametrize(
    ("name", "packed", "sent"), [("a.csv", True, "a.csv.gz"), ("a.gz", True, "a.gz"), ("a.csv", False, "a.csv")]
)
def test_a_packed_file_says_so_in_its_name(name, packed, sent):
    assert sent_name(name, packed=packed) == sent
