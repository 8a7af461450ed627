"""Fixtures: a served simulator of the usual size, without limits unless a test is about them."""

from collections.abc import Iterator

import pytest

from tests.xero_app.simulator.caller import Caller, calling


@pytest.fixture
def caller() -> Iterator[Caller]:
    with calling() as found:
        yield found
