"""People with a password, and the second factor that is asked for outside of development."""

import pytest
import redis as redis_library
from django.test import Client
from django.urls import reverse

from connector.console.signin import codes
from core.clock import database_now
from tests.factories import UserFactory

PASSWORD = "a long enough passphrase"


@pytest.fixture(autouse=True)
def _asked_for(settings, db):
    settings.SECOND_FACTOR = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with redis_library.Redis.from_url(settings.REDIS_URL) as client:
        for name in client.scan_iter("mlc:rate:*"):
            client.delete(name)


@pytest.fixture
def person():
    user = UserFactory(username="eva", is_superuser=True)
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def authenticator(person):
    """Give the person a confirmed authenticator."""
    device = codes.authenticator_to_set_up(person)
    device.confirmed = True
    device.save()
    return device


class Browser(Client):
    """A browser that signs in as people do."""

    def password(self, password=PASSWORD, username="eva", **extra):
        """Send the sign-in form."""
        return self.post(reverse("admin:login"), {"username": username, "password": password}, **extra)

    def code(self, text, **extra):
        """Send a code."""
        return self.post(reverse("admin:second_factor"), {"code": text}, **extra)

    def sign_in(self, device):
        """Go all the way, with the code that the app shows now."""
        self.password()
        return self.code(codes.code_at(codes.key_text(device), database_now()))


@pytest.fixture
def browser():
    return Browser()
