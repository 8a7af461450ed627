"""Two tenants with one row of everything, and people with a role in the first one only."""

import time

import pytest
from django.test import Client

from core.models import Role
from tests.connector.console.worlds import World
from tests.factories import TenantAccessFactory, UserFactory


@pytest.fixture
def ours(db):
    return World.make("ours")


@pytest.fixture
def theirs(db):
    return World.make("theirs")


@pytest.fixture
def signed_in(ours):
    """Give a function that signs a person in with a role in our tenant."""

    def sign_in(role=Role.VIEWER, **user):
        access = TenantAccessFactory(tenant=ours.tenant, role=role, user=UserFactory(**user))
        return signed_in_client(access.user)

    return sign_in


@pytest.fixture
def superuser_client(db):
    return signed_in_client(UserFactory(is_superuser=True))


def signed_in_client(person):
    """Give a client in which somebody is signed in and has just given their password."""
    client = Client()
    client.force_login(person)
    session = client.session
    session["password_at"] = int(time.time())
    session.save()
    client.person = person
    return client
