"""Webhooks: who may sign, what is stored, and that nothing hostile gets further."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models import WebhookEvent, WebhookMessage
from core.secret import Secret
from tests.factories import GrantFactory, OrganisationFactory
from tests.xero_app.conftest import in_threads
from xero_app import webhooks
from xero_app.webhooks import Signer, sign, signers, store, verify

# Made up for this test; the signature was computed with another tool (openssl dgst -sha256 -hmac).
KEY = "bWxjLWV4YW1wbGUtc2lnbmluZy1rZXktMDE="
INTENT = b'{"events": [],"firstEventSequence": 0,"lastEventSequence": 0, "entropy": "MLCENTROPYMLCENTROPY"}'
SIGNATURE = "URkZ8/6OCNtSkVEG1D95sAeefiMR1GQM3Iu7OctrSyI="
SIGNER = Signer(Secret(KEY))
ORGANISATION = "70784a63-d24b-46a9-a4db-0e70a274b056"


def event(number=1, **changes):
    return {
        "resourceUrl": f"https://api.xero.com/api.xro/2.0/Invoices/2f1b3c4d-{number}",
        "resourceId": f"2f1b3c4d-{number}",
        "tenantId": ORGANISATION,
        "tenantType": "ORGANISATION",
        "eventCategory": "INVOICE",
        "eventType": "UPDATE",
        "eventDateUtc": "2026-10-20T21:14:08.102",
        **changes,
    }


def body(*events, first=76):
    last = first + max(len(events) - 1, 0)
    return json.dumps({"events": events, "firstEventSequence": first, "lastEventSequence": last}).encode()


def test_the_key_is_used_as_text_on_the_raw_bytes():
    assert sign(INTENT, Secret(KEY)) == SIGNATURE
    assert verify(INTENT, SIGNATURE, [SIGNER]) is SIGNER


def test_a_single_wrong_character_is_noticed_wherever_it_stands():
    for position, right in enumerate(SIGNATURE):
        wrong = SIGNATURE[:position] + ("A" if right != "A" else "B") + SIGNATURE[position + 1 :]
        assert verify(INTENT, wrong, [SIGNER]) is None


@pytest.mark.parametrize(
    "signature", [None, "", " ", SIGNATURE + "=", SIGNATURE[:-1], SIGNATURE + "\n", "ü" * 44, "\udcff", "not base64"]
)
def test_anything_but_the_signature_is_refused_without_an_error(signature):
    assert verify(INTENT, signature, [SIGNER]) is None


def test_a_right_signature_of_another_body_is_refused():
    assert verify(INTENT.replace(b": 0", b":0"), SIGNATURE, [SIGNER]) is None


def test_without_keys_nobody_may_sign():
    assert verify(INTENT, SIGNATURE, []) is None


@given(st.binary(max_size=200), st.text(max_size=60))
def test_no_made_up_signature_passes(data, signature):
    assert verify(data, signature, [SIGNER]) is None


def test_several_keys_are_active_at_once(db, settings):
    settings.XERO_WEBHOOK_KEYS = ["old key", KEY]
    grant = GrantFactory()
    grant.seal("webhook_keys", "first\nsecond\n")
    grant.save()

    assert verify(INTENT, SIGNATURE, signers()) == Signer(Secret(KEY))
    for text in ("first", "second"):
        found = verify(INTENT, sign(INTENT, Secret(text)), signers())
        assert found.grant_id == grant.pk


def test_a_key_that_cannot_be_opened_does_not_stop_the_others(db, settings):
    settings.XERO_WEBHOOK_KEYS = []
    for keys in (b"MLC1 altered", None):
        GrantFactory(webhook_keys=keys)
    good = GrantFactory()
    good.seal("webhook_keys", KEY)
    good.save()

    assert verify(INTENT, SIGNATURE, signers()).grant_id == good.pk


def test_events_are_stored_with_their_organisation_before_the_answer(db):
    organisation = OrganisationFactory(xero_tenant_id=ORGANISATION)

    receipt = store(body(event(1), event(2, eventCategory="CONTACT")), signer=SIGNER)

    assert receipt == webhooks.Receipt("stored", (organisation.pk,), 0)
    message = WebhookMessage.objects.get()
    assert (message.first_sequence, message.last_sequence, message.outcome) == (76, 77, "stored")
    assert [(row.category, row.kind, row.state) for row in message.events.order_by("pk")] == [
        ("INVOICE", "UPDATE", "waiting"),
        ("CONTACT", "UPDATE", "waiting"),
    ]


def test_the_same_body_twice_is_one_message(db):
    OrganisationFactory(xero_tenant_id=ORGANISATION)
    store(body(event()), signer=SIGNER)

    assert store(body(event()), signer=SIGNER).outcome == "repeated"
    assert (WebhookMessage.objects.count(), WebhookEvent.objects.count()) == (1, 1)


def test_the_same_event_in_another_body_is_one_event(db):
    OrganisationFactory(xero_tenant_id=ORGANISATION)
    store(body(event(1)), signer=SIGNER)
    store(body(event(1), event(2), event(2)), signer=SIGNER)

    assert sorted(WebhookEvent.objects.values_list("xero_id", flat=True)) == ["2f1b3c4d-1", "2f1b3c4d-2"]


def test_an_unknown_organisation_is_kept_and_ignored(db):
    receipt = store(body(event()), signer=SIGNER)

    assert receipt == webhooks.Receipt("stored", (), 1)
    assert WebhookEvent.objects.get().state == "ignored"


def test_a_connections_own_key_speaks_for_its_own_organisations_only(db):
    theirs = OrganisationFactory(xero_tenant_id=ORGANISATION)
    own_key = Signer(Secret(KEY), GrantFactory().pk)

    assert store(body(event(1)), signer=own_key).organisation_ids == ()
    assert store(body(event(2)), signer=Signer(Secret(KEY), theirs.grant_id)).organisation_ids == (theirs.pk,)


def test_the_intent_to_receive_is_noted(db):
    assert store(INTENT, signer=SIGNER).outcome == "intent"
    assert WebhookEvent.objects.count() == 0


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"null", b"{", b"\xff\xfe", b'{"events":7}', b'{"events":[7]}', b'{"events":[{"tenantId":7}]}',
        b'{"events":[],"firstEventSequence":"a"}', b'{"events":[],"lastEventSequence":99999999999999999999}',
        b'{"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    ],
)  # fmt: skip
def test_a_signed_body_that_cannot_be_read_is_kept_as_malformed(db, data):
    assert store(data, signer=SIGNER).outcome == "malformed"
    assert bytes(WebhookMessage.objects.get().body) == data


@pytest.mark.parametrize(
    "changes", [{"tenantId": ""}, {"resourceId": "x" * 37}, {"eventDateUtc": "\0"}, {"eventCategory": "Y" * 21}]
)
def test_an_event_that_no_column_can_hold_is_passed_over(db, changes):
    OrganisationFactory(xero_tenant_id=ORGANISATION)

    receipt = store(body(event(1, **changes), event(2)), signer=SIGNER)

    assert receipt.ignored == 1
    assert WebhookEvent.objects.get().xero_id == "2f1b3c4d-2"


def test_fields_that_xero_adds_later_do_no_harm(db):
    OrganisationFactory(xero_tenant_id=ORGANISATION)
    extended = event(eventCategory="CREDITNOTE", data={"Type": "ACCRECCREDIT", "Status": "PAID"}, later=[1])

    assert store(body(extended), signer=SIGNER).outcome == "stored"


def test_thousands_of_events_in_one_body(db, django_assert_max_num_queries):
    OrganisationFactory(xero_tenant_id=ORGANISATION)
    large = body(*(event(number) for number in range(2000)))

    with django_assert_max_num_queries(40):
        store(large, signer=SIGNER)
    assert WebhookEvent.objects.count() == 2000


def test_the_same_body_at_the_same_moment_is_one_message(transactional_db):
    OrganisationFactory(xero_tenant_id=ORGANISATION)

    receipts = in_threads(6, lambda _: store(body(event()), signer=SIGNER))

    assert sorted(receipt.outcome for receipt in receipts) == ["repeated"] * 5 + ["stored"]
    assert WebhookEvent.objects.count() == 1
