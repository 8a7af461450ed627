"""The web side as it runs in production: HTTPS only, strict headers, bounded bodies, nothing loaded from elsewhere."""

import base64
import io
import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.urls import reverse

from connector.client_address import client_address
from tests.connector.console.addresses import all_addresses
from tests.connector.console.worlds import World
from tests.factories import UserFactory

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCTION = {
    "DATABASE_URL": "postgres://connector:secret@db.invalid/connector",
    "REDIS_URL": "redis://redis.invalid:6379/0",
    "SECRET_KEY": secrets.token_urlsafe(50),
    "CONNECTOR_KEKS": f"k1={base64.b64encode(secrets.token_bytes(32)).decode()}",
    "ALLOWED_HOSTS": "connector.example.com",
}
OUTSIDE = ["/webhooks/xero", "/healthz", "/readyz", "/healthz/pipeline", "/metrics", "/xero/callback", "/nothing/there"]


def manage(*arguments, **environment):
    kept = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=kept | PRODUCTION | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_deployment_check_has_nothing_to_say():
    done = manage("check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize("environment", [{"HTTPS": "false"}, {"DEBUG": "true"}, {"SECRET_KEY": "short"}])
def test_the_deployment_check_notices_what_is_switched_off(environment):
    assert manage("check", "--deploy", "--fail-level", "WARNING", **environment).returncode != 0


NAMES = (
    "SECOND_FACTOR HTTPS SESSION_COOKIE_NAME CSRF_COOKIE_NAME SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE"
    " SESSION_COOKIE_HTTPONLY SESSION_COOKIE_SAMESITE SESSION_COOKIE_AGE SECURE_HSTS_SECONDS"
)
SHOWN = f"from django.conf import settings\nprint(*[getattr(settings, name) for name in {NAMES.split()!r}])"


@pytest.mark.parametrize(
    ("environment", "shown"),
    [
        ({}, "True True __Host-session __Host-csrf True True True Lax 28800 31536000"),
        ({"DEBUG": "true"}, "False False sessionid csrftoken False False True Lax 28800 0"),
        ({"DATABASE_URL": ""}, "True False sessionid csrftoken False False True Lax 28800 0"),
    ],
)
def test_production_is_hardened_without_a_word_and_development_is_not(environment, shown):
    done = manage("shell", "--no-imports", "-c", SHOWN, **environment)
    assert done.stdout.split() == shown.split(), done.stderr


@pytest.fixture
def https(settings, db):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 31_536_000
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True


def test_plain_http_is_led_to_https_except_for_health(https):
    for place in ("/admin/", "/webhooks/xero", "/xero/callback"):
        response = Client().get(place)
        assert (response.status_code, response["Location"]) == (301, f"https://testserver{place}")
    assert Client().get("/healthz").status_code == 200


def test_https_answers_ask_for_https_from_now_on(https):
    assert "max-age=31536000" in Client().get("/admin/login/", secure=True)["Strict-Transport-Security"]


def test_cookies_are_bound_to_this_host_and_to_https(https):
    User.objects.create_superuser("eva", password="a long enough passphrase")
    client = Client()
    client.get(reverse("admin:login"), secure=True)
    client.post(reverse("admin:login"), {"username": "eva", "password": "a long enough passphrase"}, secure=True)
    assert set(client.cookies) == {"__Host-session", "__Host-csrf"}
    for cookie in client.cookies.values():
        assert (cookie["secure"], cookie["path"], cookie["domain"], cookie["samesite"]) == (True, "/", "", "Lax")
    assert client.cookies["__Host-session"]["httponly"]


HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@pytest.fixture
def superuser(db):
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    return client


def policy(response):
    return dict(
        part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";") if " " in part.strip()
    )


