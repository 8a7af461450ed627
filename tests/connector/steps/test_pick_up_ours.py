"""Our answers: written as the partner's rules say, with numbers of our own, through the delivery machine."""

import pytest

from connector import pipeline
from connector.steps.answer import NotOurs, send_again
from core.clock import database_now
from core.models import (
    Acknowledgment,
    ControlNumber,
    Event,
    ExportContent,
    File,
    Inbound,
    Interchange,
    InterchangeGroup,
    Partner,
    Problem,
)
from edi_app import edifact
from edi_app.x12.judging import check_interchanges
from edi_app.x12.replies import read_acknowledgments
from tests.edi_app.edifact.interchanges import ORDERS, wrap
from tests.edi_app.x12.interchanges import segments_of
from tests.partner_side import (
    EDIFACT,
    ORDER,
    acme,
    answers,
    envelope,
    leave,
    names_in,
    outcomes,
    pick_up,
    ready_810,
    send,
    their_997,
    x12_integration,
)
from tests.world import open_world

pytestmark = pytest.mark.django_db
BAD_ORDER = [segment.replace("20261110", "20261399") for segment in ORDER]
ORDERS_TO_US = wrap(ORDERS, unb="UNB+UNOC:3+ACME:ZZ+HARBOR:ZZ+261122:2100+REF55++++1")


@pytest.fixture
def world(settings, tmp_path):
    settings.RETRY_SECONDS = 0
    settings.PICKUP_SETTLE_SECONDS = 0
    with open_world(settings, tmp_path, invoices=0, contacts=1, manual_journals=0) as world:
        yield world


def receive(world, partner, *texts):
    """Leave interchanges for us and pick them up; give our answers."""
    for text in texts:
        leave(world, f"in{Inbound.objects.count() + 1}.edi", text)
        pick_up(partner)
    return answers(world)


def test_an_order_is_answered_with_a_997_that_our_own_validator_accepts(world):
    (answer,) = receive(world, acme(world), envelope(ORDER))
    (checked,) = check_interchanges([answer.encode()])
    assert (checked.faults, checked.groups[0].sets[0].faults) == ((), ())
    (said,) = read_acknowledgments([answer.encode()])
    assert (said.kind, said.outcome, said.groups[0].reference, said.groups[0].kind) == ("997", "accepted", "101", "PO")
    assert (said.sender, said.receiver) == (("HARBOR", "ZZ"), ("ACME", "ZZ"))


def test_the_answer_is_recorded_with_what_it_answers_and_goes_the_way_of_all_files(world):
    receive(world, acme(world), envelope(ORDER))
    row = Acknowledgment.objects.get()
    assert (row.direction, row.kind, row.outcome) == ("ours", "997", "accepted")
    assert (row.interchange_number, row.group_number, row.inbound.name) == ("101", "101", "in1.edi")
    assert (row.file.kind, row.file.state, row.file.evidence, row.file.folder) == (
        "ack",
        "delivered",
        "renamed",
        "/acks",
    )
    assert names_in(world, "acks") == [row.file.name]
    events = list(Event.objects.filter(file_id=row.file_id).order_by("sequence").values_list("event", flat=True))
    assert events == ["file.ready", "ack.written", "file.uploading", "file.publishing", "file.delivered"]


def test_data_and_answers_share_the_control_numbers_between_two_ids(world):
    partner = acme(world)
    ControlNumber.objects.create(tenant=partner.tenant, sender="ZZ:HARBOR", receiver="ZZ:ACME", level="ISA", last=7)
    (answer,) = receive(world, partner, envelope(ORDER))
    assert "*000000008*0*P*" in answer
    assert File.objects.get().interchange_number == "8"


def test_what_is_wrong_is_named_and_rejected(world):
    (answer,) = receive(world, acme(world), envelope(BAD_ORDER))
    assert "AK3*BEG*2**8" in answer
    assert "AK5*R*5" in answer
    row = Acknowledgment.objects.get()
    assert (row.outcome, row.inbound.state) == ("rejected", "processed")
    assert "BEG05" in " ".join(row.details)


@pytest.mark.parametrize(
    ("acks", "found"),
    [({}, "AK2*850"), ({"lists": "errors_only"}, "AK1*PO*101~\nAK9*A*1*1*1"), ({"lists": "all"}, "AK2*850")],
)
def test_which_documents_are_listed_is_set_by_partner(world, acks, found):
    (answer,) = receive(world, acme(world, acks=acks), envelope(ORDER))
    assert found in answer


