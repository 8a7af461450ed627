"""What a partner's TA1, 997 and 999 say, and how a rejection leads back to the segment and the Xero field."""

import pytest

from core.formats import ExportFacts, Totals
from edi_app.acknowledgment import Level, Outcome
from edi_app.x12.explain import explain
from edi_app.x12.formatter import compile_x12
from edi_app.x12.replies import read_acknowledgments
from tests.edi_app.x12.documents import envelope, invoice
from tests.edi_app.x12.interchanges import data_of, interchange, segments_of, wrap


def reply_of(*body, code="997"):
    version = "005010" if code == "999" else "004010"
    segments = [f"ST*{code}*0001", *body, f"SE*{len(body) + 2}*0001"]
    (reply,) = read_acknowledgments([data_of(wrap(segments, functional_id="FA", version=version))])
    return reply


def test_a_997_is_read_level_by_level():
    (reply,) = read_acknowledgments([data_of(interchange("997"))])
    assert (reply.kind, reply.outcome, reply.damage) == ("997", Outcome.PARTIALLY_ACCEPTED, "")
    assert (reply.sender, reply.receiver) == (("NORTHWIND", "ZZ"), ("HARBOR", "ZZ"))
    (group,) = reply.groups
    assert (group.kind, group.reference) == ("IN", "101")
    bad, good = group.documents
    assert (bad.kind, bad.reference, bad.outcome) == ("810", "0001", Outcome.REJECTED)
    assert good.outcome is Outcome.ACCEPTED
    element, summary = bad.faults
    assert (element.level, element.code, element.tag, element.segment, element.element) == (
        Level.ELEMENT,
        "5",
        "BIG",
        2,
        2,
    )
    assert (element.number, element.value) == ("76", "INV-000000000000000000042")
    assert (summary.level, summary.code) == (Level.DOCUMENT, "5")
    assert reply.find_document(reference="0001", group="101") is bad


def test_a_999_says_the_same_with_other_tags():
    (reply,) = read_acknowledgments([data_of(interchange("999"))])
    assert (reply.kind, reply.outcome) == ("999", Outcome.REJECTED)
    assert reply.groups[0].documents[0].faults[0].sentence == "Segment 2, BIG02: the value is too long (5)."


@pytest.mark.parametrize(
    ("ta1", "outcome", "said"),
    [
        ("TA1*000000101*261122*2105*A*000", Outcome.ACCEPTED, ""),
        ("TA1*000000101*261122*2105*E*022", Outcome.ACCEPTED_WITH_ERRORS, "control structure"),
        ("TA1*000000101*261122*2105*R*025", Outcome.REJECTED, "used before"),
    ],
)
def test_a_ta1_answers_an_interchange(ta1, outcome, said):
    (reply,) = read_acknowledgments([data_of([interchange("810")[0], ta1, "IEA*0*000000101"])])
    assert (reply.kind, reply.interchange, reply.outcome) == ("TA1", "000000101", outcome)
    assert said in " ".join(fault.sentence for fault in reply.faults)


@pytest.mark.parametrize(
    ("letter", "outcome"),
    [("A", Outcome.ACCEPTED), ("E", Outcome.ACCEPTED_WITH_ERRORS), ("P", Outcome.PARTIALLY_ACCEPTED)]
    + [(letter, Outcome.REJECTED) for letter in "RMWX"],
)
def test_ak9_decides_for_a_group_without_sets(letter, outcome):
    reply = reply_of("AK1*IN*000101", f"AK9*{letter}*1*1*0*5")
    assert (reply.outcome, reply.groups[0].reference, reply.groups[0].documents) == (outcome, "101", ())
    assert reply.groups[0].faults[0].sentence == "the number of sets is not right (5)."


@pytest.mark.parametrize(
    ("segments", "said"),
    [
        (["ST*997*0001", "AK9*A*1*1*1", "SE*3*0001"], "no AK1"),
        (["ST*997*0001", "AK1*IN*101", "SE*3*0001"], "no AK9"),
        (["ST*997*0001", "AK1*IN*101", "AK9*Q*1*1*1", "SE*4*0001"], "outcome 'Q'"),
        (["ST*997*0001", "AK1*IN*101", "AK9*A*1*1*1", "SE*9*0001"], "SE01 says '9'"),
        (["ST*997*0001", "AK1*IN*101", "AK9*A*1*1*1"], "no SE segment"),
    ],
)
def test_a_damaged_one_is_kept_but_answers_nothing(segments, said):
    (reply,) = read_acknowledgments([data_of(wrap(segments, functional_id="FA"))])
    assert reply.outcome is Outcome.RECEIVED
    assert said in reply.damage


