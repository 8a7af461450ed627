"""The server itself: keep-alive, threads, a taken port, serving again."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.xero_app.simulator.caller import Caller, calling
from xero_app.simulator import Simulator, SimulatorConfig


def test_one_connection_carries_many_calls(caller: Caller) -> None:
    opened: list[object] = []
    caller.http.event_hooks["response"] = [lambda answer: opened.append(answer.extensions["network_stream"])]
    for path in ("Organisation", "Invoices/unknown", "Invoices?page=1", "Accounts"):
        caller.get(path)
    sockets = {stream.get_extra_info("client_addr") for stream in opened}
    assert len(opened) == 4
    assert len(sockets) == 1


def test_a_fault_that_breaks_a_connection_leaves_the_others_alone(caller: Caller) -> None:
    caller.simulator.add_fault(kind="reset", path="Contacts")
    with httpx.Client(base_url=caller.http.base_url) as other:
        assert other.get("/_sim/stats").status_code == 200
        with pytest.raises(httpx.TransportError):
            caller.get("Contacts", page=1)
        assert other.get("/_sim/stats").status_code == 200


def test_a_taken_port_is_an_error() -> None:
    first, second = (Simulator(SimulatorConfig(invoices=1)) for _ in range(2))
    with first.serve() as base_url:
        port = int(base_url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"), second.serve(port=port):
            pass


def test_a_simulator_can_be_served_again_with_what_it_holds() -> None:
    simulator = Simulator(SimulatorConfig(invoices=3))
    with simulator.serve() as base_url:
        httpx.post(f"{base_url}/_sim/invoices", json={"Amount": "1.00"})
    with simulator.serve() as base_url:
        assert httpx.get(f"{base_url}/_sim/organisations").json()[0]["counts"]["invoices"] == 4


def test_stopping_ends_connections_and_threads() -> None:
    simulator = Simulator(SimulatorConfig(invoices=1))
    with simulator.serve() as base_url:
        http = httpx.Client(base_url=base_url)
        http.get("/_sim/stats")
    with pytest.raises(httpx.TransportError):
        http.get("/_sim/stats")
    http.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("xero-simulator")]


def test_changes_and_reads_from_many_threads_keep_the_books_consistent() -> None:
    generous = {"limits": True, "minute_limit": 10_000, "concurrent_limit": 50}
    with calling(**generous, invoices=60) as caller, ThreadPoolExecutor(8) as pool:
        made = [caller.simulator.create_invoice(Amount="10.00")["InvoiceID"] for _ in range(20)]

        def work(number: int) -> int:
            caller.simulator.pay_invoice(made[number], amount="4.00")
            rows = caller.rows("Invoices")
            assert len({row["InvoiceID"] for row in rows}) == len(rows) == 80
            return len(rows)

        assert list(pool.map(work, range(20))) == [80] * 20
        assert Counter(row["AmountDue"] for row in caller.rows("Invoices", IDs=",".join(made))).total() == 20
        assert caller.simulator.stats["rate_limited"] == 0


def test_requests_for_unknown_addresses_are_404(caller: Caller) -> None:
    for path in ("/", "/api.xro/2.0/Nothing", "/identity/connect/nothing", "/connections/x/y"):
        headers = {"Authorization": f"Bearer {caller.tokens['access_token']}", "Accept": "application/json"}
        headers["xero-tenant-id"] = caller.tenant_id
        assert caller.http.get(path, headers=headers).status_code == 404


def test_two_simulators_do_not_share_anything() -> None:
    with calling(seed=5) as one, calling(seed=5) as other:
        one.simulator.create_invoice()
        assert len(one.rows("Invoices")) == len(other.rows("Invoices")) + 1
