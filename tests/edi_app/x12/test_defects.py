"""Each defect is found at its place, with its code, in words, and refused in the 997 that answers it."""

from datetime import UTC, datetime

import pytest

from edi_app.acknowledgment import Level, Outcome
from edi_app.x12.acknowledge import needs_acknowledgment, render_acknowledgment
from edi_app.x12.judging import check_interchanges
from edi_app.x12.replies import read_acknowledgments
from edi_app.x12.verdict import AckOptions
from tests.edi_app.x12.defects import Defect, element_defects, envelope_defects, structure_defects
from tests.edi_app.x12.interchanges import data_of

OPTIONS = AckOptions()
INSIDE = [*element_defects(), *structure_defects()]
EVERY = [*INSIDE, *envelope_defects()]
MOMENT = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)


def checked_of(defect: Defect):
    (checked,) = check_interchanges([data_of(defect.segments)])
    return checked


def answer_to(checked):
    return render_acknowledgment(checked, options=OPTIONS, numbers={"ISA": 900, "GS": 800}, moment=MOMENT)


def test_there_are_many():
    assert len(EVERY) >= 200
    assert len({defect.name for defect in EVERY}) == len(EVERY)


@pytest.mark.parametrize("defect", INSIDE, ids=lambda defect: defect.name)
def test_a_defect_inside_a_set_is_found_first_and_where_it_is(defect):
    checked = checked_of(defect)
    assert checked.faults == ()
    (group,) = checked.groups
    (one,) = group.sets
    fault = one.faults[0]
    assert (fault.level.value, fault.code, fault.tag, fault.segment, fault.element) == (
        defect.level,
        defect.code,
        defect.tag,
        defect.segment,
        defect.element,
    )
    assert fault.sentence.endswith(".")
    assert defect.tag in fault.sentence
    assert one.outcome(OPTIONS) is Outcome.REJECTED


@pytest.mark.parametrize("defect", element_defects(), ids=lambda defect: defect.name)
def test_one_broken_element_is_one_fault(defect):
    (group,) = checked_of(defect).groups
    places = {(fault.segment, fault.element) for fault in group.sets[0].faults}
    assert len({segment for segment, _ in places}) == 1


@pytest.mark.parametrize("defect", envelope_defects(), ids=lambda defect: defect.name)
def test_a_defect_of_the_envelope_has_the_code_of_its_level(defect):
    checked = checked_of(defect)
    found = {
        "interchange": [fault.code for fault in checked.faults],
        "group": [fault.code for group in checked.groups for fault in group.faults],
        "document": [fault.code for group in checked.groups for one in group.sets for fault in one.faults],
    }
    assert defect.code in found.pop(defect.level)
    if defect.level != "document":
        assert not any(found.values())


@pytest.mark.parametrize(
    "defect", [item for item in INSIDE if item.name[:3] not in ("997", "999")], ids=lambda defect: defect.name
)
def test_the_997_says_the_same_place_and_code(defect):
    (reply,) = read_acknowledgments([answer_to(checked_of(defect))])
    (group,) = reply.groups
    (document,) = group.documents
    assert (reply.outcome, document.outcome) == (Outcome.REJECTED, Outcome.REJECTED)
    fault = document.faults[0]
    assert (fault.code, fault.segment, fault.element) == (defect.code, defect.segment, defect.element)
    assert "5" in [item.code for item in document.faults if item.level is Level.DOCUMENT]


@pytest.mark.parametrize("defect", EVERY, ids=lambda defect: defect.name)
def test_what_we_answer_is_valid_itself_and_needs_no_answer(defect):
    checked = checked_of(defect)
    if not needs_acknowledgment(checked, options=OPTIONS):
        assert checked.only_acknowledgments
        return
    if defect.name in CANNOT_BE_COPIED:
        return
    (own,) = check_interchanges([answer_to(checked)])
    assert own.faults == ()
    assert all(not group.faults and not one.faults for group in own.groups for one in group.sets)
    assert not needs_acknowledgment(own, options=OPTIONS)


# What is wrong in them would have to be copied into the answer.
CANNOT_BE_COPIED = frozenset(
    defect.name
    for defect in envelope_defects()
    if defect.name.startswith(("isa 5 ", "isa 7 ", "isa 9 2611", "isa 13 ", "gs 6 X1"))
)
