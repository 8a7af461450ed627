"""A flood is turned away without touching anything else."""

import pytest
from django.test import Client

from connector import views
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


@pytest.mark.django_db
def test_a_flood_of_webhooks_is_answered_429_and_told_when_to_come_again(settings):
    settings.WEBHOOKS_PER_SECOND = 2
    views._throttle = Throttle()
    answers = [Client().post("/webhooks/xero", b"{}", content_type="application/json") for _ in range(4)]
    views._throttle = Throttle()
    assert {answer.status_code for answer in answers} == {401, 429}
    turned_away = next(answer for answer in answers if answer.status_code == 429)
    assert (turned_away.headers["Retry-After"], turned_away.content) == ("1", b"")
