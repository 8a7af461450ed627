"""Delivery windows as lines: read, written back the same, and wrong words left for the configuration to refuse."""

import pytest

from connector.console.configuring.window_lines import lines_of, windows_of

LINES = {
    "mon-fri 06:00-20:00": {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "06:00", "to": "20:00"},
    "mon,sat 06:00-24:00": {"days": ["mon", "sat"], "from": "06:00", "to": "24:00"},
    "22:00-04:00": {"from": "22:00", "to": "04:00"},
    "sun": {"days": ["sun"]},
}


@pytest.mark.parametrize("line", LINES)
def test_a_line_is_read_and_written_back(line):
    assert windows_of(line) == [LINES[line]]
    assert lines_of([LINES[line]]) == line


def test_lines_stand_below_each_other_and_empty_ones_are_nothing():
    text = "\n".join(LINES)
    assert lines_of(windows_of(f"\n  {text.upper()}\n\n")) == text


def test_days_over_the_end_of_the_week_are_a_range_too():
    assert windows_of("sat-mon")[0]["days"] == ["sat", "sun", "mon"]


@pytest.mark.parametrize(
    ("line", "window"),
    [("mo-fr", {"days": ["mo-fr"]}), ("6:00", {"from": "6:00", "to": ""}), ("soon", {"days": ["soon"]})],
)
def test_what_is_no_window_is_left_as_it_was_written(line, window):
    assert windows_of(line) == [window]
