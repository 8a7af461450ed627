"""Passwords: lock-out, the password again, sessions, and where people may be led."""

from urllib.parse import urljoin, urlsplit

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.urls import get_resolver, reverse
from django.utils import timezone

from connector.console.signin import step_up
from core import audit_verify
from core.audit import INSTALLATION
from core.models import Event, Organisation, Role
from tests.connector.commands.running import run_json
from tests.connector.console.addresses import all_addresses
from tests.connector.console.signin.conftest import PASSWORD
from tests.connector.console.worlds import World
from tests.factories import TenantAccessFactory


def names():
    return list(Event.objects.filter(tenant_id=INSTALLATION).order_by("sequence").values_list("event", flat=True))


def test_five_wrong_passwords_lock_the_name_for_this_address_only(browser, person, settings):
    settings.SECOND_FACTOR = False
    answers = [browser.password("wrong").status_code for _ in range(7)]
    assert answers[:4] == [200] * 4
    assert set(answers[4:]) == {429}
    assert b"Too many tries" in browser.password().content
    assert browser.password(username="somebody else").status_code == 200
    elsewhere = type(browser)(REMOTE_ADDR="203.0.113.9")
    assert elsewhere.password().status_code == 302


def test_the_lock_is_one_line_of_the_trail_and_not_one_for_each_try(browser, person):
    for _ in range(12):
        browser.password("wrong")
    assert names().count("signin.locked") == 1
    assert names().count("signin.refused") <= 5
    assert list(audit_verify.verify(INSTALLATION)) == []


def test_a_forged_forwarded_address_does_not_get_around_the_lock(browser, person):
    for number in range(5):
        browser.password("wrong", HTTP_X_FORWARDED_FOR=f"198.51.100.{number}")
    assert browser.password(HTTP_X_FORWARDED_FOR="198.51.100.99").status_code == 429


def test_behind_a_proxy_only_its_own_word_counts(browser, person, settings):
    settings.PROXY_COUNT = 1
    for number in range(5):
        browser.password("wrong", HTTP_X_FORWARDED_FOR=f"198.51.100.{number}, 203.0.113.7")
    assert browser.password(HTTP_X_FORWARDED_FOR="198.51.100.99, 203.0.113.7").status_code == 429
    assert browser.password(HTTP_X_FORWARDED_FOR="203.0.113.7, 203.0.113.8").status_code == 302


def test_an_address_gets_only_so_many_sign_ins_a_minute(browser, person):
    answers = [browser.password("wrong", username=f"name {number}").status_code for number in range(35)]
    assert answers[0] == 200
    assert answers[-1] == 429


