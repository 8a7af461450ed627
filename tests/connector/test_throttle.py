"""A flood is turned away without touching anything else."""

import io
import threading
from wsgiref.util import setup_testing_defaults

import pytest

from connector.door import PATH, WebhookDoor
from connector.throttle import Throttle


def test_as_many_as_a_second_holds_pass_at_once_and_no_more():
    throttle = Throttle()
    assert [throttle.admits(3) for _ in range(5)] == [True, True, True, False, False]


def test_time_fills_the_bucket_again_and_never_beyond_its_size():
    throttle = Throttle()
    while throttle.admits(3):
        pass
    throttle._filled_at -= 3600
    assert [throttle.admits(3) for _ in range(4)] == [True, True, True, False]


class Caller:
    """Requests at a door, and what it answers."""

    def __init__(self, application):
        self.door = WebhookDoor(application)

    def ask(self, path=PATH, body=b"{}"):
        environ = {"PATH_INFO": path, "REQUEST_METHOD": "POST", "wsgi.input": io.BytesIO(body)}
        setup_testing_defaults(environ)
        answers = []
        content = self.door(environ, lambda status, headers: answers.append((status, dict(headers))))
        return (*answers[0], b"".join(content), environ["wsgi.input"].read())


def application(environ, start_response):
    start_response("200 OK", [])
    return [b"inside"]


def test_a_flood_of_webhooks_is_answered_429_and_told_when_to_come_again(settings):
    settings.WEBHOOKS_PER_SECOND = 2
    caller = Caller(application)
    answers = [caller.ask() for _ in range(50)]
    assert answers[0][0] == "200 OK"
    assert {status for status, *_ in answers} == {"200 OK", "429 Too Many Requests"}
    _, headers, content, left = next(answer for answer in answers if answer[0] != "200 OK")
    assert (headers["Retry-After"], content, left) == ("1", b"", b"")


def test_other_addresses_are_never_turned_away(settings):
    settings.WEBHOOKS_PER_SECOND = 0
    assert [Caller(application).ask(path)[0] for path in ("/admin/", "/healthz", PATH)] == [
        "200 OK", "200 OK", "429 Too Many Requests",
    ]  # fmt: skip


def test_while_as_many_are_inside_as_may_others_are_turned_away_at_once(settings):
    settings.WEBHOOKS_AT_ONCE = 2
    entered, leave = threading.Semaphore(0), threading.Event()

    def slow(environ, start_response):
        entered.release()
        leave.wait(10)
        return application(environ, start_response)

    caller = Caller(slow)
    threads = [threading.Thread(target=caller.ask) for _ in range(2)]
    for thread in threads:
        thread.start()
        assert entered.acquire(timeout=10)
    assert caller.ask()[0] == "429 Too Many Requests"
    leave.set()
    for thread in threads:
        thread.join(10)
    assert caller.ask()[0] == "200 OK"


def test_a_request_that_fails_inside_leaves_its_place_to_others(settings):
    settings.WEBHOOKS_AT_ONCE = 1

    def broken(environ, start_response):
        raise RuntimeError(environ["PATH_INFO"])

    caller = Caller(broken)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="webhooks"):
            caller.ask()


def test_a_body_beyond_all_measure_is_not_read_to_its_end(settings):
    settings.WEBHOOKS_PER_SECOND = 0
    left = Caller(application).ask(body=b"x" * (3 * 1024 * 1024))[3]
    assert len(left) == 2 * 1024 * 1024


def test_the_shipped_application_stands_behind_the_door():
    from connector.wsgi import application as shipped

    assert isinstance(shipped, WebhookDoor)