@pytest.mark.parametrize(
    ("version", "write", "kind"), [("005010", "999", "999"), ("005010", "997", "997"), ("004010", "999", "997")]
)
def test_a_999_is_written_for_later_releases_where_it_is_set(world, version, write, kind):
    text = envelope(ORDER).replace("*X*004010", f"*X*{version}")
    (answer,) = receive(world, acme(world, acks={"write": write}), text)
    assert f"ST*{kind}*0001" in answer
    (said,) = read_acknowledgments([answer.encode()])
    assert (said.kind, said.outcome, said.damage) == (kind, "accepted", "")
    assert Acknowledgment.objects.get().kind == kind
    assert names_in(world, "acks")[0].startswith(f"{kind}_acme_")


@pytest.mark.parametrize(("unknown", "letter"), [("accept", "A"), ("reject", "R")])
def test_what_becomes_of_documents_without_a_guide_is_set_by_partner(world, unknown, letter):
    odd = ["ST*865*0001", "BCA*00*AC*PO-1", "SE*3*0001"]
    (answer,) = receive(world, acme(world, acks={"unknown": unknown}), envelope(odd, kind="CA"))
    assert f"AK9*{letter}*1*1*" in answer


@pytest.mark.parametrize(
    ("when", "wants_ta1", "kinds"),
    [
        ("requested", False, ["997"]),
        ("requested", True, ["TA1", "997"]),
        ("always", False, ["TA1", "997"]),
        ("never", True, []),
        ("faults", True, ["TA1", "997"]),
    ],
)
def test_when_a_ta1_is_written_is_set_by_partner(world, when, wants_ta1, kinds):
    receive(world, acme(world, acks={"when": when}), envelope(ORDER, wants_ta1=wants_ta1))
    assert list(Acknowledgment.objects.order_by("pk").values_list("kind", flat=True)) == kinds


def test_a_broken_envelope_is_answered_with_a_ta1_alone(world):
    (answer,) = receive(world, acme(world), envelope(ORDER).replace("IEA*1*", "IEA*4*"))
    assert "TA1*000000101*261122*2105*R*021" in answer
    assert "AK1" not in answer
    assert names_in(world, "acks")[0].startswith("TA1_acme_")


def test_without_a_folder_for_them_nothing_is_answered(world):
    partner = acme(world)
    folders = {key: folder for key, folder in partner.folders.items() if key != "send_acks_to"}
    Partner.objects.update(folders=folders)
    assert receive(world, partner, envelope(ORDER)) == []
    assert Inbound.objects.get().state == "processed"


def test_a_duplicate_is_never_acknowledged(world):
    partner = acme(world)
    text = envelope(ORDER, wants_ta1=True)
    assert len(receive(world, partner, text, text, text.replace("~\n", "~"))) == 1
    assert [row.state for row in Inbound.objects.order_by("pk")] == ["processed", "duplicate", "duplicate"]
    assert not Problem.objects.exists()


def test_a_used_control_number_with_other_content_is_a_duplicate_and_a_problem(world):
    assert len(receive(world, acme(world), envelope(ORDER), envelope(BAD_ORDER))) == 1
    problem = Problem.objects.get()
    assert problem.code == "EDI_NUMBER_USED_TWICE"
    assert "in1.edi" in problem.sentence


def test_a_number_may_come_again_after_a_year(world):
    partner = acme(world)
    receive(world, partner, envelope(ORDER))
    for model in (Interchange, InterchangeGroup):
        model.objects.update(created_at="2020-01-01T00:00:00Z")
    assert len(receive(world, partner, envelope(ORDER))) == 2


def test_a_file_of_many_interchanges_gets_an_answer_for_each(world):
    texts = [envelope(ORDER, control=number, group=number) for number in (1, 2, 2, 3)]
    assert len(receive(world, acme(world), "".join(texts))) == 3
    states = Interchange.objects.order_by("position").values_list("state", flat=True)
    assert list(states) == ["taken", "taken", "duplicate", "taken"]


def test_an_interchange_of_answers_and_documents_is_heard_and_answered_for_the_documents_only(world):
    integration = x12_integration(world, acme(world))
    file = send(ready_810(integration, "INV-1"))
    answer = their_997(57, "A", ("0001", "A"))
    inside = answer[answer.index("GS*FA") : answer.index("IEA")].strip().split("~\n")
    mixed = envelope(ORDER).replace("IEA*1*", "\n".join(f"{part}~" for part in inside if part) + "\nIEA*2*")
    (ours,) = receive(world, integration.partner, mixed)
    assert outcomes(file)[0] == "accepted"
    assert ours.count("AK1*") == 1
    assert "AK1*PO" in ours


def test_what_is_for_somebody_else_is_not_answered_and_may_come_again(world):
    partner = acme(world)
    assert receive(world, partner, envelope(ORDER, receiver="STRANGER")) == []
    assert Problem.objects.get().code == "EDI_NOT_FOR_US"
    assert (Inbound.objects.get().state, names_in(world, "error")) == ("error", ["in1.edi"])
    Partner.objects.update(x12={**partner.x12, "sender": ["ZZ", "STRANGER"]})
    assert len(receive(world, partner, envelope(ORDER, receiver="STRANGER"))) == 1


