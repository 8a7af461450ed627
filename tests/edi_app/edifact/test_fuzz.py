"""Whatever the bytes are: a verdict, an answer that holds up, or the declared error, and nothing else."""

from hypothesis import given, settings
from hypothesis import strategies as st

from edi_app.acknowledgment import Outcome
from edi_app.edifact import (
    CannotAcknowledge,
    EdifactUnreadable,
    Rules,
    Unknown,
    check_interchanges,
    explain,
    read_acknowledgments,
    render_acknowledgment,
)
from tests.edi_app.edifact.interchanges import DESADV, INVOIC, MOMENT, ORDERS, REMADV, STRICT, check, edit, wrap

GROUPED = wrap(
    ORDERS,
    unb="UNB+UNOY:3+THEM:ZZ+US:ZZ+261122:2100+REF55'UNG+ORDERS+A:1+B:1+261122:2100+G1+UN+D:96A",
    unz="UNE+1+G1'UNZ+1+REF55",
)
ANSWER = render_acknowledgment(check(wrap(edit(INVOIC, "3: DTM+X"))), reference="1", moment=MOMENT)
SEEDS = [wrap(INVOIC, ORDERS), wrap(REMADV, DESADV, una="UNA:+.?*'"), GROUPED, ANSWER, ANSWER + wrap(ORDERS)]
TOKENS = [
    *(b"'", b"+", b":", b"?", b"??", b"*", b"\r\n", b" ", b"\x00", b"\xff", b"\xc3", b"9" * 40, b"-", b"."),
    *(b"UNA:+.? '", b"UNA", b"UNB+", b"UNG+", b"UNH+1+CONTRL:D:3:UN'", b"UNT+3+1'", b"UNE+1+1'", b"UNZ+1+1'"),
    *(b"UNS+S'", b"UCI+", b"UCM+1+", b"UCS+3'", b"UCD+12+99:99'", b"?'UNB+", b"?\n'"),
]
EDITS = st.lists(
    st.tuples(st.integers(0, 1500), st.integers(0, 60), st.one_of(st.sampled_from(TOKENS), st.binary(max_size=6))),
    max_size=6,
)


def follow_up(received: bytes, rules: Rules) -> None:
    """Do with received bytes everything that the pipeline does."""
    for checked in check_interchanges(received, rules=rules):
        try:
            data = render_acknowledgment(checked, reference="57", moment=MOMENT, list_accepted=True)
        except CannotAcknowledge:
            continue
        assert check(data).outcome is Outcome.ACCEPTED
        (reply,) = read_acknowledgments(data)
        assert not reply.damage
        explain(reply, sent=received)
    for reply in read_acknowledgments(received):
        explain(reply, sent=SEEDS[0])


@settings(max_examples=300)
@given(seed=st.sampled_from(SEEDS), edits=EDITS, rules=st.sampled_from([STRICT, Rules(unknown=Unknown.ACCEPT)]))
def test_damaged_interchanges_end_in_a_verdict_or_the_declared_error(seed, edits, rules):
    data = bytearray(seed)
    for place, gone, token in edits:
        data[place : place + gone] = token
    try:
        follow_up(bytes(data), rules)
    except EdifactUnreadable as error:
        assert error.sentence


@settings(max_examples=200)
@given(st.binary(max_size=200), st.sampled_from([b"", b"UNA:+.? 'UNB+", b"UNB+UNOC:3+A+B+261122:2100+1'"]))
def test_any_bytes_end_in_a_verdict_or_the_declared_error(data, start):
    try:
        follow_up(start + data, STRICT)
    except EdifactUnreadable as error:
        assert error.code == "EDI_UNREADABLE"
