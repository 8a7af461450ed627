"""YAML is read without surprises: words stay words."""

from hypothesis import given
from hypothesis import strategies as st

from connector.config.yaml_text import read_yaml
from core.errors import Invalid


def test_only_plain_true_false_null_and_whole_numbers_are_more_than_text():
    read = read_yaml(
        b"a: 004010\nb: 2026-12-01\nc: no\nd: true\ne: 22\nf: -1\ng: ~\nh: '22'\ni: 1.50\nj: 0x1f\n810: 1e3"
    )
    assert read == {
        "a": "004010",
        "b": "2026-12-01",
        "c": "no",
        "d": True,
        "e": 22,
        "f": -1,
        "g": None,
        "h": "22",
        "i": "1.50",
        "j": "0x1f",
        "810": "1e3",
    }


def test_a_byte_order_mark_and_windows_lines_do_no_harm():
    assert read_yaml(b"\xef\xbb\xbfa: b\r\nc: d\r\n") == {"a": "b", "c": "d"}


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_words(data):
    try:
        read_yaml(data)
    except Invalid as refused:
        assert all(finding.path and finding.reason for finding in refused.findings)


@given(st.text(alphabet="{}[]:,-&*!|>'\"#%@`? \n\ta0~", max_size=120))
def test_any_punctuation_is_read_or_refused_in_words(text):
    try:
        read_yaml(text.encode())
    except Invalid as refused:
        assert all(finding.path and finding.reason for finding in refused.findings)
