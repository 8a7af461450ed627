"""Their CONTRL: outcomes at every level, old action codes, damage, and faults led back to what we sent."""

import pytest

from edi_app.acknowledgment import Level, Outcome
from edi_app.edifact import explain, read_acknowledgments
from tests.edi_app.edifact.interchanges import INVOIC, ORDERS, edit, wrap

SENT = wrap(INVOIC, [*edit(INVOIC, "1: UNH+2+INVOIC:D:96A:UN")[:-1], "UNT+26+2"])


def contrl(*segments: str, kind: str = "CONTRL:D:3:UN", count: int | None = None) -> bytes:
    trailer = f"UNT+{count or len(segments) + 2}+1"
    unb, unz = "UNB+UNOC:3+THEM:ZZ+US:14+261123:0800+900", "UNZ+1+900"
    return wrap([f"UNH+1+{kind}", *segments, trailer], unb=unb, unz=unz)


def read(*segments: str, **more):
    (reply,) = read_acknowledgments(contrl(*segments, **more))
    return reply


UCI = "UCI+REF55+US:ZZ+THEM:ZZ+"


@pytest.mark.parametrize(
    ("action", "outcome"),
    [
        ("7", Outcome.ACCEPTED),
        ("4", Outcome.REJECTED),
        ("8", Outcome.RECEIVED),
        ("1", Outcome.ACCEPTED),
        ("2", Outcome.ACCEPTED),
        ("3", Outcome.PARTIALLY_ACCEPTED),
        ("5", Outcome.ACCEPTED),
        ("6", Outcome.REJECTED),
    ],
)
def test_the_action_of_the_interchange_decides(action, outcome):
    reply = read(UCI + action)
    assert reply.outcome is outcome
    assert (reply.kind, reply.interchange, reply.reference) == ("CONTRL", "REF55", "900")
    assert (reply.sender, reply.receiver) == (("THEM", "ZZ"), ("US", "14"))
    assert (reply.documents, reply.damage) == ((), "")


@pytest.mark.parametrize(
    ("action", "outcome", "whole"),
    [
        ("7", Outcome.ACCEPTED, Outcome.ACCEPTED),
        ("4", Outcome.REJECTED, Outcome.PARTIALLY_ACCEPTED),
        ("3", Outcome.PARTIALLY_ACCEPTED, Outcome.PARTIALLY_ACCEPTED),
        ("6", Outcome.REJECTED, Outcome.PARTIALLY_ACCEPTED),
        ("1", Outcome.ACCEPTED, Outcome.ACCEPTED),
    ],
)
def test_a_message_may_end_otherwise_than_its_interchange(action, outcome, whole):
    reply = read(UCI + "7", f"UCM+2+INVOIC:D:96A:UN+{action}")
    assert reply.outcome is whole
    assert reply.find_document(reference="2").outcome is outcome
    assert reply.find_document(reference="2").kind == "INVOIC"
    assert reply.find_document(reference="1") is None


def test_errors_below_an_acceptance_are_an_acceptance_with_errors():
    reply = read(UCI + "7", "UCM+2+INVOIC:D:96A:UN+7", "UCS+4", "UCD+12+2:1")
    assert reply.documents[0].outcome is Outcome.ACCEPTED_WITH_ERRORS
    assert reply.outcome is Outcome.ACCEPTED_WITH_ERRORS


def test_faults_keep_level_place_and_code():
    reply = read(UCI + "7", "UCM+2+INVOIC:D:96A:UN+4+29+UNT+2", "UCS+4", "UCD+12+2:1", "UCS+9+13")
    faults = [
        (fault.level, fault.code, fault.tag, fault.segment, fault.element, fault.component)
        for fault in reply.documents[0].faults
    ]
    assert faults == [
        (Level.DOCUMENT, "29", "UNT", 0, 2, 0),
        (Level.ELEMENT, "12", "", 4, 2, 1),
        (Level.SEGMENT, "13", "", 9, 0, 0),
    ]
    assert [fault.sentence for fault in reply.documents[0].faults] == [
        "UNT, data element 2: control count does not match (29).",
        "Segment 4, data element 2, component 1: invalid value (12).",
        "After segment 9: a mandatory segment is missing (13).",
    ]


def test_a_rejected_interchange_says_why():
    reply = read(UCI + "4+28+UNZ+3")
    (fault,) = reply.faults
    assert (fault.level, fault.code, fault.tag, fault.element) == (Level.INTERCHANGE, "28", "UNZ", 3)


