"""The valid interchanges that other tests break are valid."""

import pytest

from edi_app.x12.reader import read_interchanges
from edi_app.x12.validator import validate_set
from tests.edi_app.x12.interchanges import SETS, data_of, interchange


@pytest.mark.parametrize("code", sorted(SETS))
def test_each_is_without_a_fault(code):
    (found,), damage = read_interchanges(data_of(interchange(code)))
    (group,) = found.groups
    (one,) = group.sets
    assert damage == ""
    assert (found.faults, group.faults, one.faults) == ((), (), ())
    assert validate_set(one) == []


@pytest.mark.parametrize("code", sorted(set(SETS) - {"999"}))
def test_each_is_valid_in_the_later_release_too(code):
    (found,), _ = read_interchanges(data_of(interchange(code, version="005010")))
    (one,) = found.groups[0].sets
    assert validate_set(one) == []
