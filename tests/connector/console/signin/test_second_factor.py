"""Without the second factor a password opens nothing; codes work once, and guessing them gets slow."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from connector.console.signin import codes
from connector.key_rotation import counts
from core.clock import database_now
from core.models import Authenticator, Event, RecoveryCode
from tests.connector.commands.running import run
from tests.connector.console.addresses import all_addresses
from tests.connector.console.worlds import World
from tests.factories import UserFactory

OWN = {"admin:second_factor", "admin:second_factor_set_up", "admin:recovery_codes", "admin:confirm_password"}
ADDRESSES = [address for address in all_addresses() if address.name not in OWN]


def wait_over(device):
    """Let the wait after a wrong code be over: rows are aged, clocks are not moved."""
    Authenticator.objects.filter(pk=device.pk).update(throttling_failure_timestamp=database_now() - timedelta(hours=1))


def code_now(device, *, seconds=0):
    return codes.code_at(codes.key_text(device), database_now() + timedelta(seconds=seconds))


def test_a_password_alone_leads_to_the_second_factor_and_to_no_page(browser, authenticator):
    assert browser.password().status_code == 302
    response = browser.get(reverse("admin:index"), follow=True)
    assert response.redirect_chain[-1][0].startswith(reverse("admin:second_factor"))
    assert "authenticator app" in response.content.decode()


def test_no_address_of_the_console_opens_with_a_password_alone(browser, authenticator):
    world = World.make("ours")
    browser.password()
    for address in ADDRESSES:
        for response in (browser.get(address.of(world)), browser.post(address.of(world), {"reason": "x"})):
            assert response.status_code == 302, address.name
            assert response["Location"].startswith(reverse("admin:login")), address.name


def test_the_right_code_opens_the_console_under_a_new_session(browser, authenticator):
    browser.password()
    before = browser.session.session_key
    response = browser.code(code_now(authenticator))
    assert (response.status_code, response["Location"]) == (302, reverse("admin:index"))
    assert browser.session.session_key != before
    assert browser.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize("seconds", [-30, 0, 30])
def test_clocks_may_differ_by_one_step(browser, authenticator, seconds):
    browser.password()
    assert browser.code(code_now(authenticator, seconds=seconds)).status_code == 302


@pytest.mark.parametrize("seconds", [-120, 120])
def test_codes_of_other_times_are_refused(browser, authenticator, seconds):
    browser.password()
    assert b"not right" in browser.code(code_now(authenticator, seconds=seconds)).content


def test_a_code_works_once(browser, authenticator):
    code = code_now(authenticator)
    browser.password()
    assert browser.code(code).status_code == 302
    other = type(browser)()
    other.password()
    assert b"not right" in other.code(code).content


def test_after_wrong_codes_even_the_right_one_has_to_wait(browser, authenticator):
    browser.password()
    Authenticator.objects.filter(pk=authenticator.pk).update(
        throttling_failure_count=6, throttling_failure_timestamp=database_now()
    )
    assert b"Try again in" in browser.code(code_now(authenticator)).content
    wait_over(authenticator)
    assert browser.code(code_now(authenticator)).status_code == 302
    assert Authenticator.objects.get().throttling_failure_count == 0


WRONG = [
    "",
    " ",
    "12345",
    "1234567",
    "abcdef",
    "\uff11\uff12\uff13\uff14\uff15\uff16",
    "\x00" * 6,
    "-1-1-1",
    "9" * 40,
    "9" * 41,
    "' OR 1=1 --",
    "🔑" * 6,
]


@pytest.mark.parametrize("text", WRONG)
def test_no_text_is_a_code_by_accident(browser, authenticator, text):
    browser.password()
    assert browser.code(text).status_code == 200
    assert browser.get(reverse("admin:index")).status_code == 302


def test_a_person_without_an_authenticator_sets_one_up_first(browser, person):
    browser.password()
    page = browser.get(reverse("admin:index"), follow=True).content.decode()
    shown = re.search(r'id="authenticator-key">([A-Z2-7 ]+)<', page)[1]
    device = Authenticator.objects.get()
    assert shown.replace(" ", "") == codes.key_text(device).reveal()
    assert not device.confirmed
    made = browser.post(reverse("admin:second_factor_set_up"), {"code": code_now(device)}).content.decode()
    assert len(re.findall(r"<li>([a-z2-7]{4}(?:-[a-z2-7]{4}){3})</li>", made)) == codes.RECOVERY_CODES
    assert browser.get(reverse("admin:index")).status_code == 200
    names = list(Event.objects.filter(actor="eva").values_list("event", flat=True))
    assert names[-3:] == ["signin.accepted", "signin.second_factor_set_up", "signin.recovery_codes_made"]


def test_a_wrong_first_code_sets_nothing_up(browser, person):
    browser.password()
    browser.get(reverse("admin:second_factor_set_up"))
    assert b"not right" in browser.post(reverse("admin:second_factor_set_up"), {"code": "000000"}).content
    assert not Authenticator.objects.filter(confirmed=True).exists()


def test_whoever_has_an_authenticator_cannot_set_up_another_with_the_password_alone(browser, authenticator):
    browser.password()
    response = browser.post(reverse("admin:second_factor_set_up"), {"code": "123456"})
    assert response["Location"] == reverse("admin:second_factor")
    assert Authenticator.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Authenticator.objects.create(user=authenticator.user, name="second", confirmed=True)


def test_a_recovery_code_signs_in_once_however_it_is_written(browser, authenticator):
    first, second, *_ = codes.new_recovery_codes(authenticator.user)
    browser.password()
    assert browser.code(first.upper().replace("-", " ")).status_code == 302
    assert "9 are left" in browser.get(reverse("admin:index")).content.decode()
    other = type(browser)()
    other.password()
    assert b"not right" in other.code(first).content
    wait_over(authenticator)
    assert other.code(second).status_code == 302


def test_new_recovery_codes_end_the_earlier_ones(browser, authenticator):
    (old, *_) = codes.new_recovery_codes(authenticator.user)
    browser.sign_in(authenticator)
    page = browser.post(reverse("admin:recovery_codes")).content.decode()
    assert page.count("<li>") == codes.RECOVERY_CODES
    other = type(browser)()
    other.password()
    assert b"not right" in other.code(old).content


def test_a_recovery_code_of_somebody_else_is_refused(browser, authenticator):
    (theirs, *_) = codes.new_recovery_codes(UserFactory())
    browser.password()
    assert b"not right" in browser.code(theirs).content


def test_a_database_dump_holds_neither_keys_nor_codes(authenticator):
    made = codes.new_recovery_codes(authenticator.user)
    row = Authenticator.objects.filter(pk=authenticator.pk).values().get()
    assert codes.key_text(authenticator).reveal().encode() not in bytes(row["key"])
    hashes = set(RecoveryCode.objects.values_list("hash", flat=True))
    assert len(hashes) == len(made)
    assert not any(code.replace("-", "") in text for code in made for text in hashes)


def test_the_authenticators_key_is_rotated_with_all_others(authenticator):
    assert sum(counts().values()) == 1
    other = Authenticator.objects.create(user=UserFactory(), name="x", confirmed=False, key=authenticator.key)
    assert run("rotate_keys", "--reencrypt")[0] == 0
    assert codes.key_text(Authenticator.objects.get(pk=authenticator.pk)).reveal()
    with pytest.raises(Exception, match="does not belong here"):
        codes.key_text(other)


def test_a_key_that_cannot_be_opened_is_said_in_words(browser, authenticator):
    Authenticator.objects.update(key=b"damaged")
    browser.password()
    response = browser.code("123456")
    assert response.status_code == 200
    assert "not in the vault" in response.content.decode()


def test_a_lost_authenticator_is_reset_by_command_and_set_up_anew(browser, authenticator):
    codes.new_recovery_codes(authenticator.user)
    assert run("reset_second_factor", "eva")[0] == 0
    assert not RecoveryCode.objects.exists()
    browser.password()
    assert b"authenticator-key" in browser.get(reverse("admin:index"), follow=True).content
    assert Event.objects.filter(event="signin.second_factor_reset", detail__account="eva").exists()
    assert run("reset_second_factor", "nobody")[0] == 1


def test_in_development_no_second_factor_is_asked_for(browser, person, settings):
    settings.SECOND_FACTOR = False
    browser.password()
    assert browser.get(reverse("admin:index")).status_code == 200
    assert browser.get(reverse("admin:second_factor"))["Location"] == reverse("admin:index")
