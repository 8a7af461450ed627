"""Inbound files, acknowledgments and awaited answers on their pages; sending again and reviewing from there."""

import uuid

import pytest
from django.urls import reverse

from connector.steps.acknowledge import work_on
from connector.steps.mailbox import mailbox_of
from core.awaiting import mark_overdue
from core.leases import claim
from core.models import Acknowledgment, Event, Export, File, Inbound, Partner, Problem, Role
from tests.connector.console.worlds import NOW
from tests.factories import InboundFactory, IntegrationFactory, MappingFactory, MappingVersionFactory
from tests.partner_side import EDIFACT, FOLDERS, ORDER, X12, envelope, ready_810, their_997

TOO_LONG = ["AK3*BIG*2**8", "AK4*2*76*5*INV-2"]
BAD_ORDER = [segment.replace("20261110", "20261399") for segment in ORDER]


@pytest.fixture
def partner(ours):
    partner = ours[Partner]
    partner.folders, partner.x12, partner.edifact = FOLDERS, X12, EDIFACT
    partner.acks = {"want": "997", "overdue_hours": {"810": 24}}
    partner.save()
    return partner


@pytest.fixture
def file(partner):
    """A file with INV-1 and INV-2 that is out and waits for its answer."""
    mapping = MappingFactory(tenant=partner.tenant, draft={"base": "x12-810"})
    MappingVersionFactory(mapping=mapping)
    integration = IntegrationFactory(tenant=partner.tenant, partner=partner, mapping=mapping, name="to-acme")
    file = ready_810(integration, "INV-1", "INV-2", state="delivered", attempts=1, delivered_at=NOW)
    File.objects.filter(pk=file.pk).update(ack_outcome="awaited", ack_due_at=NOW)
    file.exports.update(state="delivered", ack_outcome="awaited")
    return file


def receive(partner, text, name="in.edi"):
    """Work on a file that lies stored."""
    data = text if isinstance(text, bytes) else text.encode()
    row = InboundFactory(partner=partner, name=name, content=data, created_at=NOW)
    mailbox = mailbox_of(partner)
    lease = claim(Partner, mailbox.owner.pk)
    work_on(row.pk, mailbox, lease, now=NOW)
    lease.release()
    row.refresh_from_db()
    return row


def page(client, row, name="change"):
    return client.get(reverse(f"admin:core_{row._meta.model_name}_{name}", args=[row.pk]))


def press(client, row, name, **form):
    address = reverse(f"admin:core_{row._meta.model_name}_{name}", args=[row.pk])
    return client.post(address, {"_form_submitted": "True", "request_id": str(uuid.uuid4()), **form})


def test_a_picked_up_file_shows_interchanges_documents_verdicts_and_our_answer(signed_in, partner):
    row = receive(partner, envelope(BAD_ORDER))
    shown = page(signed_in(), row).content.decode()
    for words in ("ZZ:ACME", "PO 101", "850 0001", "BEG05 (Date) is &#x27;20261399&#x27;", "Ready to send"):
        assert words in shown
    answer = Acknowledgment.objects.get(inbound=row)
    assert reverse("admin:core_acknowledgment_change", args=[answer.pk]) in shown
    assert reverse("admin:core_file_change", args=[answer.file_id]) in shown


def test_a_file_that_cannot_be_read_says_why(signed_in, partner):
    row = receive(partner, "Dear partner, the order is below.")
    shown = page(signed_in(), row).content.decode()
    assert Problem.objects.get(code="EDI_UNREADABLE").sentence in shown.replace("&#x27;", "'")
    assert "None could be read." in shown


def test_edifact_is_shown_message_by_message(signed_in, partner):
    from tests.edi_app.edifact.interchanges import ORDERS, wrap

    row = receive(partner, wrap(ORDERS, unb="UNB+UNOC:3+ACME:ZZ+HARBOR:ZZ+261122:2100+REF55++++1"))
    shown = page(signed_in(), row).content.decode()
    assert "ORDERS D 96A 1" in shown
    assert "CONTRL" in shown


def test_bytes_that_were_purged_are_told(signed_in, partner):
    row = receive(partner, envelope(ORDER))
    Inbound.objects.update(content=None)
    assert "purged" in page(signed_in(Role.OPERATOR), row).content.decode()
    assert page(signed_in(Role.OPERATOR), row, "download").status_code == 404


def test_operators_download_what_was_picked_up_byte_for_byte(signed_in, partner):
    row = receive(partner, b"\xffISA<script>")
    assert page(signed_in(Role.VIEWER), row, "download").status_code == 403
    response = page(signed_in(Role.OPERATOR), row, "download")
    assert response.content == b"\xffISA<script>"
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("term", ["in.e", "000000101"])
def test_a_picked_up_file_is_found_by_name_and_by_the_numbers_in_it(term, signed_in, partner):
    row = receive(partner, envelope(ORDER))
    Inbound.objects.filter(pk=row.pk).update(control_number="")
    found = signed_in().get(reverse("admin:core_inbound_changelist"), {"q": term})
    assert [item.pk for item in found.context["cl"].result_list] == [row.pk]


