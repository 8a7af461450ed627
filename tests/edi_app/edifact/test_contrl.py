"""Our CONTRL: when there is one, what it says, and that it always holds up itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_app.acknowledgment import Outcome
from edi_app.edifact import (
    Answer,
    AnswerPolicy,
    CannotAcknowledge,
    Rules,
    choose_answer,
    mark_duplicate,
    read_acknowledgments,
    read_messages,
    render_acknowledgment,
)
from edi_app.edifact.codes import CODES
from tests.edi_app.edifact.interchanges import DESADV, INVOIC, MESSAGES, MOMENT, ORDERS, check, edit, wrap
from tests.edi_app.edifact.test_mutants import BODY, ENVELOPE, TRAILER, broken, rows

CONTRL = ["UNH+9+CONTRL:D:3:UN", "UCI+57+US:ZZ+THEM:ZZ+7", "UNT+3+9"]
UNB4 = "UNB+UNOC:4+THEM:ZZ+US:ZZ+20261122:2100+REF55++++1"


def unb(request: str) -> str:
    return f"UNB+UNOC:3+THEM:ZZ+US:ZZ+261122:2100+REF55++++{request}"


def answer(checked, **more) -> list[str]:
    data = render_acknowledgment(checked, reference="57", moment=MOMENT, **more)
    assert check(data).outcome is Outcome.ACCEPTED
    (message,) = read_messages(data)
    return [segment.text for segment in message.segments[1:-1]]


@pytest.mark.parametrize(
    ("request_code", "policy", "expected"),
    [
        ("1", AnswerPolicy.REQUESTED, Answer.VERDICT),
        ("2", AnswerPolicy.REQUESTED, Answer.RECEIPT),
        ("", AnswerPolicy.REQUESTED, None),
        ("0", AnswerPolicy.REQUESTED, None),
        ("", AnswerPolicy.ALWAYS, Answer.VERDICT),
        ("1", AnswerPolicy.NEVER, None),
    ],
)
def test_the_header_and_the_partner_decide_whether_there_is_an_answer(request_code, policy, expected):
    checked = check(wrap(ORDERS, unb=unb(request_code)))
    assert choose_answer(checked, policy=policy) is expected


def test_an_acknowledgment_is_never_acknowledged():
    checked = check(wrap(CONTRL, unz="UNZ+1+WRONG"))
    assert choose_answer(checked, policy=AnswerPolicy.ALWAYS) is None
    with pytest.raises(CannotAcknowledge, match="not acknowledged"):
        answer(checked)


def test_a_mixed_interchange_is_answered_as_if_the_contrl_were_not_in_it():
    checked = check(wrap(edit(CONTRL, "2: UCI"), edit(ORDERS, "12:")))
    assert answer(checked) == ["UCI+REF55+THEM:ZZ+US:ZZ+7", "UCM+1+ORDERS:D:96A:UN:EAN008+4", "UCS+11+13"]
    assert len(answer(check(wrap(CONTRL, ORDERS)), list_accepted=True)) == 2


def test_good_messages_are_listed_only_when_asked_for():
    checked = check(wrap(INVOIC, [*edit(ORDERS, "1: UNH+2+ORDERS:D:96A:UN")[:-1], "UNT+14+2"]))
    assert answer(checked) == ["UCI+REF55+THEM:ZZ+US:ZZ+7"]
    assert answer(checked, list_accepted=True) == [
        "UCI+REF55+THEM:ZZ+US:ZZ+7",
        "UCM+1+INVOIC:D:96A:UN+7",
        "UCM+2+ORDERS:D:96A:UN+7",
    ]


def test_a_receipt_says_only_that_the_interchange_arrived():
    checked = check(wrap(edit(ORDERS, "12:")))
    assert answer(checked, answer=Answer.RECEIPT) == ["UCI+REF55+THEM:ZZ+US:ZZ+8"]


def test_a_receipt_of_a_broken_envelope_is_a_rejection():
    checked = check(wrap(ORDERS, unz="UNZ+2+REF55"))
    assert answer(checked, answer=Answer.RECEIPT) == ["UCI+REF55+THEM:ZZ+US:ZZ+4+29+UNZ+2"]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (Rules(recipients=frozenset({("OTHER", "ZZ")})), "4+7+UNB+4:1"),
        (Rules(senders=frozenset({("OTHER", "ZZ"), ("THEM", "14")})), "4+23+UNB+3:1"),
        (Rules(accept_test=False), "4+25+UNB+12"),
        (Rules(recipients=frozenset({("US", "")}), senders=frozenset({("THEM", "ZZ")})), "7"),
    ],
)
def test_partner_and_test_mode_are_checked_by_the_rules(rules, expected):
    checked = check(wrap(ORDERS, unb=unb("1") + "++1"), rules)
    assert answer(checked) == [f"UCI+REF55+THEM:ZZ+US:ZZ+{expected}"]


def test_a_duplicate_is_rejected_as_one():
    assert answer(mark_duplicate(check(wrap(ORDERS)))) == ["UCI+REF55+THEM:ZZ+US:ZZ+4+26+UNB+6"]


def test_a_message_reference_used_twice_is_a_duplicate_message():
    assert answer(check(wrap(ORDERS, ORDERS)))[1:] == ["UCM+1+ORDERS:D:96A:UN:EAN008+4+26+UNH+2"]


def test_an_interchange_without_messages_is_empty():
    assert answer(check(wrap()))[0].endswith("+4+32+UNB")


def test_groups_are_reported_as_groups():
    ung = "UNG+ORDERS+A:1+B+261122:2100+G1+UN+D:96A"
    opening, closing = unb("1") + "'" + ung, "UNE+{}+G1'UNZ+1+REF55"
    good = check(wrap(ORDERS, unb=opening, unz=closing.format(1)))
    assert answer(good) == ["UCI+REF55+THEM:ZZ+US:ZZ+7"]
    assert answer(good, list_accepted=True)[1:] == ["UCF+G1+A:1+B+7", "UCM+1+ORDERS:D:96A:UN:EAN008+7"]
    mixed = check(wrap(ORDERS, DESADV, unb=opening, unz=closing.format(2)))
    assert answer(mixed)[1:] == ["UCF+G1+A:1+B+4+31+UNG"]
    empty = check(wrap(unb=opening, unz=closing.format(0)))
    assert answer(empty)[1:] == ["UCF+G1+A:1+B+4+32+UNG"]
    loose = check(wrap(ORDERS, unb=opening, unz="UNE+1+G1'" + "'".join(DESADV) + "'UNZ+1+REF55"))
    assert answer(loose) == ["UCI+REF55+THEM:ZZ+US:ZZ+4+30+UNB"]


def test_several_faults_of_one_segment_share_its_position():
    broken_twice = edit(ORDERS, "10: QTY+210A:forty:PCE:X+Y+")
    assert answer(check(wrap(broken_twice)))[2:] == [
        "UCS+10+16",
        "UCS+10+45",
        "UCD+16+2",
        "UCD+39+2:1",
        "UCD+37+2:2",
    ]


def test_the_reply_keeps_syntax_test_flag_and_turns_the_parties_round():
    header = "UNB+UNOA:2+THEM:1:ROUTE+US:14+261122:2100+REF55++++1++1"
    data = render_acknowledgment(check(wrap([*ORDERS[:5], "UNT+6+1"], unb=header)), reference="57", moment=MOMENT)
    assert b"UNB+UNOA:2+US:14+THEM:1:ROUTE+261122:2105+57++++++1'" in data


def test_syntax_version_4_answers_with_its_own_message_and_codes():
    data = wrap(edit(ORDERS, "10: QTY+21:.5"), unb=UNB4)
    reply = render_acknowledgment(check(data), reference="57", moment=MOMENT)
    assert reply.startswith(b"UNA:+.?*'UNB+UNOC:4+US:ZZ+THEM:ZZ+20261122:2105+57'UNH+1+CONTRL:4:1:UN'")
    assert b"UCS+10'UCD+12+2:2'" in reply


@pytest.mark.parametrize(
    ("header", "message", "words"),
    [
        ("UNB+UNOC:3++US:ZZ+261122:2100+REF55", ORDERS, "S002 sender"),
        ("UNB+UNOC:3+THEM:ZZ++261122:2100+REF55", ORDERS, "S003 recipient"),
        ("UNB+UNOC:3+THEM:ZZ+US:ZZ+261122:2100", ORDERS, "0020"),
        ("UNB+UNOA:3+them:ZZ+US:ZZ+261122:2100+REF55", ORDERS, "'t'"),
        ("UNB+UNOC:3+THEM:ZZ+US:ZZ+261122:2100+REFERENCE-55-IS-LONG", ORDERS, "at most 14"),
        ("", edit(ORDERS, "1: UNH++ORDERS:D:96A:UN"), "0062"),
        ("", edit(ORDERS, "1: UNH+1+ORDERS:D"), "S009"),
    ],
)
def test_what_cannot_be_copied_is_not_answered_but_raised(header, message, words):
    with pytest.raises(CannotAcknowledge, match=words):
        answer(check(wrap(message, unb=header)))


def test_an_unknown_character_set_is_answered_in_one_that_we_know():
    data = wrap(ORDERS, unb="UNB+IATA:1+THEM+US+261122:2100+REF55")
    assert answer(check(data)) == ["UCI+REF55+THEM+US+4+46+UNB+2:1"]


def place(fault):
    return fault.segment, fault.element, fault.component


@pytest.mark.parametrize("version", ["3", "4"])
@pytest.mark.parametrize(("kind", "change", "expected"), [*rows(BODY), *rows(TRAILER)[:2], *rows(TRAILER)[6:]])
def test_every_rejection_holds_up_and_names_place_and_code(kind, change, expected, version):
    header = UNB4 if version == "4" else unb("1")
    checked = check(wrap(broken(kind, change), unb=header))
    data = render_acknowledgment(checked, reference="57", moment=MOMENT, list_accepted=True)
    assert check(data).outcome is Outcome.ACCEPTED
    (document,) = next(read_acknowledgments(data)).documents
    found = [(fault.code, fault.segment, fault.element, fault.component) for fault in document.faults]
    ours = [
        (CODES[fault.code].in_4 if version == "4" and CODES[fault.code].in_4 else fault.code, *place(fault))
        for fault in checked.messages[0].faults
    ]
    assert found == ours
    assert document.outcome is (Outcome.REJECTED if ours else Outcome.ACCEPTED)


@pytest.mark.parametrize(("header", "unz", "expected"), rows(ENVELOPE))
def test_an_envelope_fault_is_answered_with_one_code_or_raised(header, unz, expected):
    checked = check(wrap(ORDERS, unb=header, unz=unz))
    code, tag, element, component = expected.split()
    if tag == "UNB" and element in "346" and element != "0":
        with pytest.raises(CannotAcknowledge):
            answer(checked)
        return
    place = [] if element == "0" else [element] if component == "0" else [f"{element}:{component}"]
    assert answer(checked) == ["+".join(["UCI+REF55+THEM:ZZ+US:ZZ+4", code, tag, *place])]


def test_a_rejected_envelope_says_nothing_of_the_messages_in_it():
    checked = check(wrap(edit(INVOIC, "3: DTM+X"), ORDERS, unz="UNZ+9+REF55"))
    assert answer(checked, list_accepted=True) == ["UCI+REF55+THEM:ZZ+US:ZZ+4+29+UNZ+2"]


@given(st.lists(st.tuples(st.sampled_from(sorted(MESSAGES)), st.integers(2, 30), st.text("AZ09:+.", max_size=9))))
def test_whatever_is_wrong_our_answer_passes_our_own_check(changes):
    messages = []
    for number, (kind, place, text) in enumerate(changes, 1):
        message = list(MESSAGES[kind])
        message[0] = message[0].replace("+1+", f"+{number}+", 1)
        message[min(place, len(message) - 2)] += text
        messages.append([*message[:-1], f"UNT+{len(message)}+{number}"])
    checked = check(wrap(*messages))
    data = render_acknowledgment(checked, reference="57", moment=MOMENT, list_accepted=True)
    assert check(data).outcome is Outcome.ACCEPTED
    (reply,) = read_acknowledgments(data)
    expected = [message.accepted for message in checked.messages]
    assert [document.outcome is Outcome.ACCEPTED for document in reply.documents] == expected
