"""Names from templates: what is refused when saving, what comes out, and which templates could meet."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.naming import (
    FILE_FIELDS,
    SAMPLE,
    NameFacts,
    check_file_name,
    check_folder,
    may_meet,
    normal_folder,
    preview,
    render,
    render_folder,
)
from core.errors import Invalid


def said(findings):
    return " ".join(str(finding) for finding in findings)


@pytest.mark.parametrize(
    ("template", "word"),
    [
        ("", "empty"),
        ("../../etc/x_{sequence}", "no folders"),
        ("/etc/passwd{sequence}", "no folders"),
        ("a\\b_{sequence}", "no folders"),
        ("a\0_{sequence}", "character"),
        ("a\n_{sequence}", "character"),
        ("a b_{sequence}", "character"),
        ("é_{sequence}", "character"),
        (".hidden_{sequence}", "not a file name"),
        ("-rf_{sequence}", "not a file name"),
        ("..{sequence}..", "not a file name"),
        ("a_{sequence}.", "not a file name"),
        ("x" * 300 + "{sequence}", "200"),
        ("{number}" * 4 + "{sequence}", "200"),
        ("invoices.csv", "running number"),
        ("{partner}_{date}.csv", "running number"),
        ("{date}_{time}.csv", "running number"),
        ("{number}.csv", "running number"),
        ("{sequense}.csv", "{sequence}"),
        ("{__class__}_{sequence}", "not a field"),
        ("{0.__init__}_{sequence}", "not a field"),
        ("{partner.__class__}_{sequence}", "not a field"),
        ("{}_{sequence}", "not a field"),
        ("{sequence", "not a field"),
        ("sequence}", "not a field"),
        ("{{sequence}}", "not a field"),
        ("{sequence:>{sequence}}", "not"),
        ("{sequence:99999d}", "number of digits"),
        ("{sequence:%d}", "number of digits"),
        ("{sequence:6d}", "number of digits"),
        ("{date}_{sequence:03d/week}", "number of digits"),
        ("{control:09d/day}_{sequence}", "number of digits"),
        ("{partner}_{sequence:03d/day}.csv", "one day from another"),
        ("{date:%m%d}_{sequence/day}.csv", "not a field"),
        ("{date:%m%d}_{sequence:/day}.csv", "one day from another"),
        ("{date:%d}_{sequence:03d/month}.csv", "one month from another"),
        ("{month}_{sequence:03d/year}.csv", "one year from another"),
        ("{date}_{sequence}_{sequence:03d/day}", "two ways"),
        ("{date:%s}_{sequence}", "%Y"),
        ("{date:%Y/%m}_{sequence}", "%Y"),
        ("{partner:>20}_{sequence}", "without an option"),
    ],
)
def test_a_template_that_could_do_harm_is_refused_with_the_reason(template, word):
    assert word in said(check_file_name(template))


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{partner}_{date}_{sequence}.edi", "acme_20261130_42.edi"),
        ("{integration}_{date:%y%j}_{time:%H%M}_{sequence:06d}.csv", "invoices-to-acme_26334_0600_000042.csv"),
        ("{tenant}.{stream}.{document}.{number}.{control:09d}", "harbor.invoices.810.INV-0042.000000101"),
        ("{year}{month}-{sequence}", "202611-42"),
        ("{date}-{sequence:03d/day}", "20261130-042"),
        ("{year}{month}-{sequence:/month}-{control}", "202611-42-101"),
    ],
)
def test_a_template_renders_its_fields_with_their_options(template, name):
    assert check_file_name(template) == []
    assert render(template, SAMPLE) == name


def test_a_control_number_needs_a_format_that_has_them():
    template = "{partner}_{control}.edi"
    assert "no control numbers" in said(check_file_name(template, has_control=False))
    with pytest.raises(Invalid, match="no control numbers"):
        render(template, replace(SAMPLE, control=None))


def test_a_document_number_needs_files_of_one_record():
    template = "{number}_{sequence}.csv"
    assert check_file_name(template, is_single=True) == []
    assert "batch: record" in said(check_file_name(template, is_single=False))


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("INV/2026 001", "INV-2026-001"),
        ("../../etc/passwd", "etc-passwd"),
        ("Müller & Söhne", "Muller-Sohne"),
        ("....", "none"),
        ("", "none"),
        ("a\0b\nc", "a-b-c"),
        ("9" * 400, "9" * 50),
    ],
)
def test_a_value_is_spelled_with_characters_that_every_server_takes(number, shown):
    assert render("{number}_{sequence}", replace(SAMPLE, number=number)) == f"{shown}_42"


def test_a_preview_counts_on():
    assert preview("{partner}_{time:%H}_{sequence}") == ["acme_06_42", "acme_07_43", "acme_08_44"]
    assert len(preview("{sequence}", n=5)) == 5


@pytest.mark.parametrize(
    ("folder", "word"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("/out/../../etc", ".."),
        ("./out", ".."),
        ("~/out", "~"),
        ("/out\\in", "backslashes"),
        ("/out\n", "control"),
        ("/out\0", "control"),
        ("/ out", "blank"),
        ("/" + "x" * 201, "longer"),
        ("/" + "x/" * 300, "longer"),
        ("/{number}", "not a field"),
        ("/{yeer}", "{year}"),
        ("/{partner.__class__}", "not a field"),
    ],
)
def test_a_folder_that_could_do_harm_is_refused_with_the_reason(folder, word):
    assert word in said(check_folder(folder))


def test_a_folder_has_one_form_and_may_follow_the_calendar():
    assert normal_folder("//out///in//") == "/out/in"
    assert normal_folder("/") == "/"
    assert check_folder("/Mes factures/reçues/") == []
    assert render_folder("/out/{year}/{month}/{partner}/", SAMPLE) == "/out/2026/11/acme"


def known(**names):
    return NameFacts(moment=SAMPLE.moment, **names)


@pytest.mark.parametrize(
    ("first", "second", "meet"),
    [
        ("{partner}_{date}_{sequence}.edi", "{partner}_{date}_{sequence}.edi", True),
        ("{integration}_{sequence}.csv", "{integration}_{sequence}.csv", False),
        ("inv_{sequence}.csv", "pay_{sequence}.csv", False),
        ("inv_{sequence}.csv", "INV_{sequence}.csv", True),
        ("inv_{sequence}.csv", "inv_{date}.csv", True),
        ("inv_{sequence:010d}.csv", "inv_{date}.csv", False),
        ("{number}_{sequence}.csv", "inv_{date}_{sequence}.csv", True),
        ("{number}_{sequence}.csv", "inv_{sequence}.txt", False),
        ("{sequence}", "{control}", True),
        ("a{sequence}", "{sequence}a", False),
    ],
)
def test_two_templates_meet_when_some_name_fits_both(first, second, meet):
    one, other = known(partner="erp", integration="a"), known(partner="erp", integration="b")
    assert may_meet(first, second, first_facts=one, second_facts=other) is meet
    assert may_meet(second, first, first_facts=other, second_facts=one) is meet


WILD = st.text(alphabet=st.one_of(st.sampled_from("{}%:.-_/\\0aS~"), st.characters()), max_size=40)
TEMPLATES = st.lists(st.one_of(WILD, st.sampled_from([f"{{{name}}}" for name in FILE_FIELDS])), max_size=5)
FACTS = st.builds(
    NameFacts,
    moment=st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    sequence=st.integers(1, 10**10 - 1),
    control=st.integers(1, 999_999_999),
    tenant=WILD,
    partner=WILD,
    integration=WILD,
    stream=WILD,
    document=WILD,
    number=WILD,
)


@given(parts=TEMPLATES, facts=FACTS)
def test_no_accepted_template_ever_leaves_its_folder(parts, facts):
    template = "".join(parts) + "{sequence}"
    if check_file_name(template, facts=facts):
        return
    name = render(template, facts)
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", name)
    assert len(name) <= 200


@given(parts=TEMPLATES, facts=FACTS)
def test_no_accepted_folder_ever_climbs(parts, facts):
    template = "".join(parts)
    if check_folder(template):
        return
    steps = render_folder(template, facts).split("/")
    assert ".." not in steps
    assert "." not in steps


@given(parts=TEMPLATES, facts=FACTS)
def test_a_template_always_meets_itself(parts, facts):
    template = "".join(parts) + "{sequence}"
    if not check_file_name(template, facts=facts):
        assert may_meet(template, template, first_facts=facts, second_facts=facts)
