"""§10 row 16: intent to receive, signed batches with sequence numbers, retries in virtual time, and the knobs."""

import re
import threading
import time
from collections.abc import Iterator

import pytest

from tests.xero_app.simulator.caller import Caller, calling
from tests.xero_app.simulator.receiver import KEY, Receiver, receiving
from xero_app.simulator.events import payload, signature
from xero_app.simulator.webhooks import Subscription

ALL = ("INVOICE", "CONTACT", "CREDITNOTE", "PREPAYMENT", "OVERPAYMENT")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def subscribe(caller: Caller, receiver: Receiver, **more: object) -> Subscription:
    return caller.simulator.subscribe_webhooks(url=receiver.url, key=KEY, **more)


def make(caller: Caller, count: int = 1) -> list[str]:
    return [caller.simulator.create_invoice()["InvoiceID"] for _ in range(count)]


def test_the_signature_uses_the_key_as_text_over_the_raw_body() -> None:
    body = b'{"events":[],"firstEventSequence": 0,"lastEventSequence": 0, "entropy": "SIMENTROPYABCDEFGHIJ"}'
    assert signature(body, key=KEY) == "L34ml/z7DCaCcFVo0NPaNwJBySeIpm4GynBxQMxxAD4="


def test_intent_to_receive_mixes_right_and_wrong_signatures(caller: Caller, receiver: Receiver) -> None:
    found = subscribe(caller, receiver)
    assert found.state == "enabled"
    assert (receiver.signed.count(True), receiver.signed.count(False)) == (2, 3)
    assert all(b'"firstEventSequence": 0,"lastEventSequence": 0' in body for body in receiver.bodies)


def test_wrong_signatures_differ_in_one_character(caller: Caller) -> None:
    seen: list[tuple[bytes, str]] = []
    with receiving() as receiver:
        receiver.take = lambda body, text: seen.append((body, text)) or (200, {}, b"")  # type: ignore[method-assign]
        subscribe(caller, receiver)
    wrong = [(text, signature(body, key=KEY)) for body, text in seen if text != signature(body, key=KEY)]
    assert len(wrong) >= 2
    assert all(sum(a != b for a, b in zip(one, other, strict=True)) == 1 for one, other in wrong)


@pytest.mark.parametrize(
    "answer",
    [
        lambda _signed: (200, {}, b""),
        lambda _signed: (401, {}, b""),
        lambda signed: (200 if signed else 403, {}, b""),
        lambda signed: (200 if signed else 401, {}, b"ok"),
        lambda signed: (200 if signed else 401, {"Set-Cookie": "csrftoken=x"}, b""),
        lambda signed: (302 if signed else 401, {"Location": "/elsewhere"}, b""),
    ],
)
def test_intent_to_receive_fails_for_wrong_answers(caller: Caller, receiver: Receiver, answer: object) -> None:
    receiver.answer = answer
    assert subscribe(caller, receiver).state == "disabled"


def test_a_slow_answer_counts_as_none(caller: Caller, receiver: Receiver) -> None:
    release = threading.Event()
    receiver.answer = lambda signed: (release.wait(5) and 0) or (200 if signed else 401, {}, b"")
    caller.simulator.configure(webhook_timeout=0.05)
    found = subscribe(caller, receiver)
    release.set()
    assert (found.state, found.log[0]["fault"]) == ("disabled", "no answer: TimeoutError")


def test_events_carry_what_xero_says(caller: Caller, receiver: Receiver) -> None:
    subscribe(caller, receiver)
    (made,) = make(caller)
    assert caller.simulator.send_webhooks() == 1
    (batch,) = receiver.batches
    (event,) = batch["events"]
    assert event["resourceUrl"] == f"https://api.xero.com/api.xro/2.0/Invoices/{made}"
    assert (event["tenantId"], event["tenantType"]) == (caller.tenant_id, "ORGANISATION")
    assert (event["eventCategory"], event["eventType"]) == ("INVOICE", "CREATE")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}", event["eventDateUtc"])
    assert receiver.signed[-1]


def test_sequence_numbers_run_through_the_batches(caller: Caller, receiver: Receiver) -> None:
    caller.simulator.configure(webhook_batch=2)
    subscribe(caller, receiver)
    made = make(caller, 5)
    assert caller.simulator.send_webhooks() == 5
    spans = [(batch["firstEventSequence"], batch["lastEventSequence"]) for batch in receiver.batches]
    assert spans == [(1, 2), (3, 4), (5, 5)]
    assert receiver.ids == made


def test_each_kind_of_change_has_its_category(caller: Caller, receiver: Receiver) -> None:
    subscribe(caller, receiver, categories=ALL)
    sim = caller.simulator
    contact = sim.create_contact(Name="Hooked")
    sim.archive_contact(contact["ContactID"])
    sim.create_credit_note()
    sim.create_prepayment()
    sim.create_overpayment()
    sim.create_manual_journal()
    sim.send_webhooks()
    events = [event for batch in receiver.batches for event in batch["events"]]
    kinds = [(event["eventCategory"], event["eventType"]) for event in events]
    assert kinds == [("CONTACT", "CREATE"), ("CONTACT", "UPDATE"), *((name, "CREATE") for name in ALL[2:])]
    assert events[2]["data"] == {"Type": "ACCRECCREDIT", "Status": "AUTHORISED"}
    assert set(events[3]["data"]) == {"Type", "Status", "UpdatedDateUTCString"}


def test_only_subscribed_categories_and_connected_organisations_are_told(caller: Caller, receiver: Receiver) -> None:
    subscribe(caller, receiver, categories=("CONTACT",))
    make(caller)
    caller.simulator.disconnect()
    caller.simulator.create_contact(Name="Unheard")
    assert caller.simulator.send_webhooks() == 0


