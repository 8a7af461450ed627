"""What every test stands on: the append-only audit trail gives way to the test database's flush only."""

import pytest

from tests.retention import set_audit_retention


@pytest.fixture(autouse=True)
def _flush_may_empty_the_audit_trail(request):
    """Tests that end with a flush open the retention switch behind themselves, as purging does."""
    flushes = "transactional_db" in request.fixturenames or (
        (mark := request.node.get_closest_marker("django_db")) is not None
        and mark.kwargs.get("transaction", False)
    )
    if not flushes:
        yield
        return
    request.getfixturevalue("transactional_db")
    set_audit_retention("1970-01-01 00:00:00")
    yield
    set_audit_retention("2999-01-01 00:00:00")
