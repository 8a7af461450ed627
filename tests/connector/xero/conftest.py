"""A world with the Xero simulator, in which work that failed may be tried again at once."""

import pytest

from tests.factories import TenantFactory
from tests.world import open_world


@pytest.fixture
def books(request):
    """What the simulator holds; tests say otherwise with `@pytest.mark.parametrize("books", [{...}])`."""
    return getattr(request, "param", {"invoices": 0, "contacts": 3, "manual_journals": 0})


@pytest.fixture
def world(settings, tmp_path, books):
    settings.RETRY_SECONDS = 0
    with open_world(settings, tmp_path, limits=False, **books) as world:
        yield world
        assert world.xero.violations == []


@pytest.fixture
def tenant():
    return TenantFactory(slug="harbor")
