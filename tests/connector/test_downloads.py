"""Downloads: every row, nothing that runs in a spreadsheet, exact records, little memory, and a line in the trail."""

import csv
import io
import json
import tracemalloc
import zipfile

import pytest

from connector.downloads import download_exports, file_name
from core.clock import database_now
from core.errors import Invalid
from core.models import Event, Export
from tests.connector.commands.running import run, run_json
from tests.connector.replaying import stored_invoice
from tests.factories import ExportContentFactory, ExportFactory, IntegrationFactory, ProblemFactory, TenantFactory

pytestmark = pytest.mark.django_db
BOM = "\N{BYTE ORDER MARK}"


@pytest.fixture
def integration():
    return IntegrationFactory(tenant=TenantFactory(slug="harbor"), name="invoices")


def failed(integration, number="INV-1", **fields):
    """Make a failed export of a whole invoice."""
    values = {"Contact": {"ContactID": "c", "Name": fields.pop("contact", "Ridgeway")}, **fields.pop("values", {})}
    record = stored_invoice(integration, number, **values)
    fields = {"state": "failed", "problem_code": "MAP_TOO_LONG", "sentence": "It is too long.", **fields}
    return ExportFactory(integration=integration, record=record, ended_at=database_now(), **fields)


def download(form, exports=None, **details):
    pieces = download_exports(Export.objects.all() if exports is None else exports, form=form, now=NOW(), **details)
    return b"".join(pieces)


NOW = database_now


def table(data):
    text = data.decode()
    assert text.startswith(BOM)
    return list(csv.DictReader(io.StringIO(text.removeprefix(BOM))))


def test_a_table_has_a_row_for_each_export_with_what_to_do(integration):
    export = failed(integration)
    ProblemFactory(tenant=integration.tenant, export=export, next_step="Change row 4.")
    (row,) = table(download("csv"))
    found = {name: row[name] for name in ("tenant", "number", "contact", "code", "sentence", "next_step", "total")}
    assert found == {
        "tenant": "harbor",
        "number": "INV-1",
        "contact": "Ridgeway",
        "code": "MAP_TOO_LONG",
        "sentence": "It is too long.",
        "next_step": "Change row 4.",
        "total": "120.5000",
    }


@pytest.mark.parametrize("text", ["=1+1", "+44", "-1+2", "@SUM(A1)", "\t=1", " =1", "\N{FULLWIDTH EQUALS SIGN}1"])
def test_nothing_in_a_table_runs_as_a_formula(integration, text):
    failed(integration, contact=f"{text}x", number=f"{text}y")
    (row,) = table(download("csv"))
    assert (row["contact"], row["number"]) == (f"'{text}x", f"'{text}y")


def test_an_empty_table_still_names_its_columns():
    assert download("csv").decode().startswith(f"{BOM}export,tenant,integration,")


def test_lines_keep_every_digit_as_xero_wrote_it(integration):
    export = failed(integration)
    payload = b'{"InvoiceID": "x",\n  "Total": 10.50000, "Rate": 1E+2}'
    type(export.record).objects.update(payload=payload)
    line = download("jsonl").decode()
    assert '"record": {"InvoiceID":"x","Total":10.50000,"Rate":1E+2}' in line
    assert json.loads(line)["content"] is None


def test_lines_have_what_was_sent_in_bytes_that_can_be_restored(integration):
    for data in ("Grün;€".encode(), "Grün".encode("latin-1")):
        ExportContentFactory(export=failed(integration), data=data)
    lines = [json.loads(line) for line in download("jsonl").splitlines()]
    assert [line["content"].encode(line["content_encoding"]) for line in lines] == ["Grün;€".encode(), b"Gr\xfcn"]


def test_purged_and_broken_records_do_no_harm(integration):
    purged, broken = failed(integration), failed(integration)
    type(purged.record).objects.filter(pk=purged.record_id).update(payload=None)
    type(broken.record).objects.filter(pk=broken.record_id).update(payload=b"\xff{")
    lines = [json.loads(line) for line in download("jsonl").splitlines()]
    assert [line["record"] for line in lines] == [None, "\N{REPLACEMENT CHARACTER}{"]
    assert [row["contact"] for row in table(download("csv"))] == ["", ""]