def test_partners_that_share_a_folder_each_have_their_own_rule_for_unknown_documents(world):
    partner = acme(world, acks={"unknown": "reject"})
    other = {"name": "acme-east", "x12": {**partner.x12, "receiver": ["ZZ", "ACMEEAST"]}, "acks": {"unknown": "accept"}}
    acme(world, tenant=partner.tenant, server=partner.server, **other)
    odd = ["ST*865*0001", "BCA*00*AC*PO-1", "SE*3*0001"]
    text = envelope(odd, kind="CA") + envelope(odd, kind="CA", sender="ACMEEAST")
    letters = {"ACMEEAST" in answer: answer[answer.index("AK9*") :][4] for answer in receive(world, partner, text)}
    assert letters == {False: "R", True: "A"}


def test_an_inbound_invoice_of_the_partner_is_answered_too(world):
    (answer,) = receive(world, acme(world), envelope(segments_of("810"), kind="IN"))
    assert "AK1*IN*101" in answer


def test_what_cannot_be_copied_is_a_problem_and_no_answer(world):
    text = envelope(ORDER).replace("GS*PO*ACME*HARBOR*20261122*2105*101", "GS*PO*ACME*HARBOR*20261122*2105*X")
    assert receive(world, acme(world), text) == []
    assert Problem.objects.get().code == "EDI_CANNOT_ACKNOWLEDGE"
    assert Inbound.objects.get().state == "error"


def test_an_edifact_order_is_answered_with_a_contrl(world):
    (answer,) = receive(world, acme(world), ORDERS_TO_US)
    (said,) = edifact.read_acknowledgments(answer.encode())
    assert (said.interchange, said.outcome, said.damage) == ("REF55", "accepted", "")
    assert (said.sender, said.receiver) == (("HARBOR", "ZZ"), ("ACME", "ZZ"))
    row = Acknowledgment.objects.get()
    assert (row.kind, row.interchange_number, row.file.interchange_number) == ("CONTRL", "REF55", "1")
    assert names_in(world, "acks")[0].startswith("CONTRL_acme_")


@pytest.mark.parametrize(("when", "count"), [("requested", 0), ("faults", 0), ("always", 1), ("never", 0)])
def test_a_contrl_is_written_when_it_is_asked_for_or_always(world, when, count):
    unasked = ORDERS_TO_US.replace(b"REF55++++1", b"REF55")
    assert len(receive(world, acme(world, acks={"when": when}), unasked)) == count


def test_an_edifact_fault_is_answered_although_nobody_asked(world):
    broken = ORDERS_TO_US.replace(b"REF55++++1", b"REF55").replace(b"BGM+220", b"BGM+TOOLONG")
    (answer,) = receive(world, acme(world), broken)
    assert "UCM+1+ORDERS:D:96A:UN:EAN008+4" in answer


def test_their_contrl_is_matched_to_what_we_sent(world):
    integration = x12_integration(world, acme(world, acks={"want": "CONTRL"}))
    header = b"UNA:+.? 'UNB+UNOC:3+HARBOR:ZZ+ACME:ZZ+261122:2100+57'"
    file = send(ready_810(integration, "INV-1", group_number=""))
    File.objects.update(header=header)
    ExportContent.objects.update(control_number="1")
    body = ["UNH+1+CONTRL:D:3:UN", "UCI+57+HARBOR:ZZ+ACME:ZZ+7", "UCM+1+INVOIC:D:96A:UN+4", "UNT+4+1"]
    receive(world, integration.partner, wrap(body, unb="UNB+UNOC:3+ACME:ZZ+HARBOR:ZZ+261122:2105+9", unz="UNZ+1+9"))
    assert outcomes(file) == ("partially_accepted", {"INV-1": "rejected"})
    assert answers(world) == []


def test_an_answer_that_the_partner_lost_is_sent_again_as_it_was(world):
    (first,) = receive(world, acme(world), envelope(ORDER))
    row = Acknowledgment.objects.get()
    file = send_again(row, actor="eva", now=database_now())
    pipeline.deliver(file.server_id, now=database_now())
    assert answers(world) == [first, first]
    assert (file.replay_of, Acknowledgment.objects.count()) == (row.file, 1)
    assert Event.objects.get(event="ack.sent_again").actor == "eva"


def test_an_answer_of_theirs_cannot_be_sent_by_us(world):
    partner = acme(world)
    receive(world, partner, their_997(99, "A", counts=(1, 1)))
    with pytest.raises(NotOurs):
        send_again(Acknowledgment.objects.get(), actor="eva", now=database_now())


def test_ids_of_edifact_alone_are_enough(world):
    partner = acme(world, x12={}, edifact=EDIFACT)
    assert len(receive(world, partner, ORDERS_TO_US)) == 1
