"""Whatever a partner leaves becomes interchanges or a sentence, and an answer or a refusal; nothing else."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.steps.answer import reply_to
from connector.steps.profile import AckRules
from connector.steps.received import NoInterchange, is_complete, plain_number, read_received, syntax_of
from core.errors import PermanentError
from tests.edi_app.edifact.interchanges import MESSAGES, wrap
from tests.edi_app.x12.interchanges import SETS, data_of, interchange
from tests.partner_side import ORDER, envelope, their_997, their_ta1

MOMENT = datetime(2026, 11, 22, 21, 5, tzinfo=UTC)
VALID = [
    *(data_of(interchange(code)) for code in SETS),
    *(wrap(message) for message in MESSAGES.values()),
    their_997(57, "P", ("0001", "A"), ("0002", "R", "AK3*BIG*2**8", "AK4*2*76*5*INV")).encode(),
    their_ta1(57, "R", "006").encode(),
]
RULES = st.builds(
    AckRules,
    when=st.sampled_from(["requested", "faults", "always", "never"]),
    lists=st.sampled_from(["", "all", "errors_only"]),
    lenient=st.booleans(),
    unknown=st.sampled_from(["accept", "reject"]),
)
CUTS = st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 30), st.binary(max_size=8)), max_size=4)


def damaged(data, cuts):
    for at, length, put in cuts:
        at %= len(data) + 1
        data = data[:at] + put + data[at + length :]
    return data


@given(st.sampled_from(VALID), CUTS, RULES)
def test_damage_ends_in_interchanges_or_a_sentence_and_in_an_answer_or_a_refusal(data, cuts, rules):
    try:
        found, _ = read_received(damaged(data, cuts), rules=rules)
    except NoInterchange as error:
        assert error.sentence
        return
    for item in found:
        reply = reply_to(item, rules)
        if reply is not None:
            try:
                assert reply.write(dict.fromkeys(reply.levels, 1), MOMENT)
            except PermanentError as error:
                assert error.sentence


@given(st.binary(max_size=300))
def test_any_bytes_end_in_interchanges_or_a_sentence(data):
    try:
        assert read_received(data, rules=AckRules())[0]
    except NoInterchange as error:
        assert error.sentence


def test_the_content_of_an_interchange_is_the_same_however_its_lines_are_broken():
    texts = [envelope(ORDER), envelope(ORDER).replace("~\n", "~"), "\n" + envelope(ORDER).replace("~\n", "~\r\n")]
    digests = {read_received(text.encode(), rules=AckRules())[0][0].sha256 for text in texts}
    other = read_received(envelope(ORDER, control=102).encode(), rules=AckRules())[0][0].sha256
    assert len(digests) == 1
    assert other not in digests


def test_what_can_be_read_in_front_of_damage_is_read():
    data = envelope(ORDER).encode() + b"ISA*00*" + b"x" * 500
    found, damage = read_received(data, rules=AckRules())
    assert [item.control for item in found] == ["000000101"]
    assert damage


def test_each_acknowledgment_is_with_the_interchange_that_carried_it():
    texts = [envelope(ORDER), their_997(57, "A", ("0001", "A")), their_ta1(58, "A")]
    found, _ = read_received("".join(texts).encode(), rules=AckRules())
    assert [[answer.kind for answer in item.acknowledgments] for item in found] == [[], ["997"], ["TA1"]]
    assert [item.only_acknowledgments for item in found] == [False, True, True]
    assert [item.documents for item in found] == [("850",), ("997",), ("TA1",)]


@pytest.mark.parametrize(
    ("data", "syntax", "complete"),
    [
        (envelope(ORDER).encode(), "x12", True),
        (envelope(ORDER).encode()[:-30], "x12", False),
        (b"\xef\xbb\xbf\r\n" + VALID[0], "x12", True),
        (wrap(MESSAGES["ORDERS"]), "edifact", True),
        (wrap(MESSAGES["ORDERS"])[:-20], "edifact", False),
        (b"a picture", "x12", True),
        (b"", "x12", True),
    ],
)
def test_standard_and_end_are_known_by_the_first_and_last_bytes(data, syntax, complete):
    assert (syntax_of(data), is_complete(data)) == (syntax, complete)


@pytest.mark.parametrize(("text", "plain"), [("000000057", "57"), ("57", "57"), ("REF55", "REF55"), ("", "")])
def test_control_numbers_have_one_form(text, plain):
    assert plain_number(text) == plain