def test_an_archive_holds_the_table_and_the_lines(integration):
    for number in range(3):
        failed(integration, f"INV-{number}")
    archive = zipfile.ZipFile(io.BytesIO(download("zip")))
    assert archive.testzip() is None
    assert archive.namelist() == ["manifest.csv", "records/00001.jsonl"]
    assert [row["number"] for row in table(archive.read("manifest.csv"))] == ["INV-0", "INV-1", "INV-2"]
    assert archive.read("records/00001.jsonl") == download("jsonl")


def many(integration, count):
    """Make many failed exports of one record each, in bulk."""
    template = failed(integration)
    records = [stored_like(template.record, number) for number in range(count)]
    type(template.record).objects.bulk_create(records)
    Export.objects.bulk_create(
        Export(tenant=integration.tenant, integration=integration, record=record, stream="invoices",
               xero_id=record.xero_id, number=record.number, state="failed", created_at=template.created_at)
        for record in records
    )  # fmt: skip


def stored_like(record, number):
    fields = {field.attname: getattr(record, field.attname) for field in record._meta.concrete_fields}
    return type(record)(**{**fields, "id": None, "xero_id": f"x-{number}", "number": f"INV-{number}"})


@pytest.mark.long
@pytest.mark.parametrize("form", ["csv", "jsonl", "zip"])
def test_memory_does_not_grow_with_the_number_of_rows(integration, form):
    many(integration, 1200)
    peaks = []
    for count in (400, 1200):
        exports = Export.objects.filter(pk__in=Export.objects.order_by("pk")[:count].values("pk"))
        pieces = download_exports(exports, form=form, now=NOW())
        tracemalloc.start()
        assert sum(map(len, pieces)) > 0
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5


def test_a_long_archive_has_its_records_in_parts(integration):
    many(integration, 1100)
    archive = zipfile.ZipFile(io.BytesIO(download("zip")))
    counts = [archive.read(name).count(b"\n") for name in archive.namelist() if name.startswith("records/")]
    assert counts == [1000, 101]


def test_the_trail_says_who_took_what_away_before_the_first_byte(integration):
    failed(integration)
    failed(IntegrationFactory(tenant=TenantFactory(slug="other")))
    download_exports(Export.objects.all(), form="csv", actor="ada", now=NOW())
    events = Event.objects.filter(event="exports.downloaded").order_by("pk")
    assert {event.tenant_id for event in events} == set(Export.objects.values_list("tenant_id", flat=True))
    assert [(event.actor, event.detail) for event in events] == [
        ("ada", {"what": "failed", "format": "csv", "count": 1})
    ] * 2


def test_another_format_is_refused():
    with pytest.raises(Invalid, match="no format xlsx"):
        download_exports(Export.objects.all(), form="xlsx", now=NOW())


def test_a_download_is_named_after_its_moment():
    now = NOW()
    assert file_name("zip", now=now) == f"failed-exports-{now:%Y%m%d-%H%M%S}.zip"


def test_the_command_writes_one_tenants_failures_to_a_file(integration, tmp_path):
    failed(integration)
    failed(IntegrationFactory(tenant=TenantFactory(slug="other")))
    path = tmp_path / "failed.csv"
    code, (shown,) = run_json("export_failed", "harbor", "--output", path)
    assert (code, shown) == (0, {"records": 1, "file": str(path), "format": "csv"})
    assert [row["tenant"] for row in table(path.read_bytes())] == ["harbor"]


def test_the_command_prints_objects_or_the_table(integration):
    failed(integration, "INV-1")
    failed(integration, "INV-2", state="held")
    _, objects = run_json("export_failed", "harbor/invoices")
    assert [item["number"] for item in objects] == ["INV-1"]
    code, out, _ = run("export_failed", "harbor/invoices", "--held")
    assert (code, len(out.splitlines())) == (0, 3)


def test_the_command_refuses_what_it_cannot_do(integration, tmp_path):
    assert run("export_failed", "--format", "zip")[0] == 2
    code, _, err = run("export_failed", "--output", tmp_path / "no" / "file.csv")
    assert (code, "cannot be written" in err) == (1, True)
    code, _, err = run("export_failed", "harbour")
    assert (code, "harbor" in err) == (1, True)
