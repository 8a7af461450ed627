"""Which interchanges are answered, with what: TA1 and 997 by a partner's rules, never an acknowledgment."""

import pytest

from edi_app.acknowledgment import Outcome
from edi_app.x12.acknowledge import needs_acknowledgment, needs_ta1, render_acknowledgment
from edi_app.x12.errors import CannotAcknowledge
from edi_app.x12.judging import check_interchanges
from edi_app.x12.verdict import AckOptions, Lists, WhenTa1, mark_duplicate
from tests.edi_app.x12.documents import MOMENT
from tests.edi_app.x12.interchanges import data_of, interchange, segments_of, wrap

NUMBERS = {"ISA": 900, "GS": 800}


def checked_of(segments, **options):
    (checked,) = check_interchanges([data_of(segments)], options=AckOptions(**options))
    return checked


def answer_to(checked, **options):
    data = render_acknowledgment(checked, options=AckOptions(**options), numbers=NUMBERS, moment=MOMENT)
    return data.decode().replace("\n", "").split("~")[:-1]


def test_a_good_interchange_is_accepted_set_by_set():
    rows = answer_to(checked_of(wrap([*segments_of("810")])))
    assert rows[2:-2] == ["ST*997*0001", "AK1*IN*101", "AK2*810*0001", "AK5*A", "AK9*A*1*1*1", "SE*6*0001"]


def test_sender_and_receiver_are_swapped_and_nothing_is_asked_for():
    rows = answer_to(checked_of(interchange("850")))
    assert rows[0].startswith("ISA*00*          *00*          *ZZ*HARBOR         *ZZ*NORTHWIND      *261122*2105*U*")
    assert rows[0].endswith("*000000900*0*P*>")
    assert rows[1] == "GS*FA*HARBOR*NORTHWIND*20261122*2105*800*X*004010"


def test_test_stays_test():
    segments = [text.replace("*0*P*>", "*0*T*>") for text in interchange("850")]
    assert "*0*T*>" in answer_to(checked_of(segments))[0]


@pytest.mark.parametrize("code", ["997", "999"])
def test_an_acknowledgment_is_never_acknowledged(code):
    checked = checked_of(interchange(code, wants_ta1=True))
    for ta1 in WhenTa1:
        assert not needs_acknowledgment(checked, options=AckOptions(ta1=ta1))
    with pytest.raises(CannotAcknowledge, match="not acknowledged"):
        answer_to(checked)


def test_a_file_of_only_ta1_is_never_acknowledged():
    checked = checked_of([interchange("810")[0], "TA1*000000077*261121*1200*A*000", "IEA*0*000000101"])
    assert not needs_acknowledgment(checked, options=AckOptions(ta1=WhenTa1.ALWAYS))


@pytest.mark.parametrize(
    ("when", "asked", "faulty", "written"),
    [
        (WhenTa1.REQUESTED, True, False, True),
        (WhenTa1.REQUESTED, False, True, False),
        (WhenTa1.FAULTS, False, True, True),
        (WhenTa1.FAULTS, False, False, False),
        (WhenTa1.ALWAYS, False, False, True),
        (WhenTa1.NEVER, True, True, False),
    ],
)
def test_a_ta1_is_written_when_the_rules_say_so(when, asked, faulty, written):
    segments = interchange("810", wants_ta1=asked)
    if faulty:
        segments[-1] = "IEA*1*000000999"
    assert needs_ta1(checked_of(segments), AckOptions(ta1=when)) is written


def test_a_broken_envelope_gets_a_ta1_and_no_997():
    segments = interchange("810")
    segments[-1] = "IEA*1*000000999"
    assert answer_to(checked_of(segments))[1:] == ["TA1*000000101*261122*2105*R*001", "IEA*0*000000900"]


def test_a_duplicate_is_said_once_and_not_answered_again():
    checked = mark_duplicate(checked_of(interchange("850", wants_ta1=True)))
    assert answer_to(checked)[1] == "TA1*000000101*261122*2105*R*025"
    silent = mark_duplicate(checked_of(interchange("850")))
    for ta1 in WhenTa1.REQUESTED, WhenTa1.FAULTS, WhenTa1.NEVER:
        assert not needs_acknowledgment(silent, options=AckOptions(ta1=ta1))


def five_sets():
    body = []
    for number in range(1, 6):
        one = segments_of("810")
        one[0], one[-1] = f"ST*810*{number:04d}", f"SE*22*{number:04d}"
        body += one
    body[22 * 2 + 1] = "BIG*20261332*INV-0042"
    return wrap(body, count=5)


def test_one_bad_set_of_five_is_partial():
    rows = answer_to(checked_of(five_sets()))
    assert "AK9*P*5*5*4" in rows
    assert rows[rows.index("AK2*810*0003") :][:4] == [
        "AK2*810*0003",
        "AK3*BIG*2**8",
        "AK4*1*373*8*20261332",
        "AK5*R*5",
    ]