@pytest.mark.parametrize(("fires", "count"), [(True, 2), (False, 1)])
def test_whether_a_payment_fires_an_invoice_event_is_a_knob(
    caller: Caller, receiver: Receiver, fires: bool, count: int
) -> None:
    caller.simulator.configure(payment_fires_invoice_event=fires)
    subscribe(caller, receiver)
    (made,) = make(caller)
    caller.simulator.pay_invoice(made)
    assert caller.simulator.send_webhooks() == count


def test_a_failed_batch_is_tried_at_once_then_every_fifteen_minutes(caller: Caller, receiver: Receiver) -> None:
    found = subscribe(caller, receiver)
    receiver.answer = lambda _signed: (500, {}, b"")
    (made,) = make(caller)
    caller.simulator.send_webhooks()
    assert (receiver.ids, found.state) == ([made] * 2, "retrying")
    caller.simulator.advance(seconds=14 * 60)
    assert caller.simulator.send_webhooks() == 0
    assert len(receiver.ids) == 2
    receiver.answer = lambda signed: (200 if signed else 401, {}, b"")
    caller.simulator.advance(seconds=61)
    assert caller.simulator.send_webhooks() == 1
    assert (receiver.ids, found.state) == ([made] * 3, "enabled")


def test_a_day_of_failures_disables_and_enabling_replays_in_order(caller: Caller, receiver: Receiver) -> None:
    found = subscribe(caller, receiver)
    receiver.answer = lambda _signed: (500, {}, b"")
    made = make(caller, 2)
    for _ in range(2):
        caller.simulator.send_webhooks()
        caller.simulator.advance(seconds=24 * 3600)
    caller.simulator.send_webhooks()
    assert found.state == "disabled"
    made += make(caller, 2)
    assert caller.simulator.send_webhooks() == 0
    receiver.answer = lambda signed: (200 if signed else 401, {}, b"")
    receiver.bodies.clear()
    assert caller.control("webhooks/enable")["state"] == "enabled"
    assert receiver.ids == made


def test_events_are_kept_for_thirty_one_days(caller: Caller, receiver: Receiver) -> None:
    receiver.answer = lambda _signed: (500, {}, b"")
    found = subscribe(caller, receiver)
    make(caller)
    caller.simulator.advance(seconds=31 * 86_400 + 1)
    (late,) = make(caller)
    receiver.answer = lambda signed: (200 if signed else 401, {}, b"")
    assert caller.simulator.webhooks.enable(found)
    assert receiver.ids == [late]


def test_events_can_be_doubled(caller: Caller, receiver: Receiver) -> None:
    caller.simulator.configure(webhook_duplicate=True)
    subscribe(caller, receiver)
    (made,) = make(caller)
    caller.simulator.send_webhooks()
    assert receiver.ids == [made, made]


def test_events_can_come_in_the_wrong_order(caller: Caller, receiver: Receiver) -> None:
    caller.simulator.configure(webhook_reorder=True)
    subscribe(caller, receiver)
    made = make(caller, 4)
    caller.simulator.send_webhooks()
    assert receiver.ids == made[2:] + made[:2]


def test_events_can_be_late(caller: Caller, receiver: Receiver) -> None:
    caller.simulator.configure(webhook_delay=30.0)
    subscribe(caller, receiver)
    make(caller)
    assert caller.simulator.send_webhooks() == 0
    caller.simulator.advance(seconds=31)
    assert caller.simulator.send_webhooks() == 1


def test_dropped_events_leave_a_gap_in_the_sequence(caller: Caller, receiver: Receiver) -> None:
    subscribe(caller, receiver)
    caller.simulator.configure(webhook_drop=1.0)
    make(caller, 3)
    caller.simulator.configure(webhook_drop=0.0)
    make(caller)
    caller.simulator.send_webhooks()
    assert [batch["firstEventSequence"] for batch in receiver.batches] == [4]


def test_an_event_of_a_foreign_organisation_can_be_mixed_in(caller: Caller, receiver: Receiver) -> None:
    caller.simulator.configure(webhook_foreign_tenant=True)
    subscribe(caller, receiver)
    make(caller)
    caller.simulator.send_webhooks()
    tenants = [event["tenantId"] for event in receiver.batches[0]["events"]]
    assert tenants[0] == caller.tenant_id != tenants[1]


def test_an_event_can_be_sent_by_hand(caller: Caller, receiver: Receiver) -> None:
    subscription = caller.control("webhooks/subscribe", url=receiver.url, key=KEY, client_id="SIMWEBAPP")
    assert (subscription["state"], KEY in str(subscription)) == ("enabled", False)
    row = caller.rows("Invoices")[0]
    assert caller.control("webhooks/event", stream="invoices", id=row["InvoiceID"]) == {"accepted": 1}
    assert receiver.ids == [row["InvoiceID"]]
    refused = caller.http.post("/_sim/webhooks/event", json={"stream": "payments", "id": "x"})
    assert refused.status_code == 404


def test_with_auto_on_events_go_out_by_themselves(receiver: Receiver) -> None:
    with calling(webhook_auto=True) as caller:
        subscribe(caller, receiver)
        made = make(caller, 3)
        deadline = time.monotonic() + 10
        while len(receiver.ids) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert receiver.ids == made


def test_bodies_are_not_what_json_would_write(caller: Caller) -> None:
    body = payload([], chance=caller.simulator.store.chance)
    assert body.startswith(b'{"events":[],"firstEventSequence": 0,')
