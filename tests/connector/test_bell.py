"""News are rung for together, beside the request that brought them."""

import queue
import threading

from connector.bell import Bell


def test_many_messages_ring_once_for_each_name():
    rung = queue.Queue()
    bell = Bell(rung.put)
    for name in "ababab":
        bell.ring_soon(name)
    assert {rung.get(timeout=10), rung.get(timeout=10)} == {"a", "b"}
    assert rung.empty()


def test_what_comes_later_is_rung_for_again():
    rung = queue.Queue()
    bell = Bell(rung.put)
    for _ in range(2):
        bell.ring_soon("a")
        assert rung.get(timeout=10) == "a"


def test_a_broker_that_hangs_holds_nobody_up():
    freed, rung = threading.Event(), queue.Queue()

    def hang(name):
        freed.wait(30)
        rung.put(name)

    bell = Bell(hang)
    bell.ring_soon("a")
    bell.ring_soon("b")
    freed.set()
    found = {rung.get(timeout=10), rung.get(timeout=10)}
    assert found == {"a", "b"}