def test_codes_of_older_directories_are_read_in_words():
    reply = read(UCI + "7", "UCM+2+INVOIC:D:96A:UN+4+9", "UCS+4+8", "UCS+5+99")
    words = [fault.sentence for fault in reply.documents[0].faults]
    assert words == [
        "document: mandatory data element missing (9).",
        "Segment 4: too many data elements (8).",
        "Segment 5: syntax error 99 (99).",
    ]


def test_groups_are_read_with_their_messages():
    reply = read(UCI + "7", "UCF+G1+US+THEM+7", "UCM+2+INVOIC:D:96A:UN+4", "UCF+G2+US+THEM+4+28+UNE+3")
    first, second = reply.groups
    assert (first.outcome, second.outcome) == (Outcome.PARTIALLY_ACCEPTED, Outcome.REJECTED)
    assert second.faults[0].level is Level.GROUP
    assert reply.outcome is Outcome.PARTIALLY_ACCEPTED
    assert reply.find_document(reference="2", group="G1").outcome is Outcome.REJECTED
    assert reply.find_document(reference="2") is None


def test_syntax_version_4_is_read_the_same():
    segments = UCI + "7", "UCM+2+INVOIC:D:96A:UN+4", "UCS+4", "UCD+35+2::3"
    reply = read(*segments, kind="CONTRL:4:1:UN")
    (fault,) = reply.documents[0].faults
    assert (fault.element, fault.component, fault.repetition) == (2, 0, 3)


def test_other_messages_in_the_file_are_passed_over():
    data = wrap(ORDERS) + contrl(UCI + "7") + wrap(INVOIC)
    assert [reply.interchange for reply in read_acknowledgments(data)] == ["REF55"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (contrl(UCI + "7")[:-30], "cut off"),
        (contrl(UCI + "7", count=9), "says that it has '9' segments"),
        (contrl("UCM+2+INVOIC:D:96A:UN+4"), "no UCI"),
        (contrl(UCI), "action ''"),
        (contrl(UCI + "9"), "action '9'"),
    ],
)
def test_a_damaged_one_is_no_answer(data, words):
    (reply,) = read_acknowledgments(data)
    assert words in reply.damage
    assert reply.outcome is Outcome.RECEIVED


def test_a_reported_element_leads_back_to_the_segment_as_sent():
    reply = read(UCI + "7", "UCM+2+INVOIC:D:96A:UN+4", "UCS+3", "UCD+12+2:2", "UCS+6", "UCD+39+5")
    first, second = explain(reply, sent=SENT)
    assert (first.document, first.text) == ("2", "DTM+137:20261120:102")
    assert (first.path, first.value) == ("DTM/C507/2380", "20261120")
    assert first.sentence == (
        "In message 2, segment 3 (DTM+137:20261120:102), date (2380) '20261120': invalid value (12)."
    )
    assert (second.path, second.value) == ("NAD/C080", "Acme Retail Inc")


def test_a_reported_gap_leads_back_to_the_segment_before_it():
    (found,) = explain(read(UCI + "7", "UCM+2+INVOIC:D:96A:UN+4", "UCS+21+13"), sent=SENT)
    assert found.text == "PRI+AAA:100"
    assert found.sentence == "In message 2, behind segment 21 (PRI+AAA:100) a mandatory segment is missing (13)."


def test_reported_headers_and_trailers_lead_back_too():
    reply = read(UCI + "4+29+UNZ+2", "UCM+2+INVOIC:D:96A:UN+4+14+UNH+3:3", "UCM+1+INVOIC:D:96A:UN+4+29+UNT+2")
    assert [(found.text, found.path, found.value) for found in explain(reply, sent=SENT)] == [
        ("UNT+26+1", "UNT/0074", "26"),
        ("UNH+2+INVOIC:D:96A:UN", "UNH/S009/0054", "96A"),
        ("UNZ+2+REF55", "UNZ/0036", "2"),
    ]


def test_a_position_that_the_message_does_not_have_is_said_so():
    (found,) = explain(read(UCI + "7", "UCM+2+INVOIC:D:96A:UN+4", "UCS+99+15"), sent=SENT)
    assert (found.text, found.path) == ("", "")
    assert "Message 2 has only 26 segments" in found.sentence


def test_places_that_the_dictionary_does_not_have_are_named_by_number():
    (found,) = explain(read(UCI + "7", "UCM+2+INVOIC:D:96A:UN+4", "UCS+3", "UCD+12+7:4"), sent=SENT)
    assert (found.path, found.value) == ("DTM/7", "")


def test_what_answers_another_interchange_is_not_explained():
    reply = read("UCI+OTHER+US:ZZ+THEM:ZZ+7", "UCM+2+INVOIC:D:96A:UN+4", "UCS+3+13")
    assert explain(reply, sent=SENT) == []
