"""What fault tests share: one integration between both simulators, and tests that need PostgreSQL itself."""

import pytest
from django.conf import settings as django_settings

from tests.sshd import sshd_is_installed
from tests.world import open_world

IS_POSTGRESQL = "postgresql" in django_settings.DATABASES["default"]["ENGINE"]
# backends that are ended from outside exist in PostgreSQL only; an embedded database has none
collect_ignore_glob = [] if IS_POSTGRESQL else ["test_postgresql*.py"]
if not sshd_is_installed():
    collect_ignore_glob.append("test_openssh*.py")


@pytest.fixture
def world(settings, tmp_path):
    settings.RETRY_SECONDS = 0
    with open_world(settings, tmp_path / "world", invoices=0, contacts=1, manual_journals=0) as world:
        world.integration()
        yield world