def test_a_rejection_leads_back_to_record_segment_row_and_xero_field(signed_in, partner, file):
    receive(partner, their_997(57, "P", ("0001", "A"), ("0002", "R", *TOO_LONG)))
    answer = Acknowledgment.objects.get(direction="theirs", inbound__name="in.edi")
    response = page(signed_in(), answer)
    (item,) = response.context["traced"]
    assert (item.export.number, item.segment, item.row) == ("INV-2", "BIG*20261120*INV-2", "BIG02")
    assert (item.xero, item.value) == ("InvoiceNumber", "INV-2")
    assert [(export.number, outcome) for export, outcome in response.context["exports"]] == [
        ("INV-1", "accepted"),
        ("INV-2", "rejected"),
    ]
    assert reverse("admin:core_export_change", args=[item.export.pk]) in response.content.decode()
    assert response.context["told"] == []


def test_where_the_bytes_are_gone_the_sentences_remain(signed_in, partner, file):
    receive(partner, their_997(57, "P", ("0001", "A"), ("0002", "R", *TOO_LONG)))
    Inbound.objects.update(content=None)
    response = page(signed_in(), Acknowledgment.objects.get(direction="theirs", inbound__name="in.edi"))
    assert response.context["traced"] == []
    assert "InvoiceNumber" in " ".join(response.context["told"])


def test_an_answer_says_how_it_stands_to_others(signed_in, partner, file):
    File.objects.filter(pk=file.pk).update(delivered_at=None, ack_due_at="2026-11-20T00:00:00Z")
    for control, letter in ((501, "R"), (502, "A")):
        receive(partner, their_997(57, letter, ("0001", letter), ("0002", letter), control=control))
    second = Acknowledgment.objects.filter(file=file).latest("pk")
    assert page(signed_in(), second).context["notes"] == [
        "It came before the delivery was known here.",
        "It came late, after the answer was due.",
        "Before it came a 997: rejected.",
    ]


@pytest.mark.parametrize(
    ("text", "effect", "words"),
    [
        (their_997(99, "A", counts=(1, 1)), "unmatched", "no file of ours matches"),
        (their_997(57, "A", ("0001", "A")).replace("SE*6", "SE*9"), "damaged", "Damaged"),
    ],
    ids=["unmatched", "damaged"],
)
def test_what_answers_nothing_or_is_damaged_is_listed_apart(text, effect, words, signed_in, partner, file):
    receive(partner, text)
    answer, client = Acknowledgment.objects.get(inbound__name="in.edi"), signed_in()
    listed = client.get(reverse("admin:core_acknowledgment_changelist"), {"effect__exact": effect})
    assert [row.pk for row in listed.context["cl"].result_list] == [answer.pk]
    assert words in page(client, answer).content.decode()


def test_an_answer_of_ours_is_sent_again_once(signed_in, partner):
    row = receive(partner, envelope(ORDER))
    answer, client = Acknowledgment.objects.get(inbound=row), signed_in(Role.OPERATOR)
    refused = press(client, answer, "send_again", reason="they lost it")
    assert "is not delivered yet" in refused.content.decode()
    File.objects.filter(pk=answer.file_id).update(state="delivered")
    for _ in range(2):
        press(client, answer, "send_again", reason="they lost it")
    copy = File.objects.get(replay_of=answer.file)
    assert (copy.header, copy.state) == (answer.file.header, "ready")
    event = Event.objects.get(event="ack.sent_again")
    assert (event.actor, event.detail["reason"]) == (client.person.username, "they lost it")
    assert copy.name in page(client, answer).content.decode()


def test_viewers_send_nothing_again_and_nobody_an_answer_of_theirs(signed_in, partner, file):
    row = receive(partner, envelope(ORDER))
    receive(partner, their_997(57, "A", counts=(2, 2)), name="997.edi")
    ours = Acknowledgment.objects.get(inbound=row)
    File.objects.filter(pk=ours.file_id).update(state="delivered")
    theirs = Acknowledgment.objects.get(inbound__name="997.edi")
    assert press(signed_in(Role.VIEWER), ours, "send_again", reason="x").status_code == 403
    assert press(signed_in(Role.OPERATOR), theirs, "send_again", reason="x").status_code == 403
    assert not File.objects.filter(replay_of=ours.file).exists()


def test_awaited_answers_are_listed_the_overdue_ones_also_alone(signed_in, partner, file, theirs):
    File.objects.filter(pk=theirs[File].pk).update(ack_outcome="overdue")
    client, address = signed_in(), reverse("admin:core_acknowledgment_awaited")
    assert [row[1:] for row in client.get(address).context["rows"]] == [("997", "810")]
    assert client.get(address, {"overdue": 1}).context["rows"] == []
    mark_overdue(now=NOW)
    (row,) = client.get(address, {"overdue": 1}).context["rows"]
    assert row[0].pk == file.pk


def test_a_review_with_a_comment_ends_the_wait_and_its_problem(signed_in, partner, file):
    mark_overdue(now=NOW)
    client = signed_in(Role.OPERATOR)
    assert press(signed_in(Role.VIEWER), file, "review", outcome="accepted", comment="x").status_code == 403
    press(client, file, "review", outcome="accepted", comment="Eva phoned them")
    file.refresh_from_db()
    assert file.ack_outcome == "accepted"
    assert set(Export.objects.filter(file=file).values_list("ack_outcome", flat=True)) == {"accepted"}
    assert Problem.objects.get(code="ACK_OVERDUE").state == "resolved"
    event = Event.objects.get(event="ack.reviewed")
    assert (event.actor, event.detail["comment"]) == (client.person.username, "Eva phoned them")
    assert press(client, file, "review", outcome="rejected", comment="no").status_code == 403