def test_only_errors_are_listed_where_wanted():
    rows = answer_to(checked_of(five_sets()), lists=Lists.ERRORS_ONLY)
    assert [row for row in rows if row.startswith("AK2")] == ["AK2*810*0003"]
    good = answer_to(checked_of(interchange("850")), lists=Lists.ERRORS_ONLY)
    assert [row for row in good if row.startswith("AK")] == ["AK1*PO*101", "AK9*A*1*1*1"]


def test_lenient_rules_accept_an_unknown_code_with_errors():
    segments = interchange("850")
    at = segments.index("AMT*TT*555")
    segments[at] = "AMT*TT*555*X"
    checked = checked_of(segments)
    assert "AK5*R*5" in answer_to(checked)
    assert "AK9*R*1*1*0" in answer_to(checked)
    lenient = answer_to(checked, lenient=True)
    assert "AK5*E*5" in lenient
    assert "AK9*E*1*1*1" in lenient
    assert checked.groups[0].outcome(AckOptions(lenient=True)) is Outcome.ACCEPTED_WITH_ERRORS


def test_sets_without_a_guide_are_refused_or_accepted_as_set():
    segments = wrap(["ST*846*0001", "BIA*00*DD*1*20261122", "SE*3*0001"], functional_id="IB")
    assert "AK5*R*1" in answer_to(checked_of(segments))
    assert "AK5*A" in answer_to(checked_of(segments, unknown_sets=True), unknown_sets=True)
    segments[4] = "SE*9*0001"
    assert "AK5*R*4" in answer_to(checked_of(segments, unknown_sets=True), unknown_sets=True)


def test_a_group_fault_rejects_the_group_as_a_whole():
    segments = interchange("810")
    segments[-2] = "GE*3*101"
    assert "AK9*R*3*1*0*5" in answer_to(checked_of(segments))


def test_each_group_gets_its_own_997():
    first, second = interchange("810"), interchange("850")
    second[1] = second[1].replace("*101*", "*102*")
    segments = [*first[:-1], *second[1:-2], "GE*1*102", "IEA*2*000000101"]
    rows = answer_to(checked_of(segments))
    assert [row for row in rows if row.startswith("AK1")] == ["AK1*IN*101", "AK1*PO*102"]
    assert [row for row in rows if row.startswith("ST")] == ["ST*997*0001", "ST*997*0002"]
    assert rows[-2:] == ["GE*2*800", "IEA*1*000000900"]


def test_a_997_may_be_switched_off():
    checked = checked_of(interchange("850"))
    assert not needs_acknowledgment(checked, options=AckOptions(functional=False))


def test_what_cannot_be_copied_is_refused():
    segments = interchange("850")
    segments[1] = segments[1].replace("*101*", "*X01*")
    with pytest.raises(CannotAcknowledge, match="GS06"):
        answer_to(checked_of(segments))


def note_on(segments):
    """Give the first AK4 that answers segments."""
    return next(row for row in answer_to(checked_of(segments)) if row.startswith("AK4"))


@pytest.mark.parametrize(("value", "note"), [("USX", "AK4*2*100*7*USX"), ("U:X", "AK4*2*100*7*U:X")])
def test_the_bad_value_is_copied(value, note):
    segments = interchange("810")
    segments[segments.index("CUR*SE*USD")] = f"CUR*SE*{value}"
    assert note_on(segments) == note


def test_a_value_that_holds_one_of_our_delimiters_is_not_copied():
    data = data_of(interchange("810")).replace(b"*", b"|").replace(b"CUR|SE|USD", b"CUR|SE|U*X")
    (checked,) = check_interchanges([data])
    assert next(row for row in answer_to(checked) if row.startswith("AK4")) == "AK4*2*100*7"


def test_a_value_with_a_character_that_is_not_allowed_is_not_copied():
    segments = interchange("810")
    at = next(at for at, text in enumerate(segments) if text.startswith("IT1*1*"))
    segments[at] = "IT1*1*ten" + segments[at][segments[at].index("*EA*") :]
    assert note_on(segments) == "AK4*2*358*6"


def test_codes_that_came_later_are_said_as_the_release_of_the_group_knows_them():
    segments = interchange("810")
    at = next(at for at, text in enumerate(segments) if text.startswith("REF*"))
    segments[at] = "REF*IA*V-77**IA>1>IA>2>IA>3>IA"
    assert note_on(segments) == "AK4*4**3"
    later = [segment.replace("*X*004010", "*X*005010") for segment in segments]
    assert note_on(later).startswith("AK4*4**13")


