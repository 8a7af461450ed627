"""Files for people: one line each, segments apart, differences cut and said."""

from connector.readable import difference, readable_lines

NAMES = ("before", "after")
ISA = b"ISA*00*          *00*          *ZZ*US             *ZZ*THEM           *261125*1200*U*00401*000000001*0*P*>~"


def test_an_interchange_has_a_line_for_each_segment():
    assert readable_lines(ISA + b"GS*IN~ST*810*0001~") == [ISA.decode(), "GS*IN~", "ST*810*0001~"]
    assert readable_lines(b"UNB+UNOA:1'UNH+1'") == ["UNB+UNOA:1'", "UNH+1'"]


def test_bytes_that_are_no_text_are_shown_anyway():
    assert readable_lines(b"a\xff\r\nb") == ["a\N{REPLACEMENT CHARACTER}", "b"]


def test_a_difference_shows_its_place():
    shown = difference(b"a\nb\nc\n", b"a\nB\nc\n", names=NAMES)
    assert shown.lines[:2] == ("--- before", "+++ after")
    assert shown.lines[3:] == (" a", "-b", "+B", " c")
    assert difference(b"a", b"a", names=NAMES).lines == ()


def test_line_ends_alone_are_a_difference_too():
    assert "-b'a\\r\\n'" in difference(b"a\r\n", b"a\n", names=NAMES).lines


def test_a_long_difference_is_cut_and_says_so():
    shown = difference(b"", b"x\n" * 500, names=NAMES, most=10)
    assert (len(shown.lines), shown.more, str(shown).splitlines()[-1]) == (10, 493, "… 493 more lines")