def test_a_ta1_that_says_nothing_is_damaged():
    for ta1 in "TA1*000000101*261122*2105*Q*000", "TA1*ABC*261122*2105*A*000", "TA1":
        (reply,) = read_acknowledgments([data_of([interchange("810")[0], ta1, "IEA*0*000000101"])])
        assert (reply.outcome, bool(reply.damage)) == (Outcome.RECEIVED, True)


def test_other_sets_are_passed_over():
    assert list(read_acknowledgments([data_of(interchange("850"))])) == []


def sent(definition):
    formatter = compile_x12(definition, stream="invoices", tables={})
    given = envelope()
    contents = [formatter.content(invoice(), ExportFacts(position=at), given) for at in (1, 2)]
    trailer = formatter.trailer(given, Totals(exports=2, sums={"sets": 2}))
    return formatter.header(given) + b"".join(item.data for item in contents) + trailer


def explained(*notes, definition=None):
    mapping = {"base": "x12-810", **(definition or {})}
    reply = reply_of("AK1*IN*7", "AK2*810*0001", "AK5*A", "AK2*810*0002", *notes, "AK5*R*5", "AK9*P*2*2*1")
    return explain(reply, sent=[sent(mapping)], definition=mapping)


def test_a_rejected_element_leads_to_its_row_and_xero_field():
    first, _ = explained("AK3*BIG*2**8", "AK4*2*76*5*INV-0042")
    assert (first.document, first.text) == ("0002", "BIG*20261120*INV-0042*****DI")
    assert (first.path, first.source, first.xero, first.value) == ("BIG02", "X12.Number", "InvoiceNumber", "INV-0042")
    assert first.sentence == "BIG02 (InvoiceNumber 'INV-0042', segment 2): the value is too long (5)."


@pytest.mark.parametrize(
    ("ak3", "ak4", "path", "xero"),
    [
        ("AK3*N1*5**8", "AK4*4*67*7", "N1[BT]/N104", "Contact or Organisation AccountNumber or ContactNumber"),
        ("AK3*N1*8**8", "AK4*2*93*5", "N1[SE]/N102", "Contact or Organisation Name"),
        ("AK3*N4*10**8", "AK4*1*19*5", "N1[SE]/N401", "Contact or Organisation Addresses City"),
        ("AK3*IT1*15**8", "AK4*4*212*6", "IT104", "LineItems UnitAmount"),
        ("AK3*PID*14**8", "AK4*5*352*5", "IT1/PID05", "LineItems Description"),
        ("AK3*TXI*18**8", "AK4*1*963*7", "TXI01", "LineItems TaxType"),
        ("AK3*CUR*3**8", "AK4*1*98*7", "CUR01", ""),
    ],
)
def test_rows_are_found_inside_their_loops(ak3, ak4, path, xero):
    first, _ = explained(ak3, ak4)
    assert (first.path, first.xero) == (path, xero)


def test_overridden_rows_name_their_own_source():
    definition = {"set": {"BIG02": "Reference", "REF[DP]02": "Contact.ContactNumber"}}
    first, _ = explained("AK3*BIG*2**8", "AK4*2*76*5", definition=definition)
    assert first.xero == "Reference"


def test_missing_and_misplaced_segments_are_named_with_what_stands_there():
    missing, order, _ = explained("AK3*REF*4**3", "AK3*CUR*3**7")
    assert missing.sentence == (
        "Before segment 4 (REF*ZZ**2f1b3c4d-0000-4a5b-8c6d-7e8f90a1b2c3), REF: a mandatory segment is missing (3)."
    )
    assert order.sentence == "Segment 3 (CUR*SE*USD): the segment stands in the wrong place (7)."


def test_positions_beyond_the_set_are_told_apart():
    first, _ = explained("AK3*ZZZ*99**1")
    assert (first.text, first.sentence) == ("", "The segment is not known (1).")


def test_a_997_about_another_group_explains_nothing():
    reply = reply_of("AK1*IN*8", "AK2*810*0001", "AK5*R*5", "AK9*R*1*1*0")
    assert explain(reply, sent=[sent({"base": "x12-810"})], definition={"base": "x12-810"}) == []


def test_segments_of_another_length_do_no_harm():
    body = segments_of("997")
    body[3:5] = ["AK3*BIG*two**8", "AK4*X>Y>Z*76*5", "AK4", "AK3", "AK5"]
    body[-1] = f"SE*{len(body)}*0001"
    (reply,) = read_acknowledgments([data_of(wrap(body, functional_id="FA"))])
    assert reply.damage == ""
