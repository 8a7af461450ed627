"""Every shipped base works for its streams, and its files are the golden ones, byte for byte."""

from pathlib import Path

import pytest

from core.document_fields import FIELDS
from edi_app.bases.pages import example_file
from edi_app.bases.sample_documents import sample_documents
from edi_app.bases.shipped import shipped_base, shipped_names
from edi_app.formatter import base_names, check_definition
from edi_app.mapping.definition import resolve
from edi_app.mapping.spec import Origin

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
CASES = [(name, stream) for name in shipped_names() for stream in shipped_base(name)["streams"]]


@pytest.mark.parametrize("name", shipped_names())
def test_base_has_no_fault(name):
    assert check_definition({"base": name}, streams=shipped_base(name)["streams"]) == []


@pytest.mark.parametrize(("name", "stream"), CASES)
def test_file_of_a_base_is_the_golden_one(name, stream):
    format_name, _, subject = name.partition("-")
    path = (
        GOLDEN / format_name / f"{subject}.{stream}.out"
        if subject == "archive"
        else GOLDEN / format_name / f"{subject}.out"
    )
    assert example_file(name, stream) == path.read_bytes()


@pytest.mark.parametrize("format_name", ["csv", "fixed"])
def test_there_is_a_base_for_every_stream(format_name):
    assert {f"{format_name}-{stream}" for stream in FIELDS} | {f"{format_name}-archive"} <= set(base_names())


@pytest.mark.parametrize("stream", FIELDS)
def test_every_stream_has_sample_documents(stream):
    assert all(document.stream == stream and document.xero_id for document in sample_documents(stream))


def test_base_may_be_spelled_with_hyphens():
    assert shipped_base("csv-manual-journals") == shipped_base("csv-manual_journals")


def test_unknown_base_is_none():
    assert shipped_base("../../etc/passwd") is None


def test_every_field_of_a_base_has_a_meaning():
    fields = [field for name in shipped_names() for kind in resolve({"base": name}).records.values() for field in kind]
    assert [field.name for field in fields if not field.note] == []
    assert {field.origin for field in fields} == {Origin.INHERITED}