def test_a_segment_with_an_impossible_tag_is_named_by_its_first_letters():
    segments = interchange("810")
    segments.insert(4, "LONGTAG*1")
    rows = answer_to(checked_of(segments))
    assert next(row for row in rows if row.startswith("AK3")) == "AK3*LON*3**1"


def test_a_set_in_a_group_of_another_kind_is_refused_as_such():
    rows = answer_to(checked_of(wrap(segments_of("850"), functional_id="IN")))
    assert rows[rows.index("AK2*850*0001") :][:2] == ["AK2*850*0001", "AK5*R*6"]


def test_a_group_without_its_trailer_is_rejected_with_the_count_that_was_found():
    segments = [text for text in interchange("850") if not text.startswith("GE*")]
    rows = answer_to(checked_of(segments))
    assert [row for row in rows if row.startswith("AK9")] == ["AK9*R*1*1*0*3"]


LATER_SET = ["ST*850*0001", "BEG*00*SA*PO-5150**20261399", "N1*ST*Acme Madison*92*0017", "PO1*1*10*EA*25.5**BP*NW-1"]


def later(body=(), *, version="005010"):
    segments = [*(body or LATER_SET), f"SE*{len(body or LATER_SET) + 1}*0001"]
    return wrap(segments, functional_id="PO", version=version)


def test_a_999_says_the_same_in_its_own_segments_and_release():
    rows = answer_to(checked_of(later()), writes="999")
    assert rows[0].split("*")[12] == "00501"
    assert rows[1].endswith("*X*005010X231A1")
    assert rows[2:-2] == [
        "ST*999*0001*005010X231A1",
        "AK1*PO*101*005010",
        "AK2*850*0001",
        "IK3*BEG*2**8",
        "IK4*5*373*8*20261399",
        "IK5*R*5",
        "AK9*R*1*1*0",
        "SE*8*0001",
    ]


def test_a_999_copies_the_implementation_that_the_set_names():
    good = [LATER_SET[0] + "*005010X999", "BEG*00*SA*PO-5150**20261110", *LATER_SET[2:], "CTT*1"]
    rows = answer_to(checked_of(later(good)), writes="999")
    assert rows[4:7] == ["AK2*850*0001*005010X999", "IK5*A", "AK9*A*1*1*1"]


@pytest.mark.parametrize("version", ["004010", "004010VICS"])
def test_earlier_releases_are_answered_with_a_997_since_they_have_no_999(version):
    rows = answer_to(checked_of(wrap(segments_of("850"), functional_id="PO", version=version)), writes="999")
    assert rows[1].endswith("*X*004010")
    assert rows[2] == "ST*997*0001"


def test_groups_of_both_releases_are_answered_together_in_the_earlier_one():
    segments = wrap(segments_of("850"), functional_id="PO", version="005010")
    second = [segment.replace("*101*X*005010", "*102*X*004010") for segment in segments[1:-2]]
    rows = answer_to(checked_of([*segments[:-1], *second, "GE*1*102", "IEA*2*000000101"]), writes="999")
    assert [row for row in rows if row.startswith("AK1")] == ["AK1*PO*101", "AK1*PO*102"]
    assert rows[1].endswith("*X*004010")


def test_what_is_not_in_the_release_of_the_group_is_named_by_the_repetition_in_later_ones():
    body = ["ST*999*0001*005010X231A1", "AK1*IN*101*005010", "AK2*810*0001", "IK3*BIG*2**8", "CTX*A*BIG*2"]
    many = "^".join(f"TRIGGER:{number}" for number in range(1, 4)) + "^"
    body[4] = f"CTX*{many}*BIG*2"
    segments = wrap([*body, "IK5*R*5", "AK9*R*1*1*0", "SE*8*0001"], functional_id="FA", version="005010")
    (group,) = checked_of(segments).groups
    (fault, *_) = group.sets[0].faults
    assert (fault.element, fault.repetition) == (1, 4)


def test_releases_before_004010_have_no_guide_and_are_refused_or_accepted_as_set():
    segments = wrap(["ST*810*0001", "BIG*981120*INV-1", "TDS*100", "SE*4*0001"], version="003040")
    segments[1] = segments[1].replace("*20261122*", "*981122*")
    assert "AK5*R*1" in answer_to(checked_of(segments))
    assert "AK5*A" in answer_to(checked_of(segments, unknown_sets=True), unknown_sets=True)


def test_a_group_number_used_twice_has_the_code_that_its_release_knows():
    for version, code in (("004010", "6"), ("005010", "19")):
        segments = wrap(segments_of("850"), functional_id="PO", version=version)
        rows = answer_to(checked_of([*segments[:-1], *segments[1:-1], "IEA*2*000000101"]))
        assert [row for row in rows if row.startswith("AK9")] == ["AK9*A*1*1*1", f"AK9*R*1*1*0*{code}"]
