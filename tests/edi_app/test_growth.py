"""Time and memory grow with the size of the input and no faster, whatever its shape: counted in calls and bytes."""

import sys
import tracemalloc
from collections import deque

import pytest

from edi_app import edifact
from edi_app.edifact.errors import EdifactUnreadable
from edi_app.x12.errors import X12Unreadable
from edi_app.x12.judging import check_interchanges
from edi_app.x12.replies import read_acknowledgments
from tests.edi_app import hostile

SMALL, TIMES = 3_000, 4
SOME_CALLS, SOME_BYTES = 4_000, 200_000
"""What a run may cost beside what grows: buffers of a fixed size."""


def take_x12(data):
    """Read and judge X12 as the pipeline does."""
    try:
        deque(check_interchanges([data]), maxlen=0)
        deque(read_acknowledgments([data]), maxlen=0)
    except X12Unreadable:
        return


def take_edifact(data):
    """Read and judge EDIFACT as the pipeline does."""
    try:
        deque(edifact.check_interchanges(data), maxlen=0)
        deque(edifact.read_acknowledgments(data), maxlen=0)
    except EdifactUnreadable:
        return


SHAPES = [
    *(pytest.param(take_x12, make, id=f"x12 {name}") for name, make in hostile.X12.items()),
    *(pytest.param(take_edifact, make, id=f"edifact {name}") for name, make in hostile.EDIFACT.items()),
]


def calls_of(take, data):
    """Count the calls that reading takes, of our functions and of Python's own."""
    count = 0

    def note(_frame, event, _argument):
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        take(data)
    finally:
        sys.setprofile(before)
    return count


def peak_of(take, data):
    """Give how many bytes reading holds at most."""
    tracemalloc.start()
    try:
        take(data)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("take", "make"), SHAPES)
def test_four_times_the_input_costs_four_times_as_much(take, make):
    small, large = make(SMALL), make(SMALL * TIMES)
    take(large)  # fills what is kept from one reading to the next, such as the expressions of segments
    assert calls_of(take, large) <= 1.15 * TIMES * calls_of(take, small) + SOME_CALLS
    assert peak_of(take, large) <= 1.5 * TIMES * peak_of(take, small) + SOME_BYTES