def test_without_redis_people_can_still_sign_in(browser, person, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert browser.password().status_code == 302


def test_every_step_is_in_the_trail_with_name_and_address(browser, authenticator):
    browser.password("wrong", REMOTE_ADDR="203.0.113.5")
    browser.sign_in(authenticator)
    browser.post(reverse("admin:logout"), REMOTE_ADDR="203.0.113.5")
    assert names() == ["signin.refused", "signin.password", "signin.accepted", "signin.ended"]
    lines = Event.objects.filter(tenant_id=INSTALLATION).order_by("sequence")
    assert {line.actor for line in lines} == {"eva"}
    assert [line.detail["address"] for line in lines] == ["203.0.113.5", "127.0.0.1", "127.0.0.1", "203.0.113.5"]


NAMES = ["\x00", "\r\nforged", "a" * 5000, "<script>alert(1)</script>", "\u202eevil", "x" * 150, "' OR 1=1 --"]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_can_be_typed_and_stands_in_the_trail_on_one_line(browser, name):
    assert browser.password("x", username=name).status_code == 200
    for line in Event.objects.filter(event="signin.refused"):
        assert line.actor.isprintable()
        assert len(line.actor) <= 150


def test_changes_in_forms_of_djangos_own_are_in_the_trail(browser, authenticator):
    browser.sign_in(authenticator)
    form = {"username": "pat", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    assert browser.post(reverse("admin:auth_user_add"), form).status_code == 302
    line = Event.objects.get(event="console.changed")
    assert (line.actor, line.detail["kind"], line.detail["name"]) == ("eva", "user", "Added “pat”.")
    assert line.detail["address"] == "127.0.0.1"
    assert PASSWORD not in str(line.detail)


def test_changing_the_own_password_ends_all_other_sessions_and_is_noted(browser, authenticator):
    other = type(browser)()
    browser.sign_in(authenticator)
    other.force_login(authenticator.user)
    form = {"old_password": PASSWORD, "new_password1": f"{PASSWORD} 2", "new_password2": f"{PASSWORD} 2"}
    assert browser.post(reverse("admin:password_change"), form).status_code == 302
    assert "signin.password_changed" in names()
    assert browser.get(reverse("admin:index")).status_code == 200
    assert other.get(reverse("admin:second_factor")).status_code == 302
    assert other.get(reverse("admin:second_factor"))["Location"].startswith(reverse("admin:login"))


@pytest.mark.parametrize("password", ["short", "password1234", "123456789012345", "eva-eva-eva-1"])
def test_weak_passwords_are_refused(person, password):
    person.username = "eva-eva-eva"
    with pytest.raises(ValidationError):
        validate_password(password, person)


def test_the_session_gets_a_new_key_at_every_step(browser, authenticator):
    browser.get(reverse("admin:login"))
    seen = set()
    browser.password()
    seen.add(browser.session.session_key)
    browser.sign_in(authenticator)
    seen.add(browser.session.session_key)
    forget_password(browser)
    browser.post(reverse("admin:confirm_password"), {"password": PASSWORD})
    seen.add(browser.session.session_key)
    assert len(seen) == 3
    age = browser.session.get_expiry_date() - timezone.now()
    assert age.total_seconds() <= 8 * 3600


def forget_password(browser):
    """Let the password have been given long ago."""
    session = browser.session
    session[step_up.SESSION_KEY] = 1
    session.save()


def credential_pages():
    known = {address.name.removeprefix("admin:"): address for address in all_addresses()}
    return [
        pytest.param(known[name], id=name) for name in sorted(step_up.ALWAYS | step_up.WHEN_EDITING) if name in known
    ]


@pytest.mark.parametrize("address", credential_pages())
def test_pages_with_credentials_ask_for_the_password_again(browser, authenticator, address):
    world = World.make("ours")
    browser.sign_in(authenticator)
    forget_password(browser)
    place = address.of(world) + "?edit=1"
    response = browser.get(place)
    assert response["Location"].startswith(reverse("admin:confirm_password"))
    assert browser.post(place, {})["Location"].startswith(reverse("admin:confirm_password"))
    dialog = browser.get(place, headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/admin/x/"})
    assert dialog["HX-Redirect"].endswith("?next=%2Fadmin%2Fx%2F")
    back = browser.post(response["Location"], {"password": PASSWORD})
    assert back["Location"] == place
    assert browser.get(place).get("Location", "") != response["Location"]


def test_every_name_on_the_list_is_an_address():
    known = {address.name.removeprefix("admin:") for address in all_addresses()}
    others = {getattr(pattern, "name", None) for pattern in get_resolver().url_patterns}
    assert known | others >= step_up.ALWAYS | step_up.WHEN_EDITING


@pytest.mark.parametrize("name", ["xero-connect", "xero-choose", "xero-disconnect"])
def test_connecting_and_disconnecting_xero_asks_for_the_password_and_leads_back_to_its_page(
    browser, authenticator, name
):
    place = reverse(name, args=[World.make("ours")[Organisation].pk])
    browser.sign_in(authenticator)
    forget_password(browser)
    for referer, back in (("http://testserver/admin/xero/1/", "%2Fadmin%2Fxero%2F1%2F"), ("http://[", "%2Fadmin%2F")):
        response = browser.post(place, headers={"Referer": referer})
        assert response["Location"] == f"{reverse('admin:confirm_password')}?next={back}"


def test_reading_such_a_page_needs_no_password(browser, authenticator):
    world = World.make("ours")
    browser.sign_in(authenticator)
    forget_password(browser)
    for name in step_up.WHEN_EDITING:
        (address,) = [item for item in all_addresses() if item.name == f"admin:{name}"]
        assert browser.get(address.of(world)).status_code == 200


def test_a_wrong_password_confirms_nothing_and_counts_towards_the_lock(browser, authenticator):
    browser.sign_in(authenticator)
    forget_password(browser)
    answers = [browser.post(reverse("admin:confirm_password"), {"password": "wrong"}).status_code for _ in range(6)]
    assert (answers[0], answers[-1]) == (200, 429)
    assert browser.get(reverse("admin:core_server_add"))["Location"].startswith(reverse("admin:confirm_password"))


def test_a_time_in_the_future_is_no_confirmation(browser, authenticator):
    browser.sign_in(authenticator)
    session = browser.session
    session[step_up.SESSION_KEY] = 99_999_999_999
    session.save()
    assert browser.get(reverse("admin:core_server_add"))["Location"].startswith(reverse("admin:confirm_password"))


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "\\\\evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "https:evil.example",
    "http://testserver@evil.example/admin/",
    "///evil.example/admin/",
    "\thttps://evil.example",
    "/admin@evil.example",
    "https://testserver.evil.example/admin/",
    "data:text/html,x",
    "%2f%2fevil.example",
    "/admin/../../evil",
    "http:///evil.example",
    "http://[::1",
    "/webhooks/xero",
]


@pytest.mark.parametrize("place", ELSEWHERE)
def test_nobody_is_led_elsewhere(browser, authenticator, place):
    browser.password()
    leads = [browser.post(reverse("admin:second_factor"), {"code": "000000", "next": place})]
    browser.sign_in(authenticator)
    for name in ("second_factor", "confirm_password"):
        leads.append(browser.post(reverse(f"admin:{name}"), {"password": PASSWORD, "next": place}))
        leads.append(browser.get(reverse(f"admin:{name}"), {"next": place}))
    for response in leads:
        assert response.get("Location", "/admin/").startswith("/admin/")
    form = {"username": "eva", "password": PASSWORD, "next": place}
    location = type(browser)().post(reverse("admin:login"), form)["Location"]
    assert urlsplit(urljoin("http://testserver/admin/login/", location.replace("\\", "/"))).netloc == "testserver"


def test_superusers_read_the_installations_own_lines_and_nobody_else_does(browser, authenticator, settings):
    browser.sign_in(authenticator)
    place = reverse("admin:core_event_changelist")
    page = browser.get(place, {"tenant": str(INSTALLATION)}).content.decode()
    assert "Installation" in page
    assert "Sign-in accepted" in page
    settings.SECOND_FACTOR = False
    other = type(browser)()
    other.force_login(TenantAccessFactory(role=Role.OWNER).user)
    assert "signin" not in other.get(place, {"tenant": str(INSTALLATION)}).content.decode().split("<main")[-1]
    assert run_json("audit")[1][0]["tenant"] == "installation"
