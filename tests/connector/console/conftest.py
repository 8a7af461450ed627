"""Two tenants with one row of everything, and people with a role in the first one only."""

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
        client = Client()
        client.force_login(access.user)
        client.person = access.user
        return client

    return sign_in


@pytest.fixture
def superuser_client(db):
    client = Client()
    client.person = UserFactory(is_superuser=True)
    client.force_login(client.person)
    return client
