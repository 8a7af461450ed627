"""What an acknowledgment says about one document, whether it is named or only its level above."""

import pytest

from edi_app.acknowledgment import Acknowledgment, DocumentReply, GroupReply, Outcome

BAD = DocumentReply("2", Outcome.REJECTED)


def reply(outcome: Outcome, **more) -> Acknowledgment:
    return Acknowledgment("CONTRL", "900", ("THEM", "ZZ"), ("US", "ZZ"), outcome, **more)


@pytest.mark.parametrize("outcome", [Outcome.ACCEPTED, Outcome.REJECTED, Outcome.RECEIVED])
def test_a_document_that_is_not_named_shares_the_fate_of_its_level(outcome):
    assert reply(outcome).outcome_of(reference="1") is outcome


def test_a_document_is_accepted_where_only_others_are_rejected():
    partly = reply(Outcome.PARTIALLY_ACCEPTED, documents=(BAD,))
    assert partly.outcome_of(reference="1") is Outcome.ACCEPTED
    assert partly.outcome_of(reference="2") is Outcome.REJECTED


def test_a_part_accepted_without_names_says_nothing():
    assert reply(Outcome.PARTIALLY_ACCEPTED).outcome_of(reference="1") is Outcome.RECEIVED
    group = GroupReply("G1", Outcome.PARTIALLY_ACCEPTED)
    partly = reply(Outcome.PARTIALLY_ACCEPTED, groups=(group,))
    assert partly.outcome_of(reference="1", group="G1") is Outcome.RECEIVED


def test_a_document_belongs_to_its_group():
    groups = (GroupReply("G1", Outcome.PARTIALLY_ACCEPTED, documents=(BAD,)), GroupReply("G2", Outcome.REJECTED))
    partly = reply(Outcome.PARTIALLY_ACCEPTED, groups=groups)
    outcomes = [partly.outcome_of(reference="2", group=group) for group in ("G1", "G2", "G3")]
    assert outcomes == [Outcome.REJECTED, Outcome.REJECTED, Outcome.ACCEPTED]
    assert partly.outcome_of(reference="1", group="G1") is Outcome.ACCEPTED
    assert partly.find_document(reference="2", group="G3") is None


def test_errors_elsewhere_do_not_touch_a_document():
    partly = reply(Outcome.ACCEPTED_WITH_ERRORS, documents=(DocumentReply("2", Outcome.ACCEPTED_WITH_ERRORS),))
    assert partly.outcome_of(reference="1") is Outcome.ACCEPTED
    assert partly.outcome_of(reference="2") is Outcome.ACCEPTED_WITH_ERRORS


def test_a_damaged_acknowledgment_is_no_answer():
    damaged = reply(Outcome.RECEIVED, documents=(BAD,), damage="The CONTRL is cut off: it has no UNT.")
    assert damaged.outcome_of(reference="2") is Outcome.RECEIVED


def test_a_rejected_interchange_rejects_all():
    assert reply(Outcome.REJECTED, documents=(BAD,)).outcome_of(reference="1") is Outcome.REJECTED
    good = DocumentReply("1", Outcome.ACCEPTED)
    assert reply(Outcome.REJECTED, documents=(good,)).outcome_of(reference="1") is Outcome.REJECTED