@pytest.mark.long
def test_every_page_of_the_console_has_the_headers_and_loads_nothing_from_elsewhere(superuser):
    world = World.make("ours")
    for address in all_addresses():
        response = superuser.get(address.of(world))
        assert {name: response.get(name) for name in HEADERS} == HEADERS, address.name
        assert "camera=()" in response["Permissions-Policy"]
        rules = policy(response)
        assert rules["default-src"] == "'none'", address.name
        assert "'unsafe-inline'" not in rules["script-src"]
        assert all(source in ("'self'", "'unsafe-eval'", "'unsafe-inline'", "data:", "'none'") or name == "form-action"
                   for name, sources in rules.items() for source in sources.split()), address.name  # fmt: skip
        if not response.streaming:
            loaded = re.findall(r'(?:src|href|action)="((?:https?:)?//[^"]+)"', response.content.decode())
            assert [place for place in loaded if "xero.com" not in place] == [], address.name


@pytest.mark.parametrize("place", OUTSIDE)
def test_outside_the_console_nothing_is_loaded_at_all(place, db):
    response = Client().get(place)
    assert {name: response.get(name) for name in HEADERS} == HEADERS
    rules = policy(response)
    assert rules == dict.fromkeys(("default-src", "base-uri", "form-action", "frame-ancestors"), "'none'")
    assert not response.cookies


@pytest.mark.parametrize(
    ("length", "status"),
    [
        (str(8 * 1024 * 1024 + 1), 413),
        ("9" * 30, 413),
        ("-1", 400),
        ("x", 400),
        ("1e9", 400),
        ("\uff11\uff12", 400),
        ("1, 1", 400),
    ],
)
def test_bodies_too_large_or_of_no_length_are_refused_before_they_are_read(db, length, status):
    for place in ("/admin/login/", "/webhooks/xero", "/xero/callback"):
        assert Client().post(place, b"x", content_type="text/plain", CONTENT_LENGTH=length).status_code == status


def test_too_many_fields_or_files_are_refused(db):
    fields = "&".join(f"field{number}=x" for number in range(6001))
    form = "application/x-www-form-urlencoded"
    assert Client().post(reverse("admin:login"), fields, content_type=form).status_code == 400
    files = {f"file{number}": io.BytesIO(b"x") for number in range(4)}
    assert Client().post(reverse("admin:login"), files).status_code == 400


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "", "[::1", "a b"])
def test_a_forged_host_is_refused_and_never_echoed(db, host, settings):
    settings.ALLOWED_HOSTS = ["testserver"]
    response = Client(HTTP_HOST=host).get("/admin/login/")
    assert response.status_code == 400
    assert b"evil" not in response.content


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "", "192.0.2.1"),
        (0, "198.51.100.1", "192.0.2.1"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "203.0.113.66, 198.51.100.1", "198.51.100.1"),
        (2, "203.0.113.66, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (2, "198.51.100.1", "192.0.2.1"),
        (1, "not an address", "0.0.0.0"),  # noqa: S104
        (1, "::ffff:198.51.100.1", "198.51.100.1"),
        (1, "x" * 100_000, "0.0.0.0"),  # noqa: S104
    ],
)
def test_only_what_our_own_proxies_have_seen_counts_as_address(settings, proxies, forwarded, expected):
    settings.PROXY_COUNT = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == expected


def test_a_health_check_inside_the_container_is_answered_whatever_hosts_are_allowed():
    shown = "from django.test import Client\nprint(Client().get('/healthz', HTTP_HOST='127.0.0.1:8000').status_code)"
    assert manage("shell", "--no-imports", "-c", shown).stdout.strip() == "200"


def test_figures_need_the_token(settings, db):
    settings.METRICS_TOKEN = "a-token"
    for given in ("", "Bearer a-toke", "Bearer a-tokenx", "a-token", "Bearer ä"):
        assert Client().get("/metrics", headers={"Authorization": given}).status_code == 401
    assert Client().get("/metrics", headers={"Authorization": "Bearer a-token"}).status_code == 200


def test_forms_need_the_csrf_token(db):
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(is_superuser=True))
    world = World.make("ours")
    for address in all_addresses():
        assert client.post(address.of(world), {"reason": "x"}).status_code in (403, 405), address.name
