"""Text of any kind never breaks a segment: delimiters, controls, other scripts, marks that steer the display."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Invalid
from core.formats import ExportFacts, Totals
from edi_app.x12.formatter import compile_x12
from edi_app.x12.settings import Settings, read_settings
from edi_app.x12.text import Cleaner, split_text
from tests.edi_app.x12.documents import CONTACT, envelope, invoice, line, parsed, render

FACTS = ExportFacts()
TOTALS = Totals(exports=1, sums={"sets": Decimal(1)})


def cleaned(text: str, **settings_given: str) -> str:
    return Cleaner(Settings(**settings_given)).clean(text, "N102", [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Müller & Söhne", "Muller & Sohne"),
        ("Straße", "Strasse"),
        ("“Kōwhai” \u2013 Yard", '"Kowhai" - Yard'),
        ("€ 5", "EUR 5"),
        ("株式会社", "ZhuShiHuiShe"),
        ("a*b~c>d", "a b c d"),
        ("a\r\nb\tc\x00d", "a b c d"),
        ("  two   blanks ", "two blanks"),
        ("\ufeffName\u2028Two", "Name Two"),
        ("\u202eevil\u202c", "evil"),
        ("e\u0301te\u0301", "ete"),
        ("ok 👍", "ok"),
        ("***", ""),
        ("half\ud800pair", "halfpair"),
    ],
)
def test_text_is_written_in_ascii_on_one_line(text, said):
    assert cleaned(text) == said


@pytest.mark.parametrize(
    ("given_settings", "said"),
    [
        ({"charset": "latin-1"}, "Müller Zhu"),
        ({"charset": "utf-8"}, "Müller 株"),
        ({"character_set": "basic"}, "MULLER ZHU"),
    ],
)
def test_the_partners_character_set_decides(given_settings, said):
    assert cleaned("Müller 株", **given_settings) == said


def test_the_basic_set_has_no_at_sign():
    assert cleaned("ann@example.com [x]", character_set="basic") == "ANN EXAMPLE.COM X"


def test_replacements_are_noted_once_with_their_place():
    content = render(invoice(Contact=CONTACT | {"Name": "A*B"}))
    assert b"N1*BT*A B*92*NW01~" in content.data
    (warning,) = content.warnings
    assert (warning.path, warning.code) == ("N1[BT]/N102", "MAP_BAD_CHAR")


def test_a_partner_may_want_delimiters_refused():
    with pytest.raises(Invalid, match=r"N1\[BT\]/N102 has the delimiter '\*' in its text") as caught:
        render(invoice(Contact=CONTACT | {"Name": "A*B"}), illegal_characters="reject")
    assert caught.value.code == "MAP_BAD_CHAR"


def test_or_delimiters_that_text_never_holds():
    content = render(invoice(Contact=CONTACT | {"Name": "A*B~C>D"}), illegal_characters="choose_delimiters")
    assert b"N1\x1dBT\x1dA*B~C>D\x1d92\x1dNW01\x1c" in content.data
    assert content.warnings == ()


def test_long_descriptions_become_several_pid_between_words():
    rows = render(invoice([line("1.00", Description="word " * 40)])).data.decode().split("~\n")
    texts = [row.split("*")[5] for row in rows if row.startswith("PID")]
    assert [len(text) for text in texts] == [79, 79, 39]
    assert " ".join(texts) == ("word " * 40).strip()


def test_long_names_go_on_in_n2_and_cuts_are_noted():
    content = render(invoice(Contact=CONTACT | {"Name": "Long Name " * 25}))
    rows = content.data.decode().split("~\n")
    at = next(at for at, row in enumerate(rows) if row.startswith("N1*BT"))
    assert rows[at].split("*")[2] == ("Long Name " * 6).strip()
    assert rows[at + 1].startswith("N2*Long Name")
    assert any("180 characters" in warning.reason for warning in content.warnings)


@given(st.text(max_size=300), st.integers(1, 90))
def test_splitting_loses_nothing_but_blanks(text, longest):
    pieces = split_text(text, longest=longest)
    assert all(0 < len(piece) <= longest for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


HOSTILE = st.text(
    st.characters(codec="utf-8") | st.sampled_from("*~>:^|\r\n\t\x00\x1c\x1d\x1e\x1f\ufeff\u2028\u202e\u0301👍株"),
    min_size=1,
    max_size=120,
)


@given(
    name=HOSTILE,
    description=HOSTILE,
    block=st.sampled_from(
        [
            {},
            {"version": "005010"},
            {"charset": "latin-1", "line_end": "none"},
            {"charset": "utf-8", "version": "005010"},
            {"character_set": "basic"},
            {"illegal_characters": "choose_delimiters", "line_end": "crlf"},
            {"delimiters": {"element": "|", "terminator": "'"}},
        ]
    ),
)
@settings(max_examples=200, deadline=None)
def test_whatever_is_typed_the_segments_stay_the_same(name, description, block):
    version = block.get("version", "004010")
    given_envelope = envelope(**{**block, "version": version})
    formatter = compile_x12({"base": "x12-810", "set": {"N1[BT]/N102": {"default": "X"}}}, stream="invoices", tables={})
    document = invoice([line("10.00", Description=description)], Contact=CONTACT | {"Name": name})
    content = formatter.content(document, FACTS, given_envelope)
    whole = formatter.header(given_envelope) + content.data + formatter.trailer(given_envelope, TOTALS)
    rows = parsed(whole, encoding=block.get("charset", "ascii"))
    tags = [row[0] for row in rows if row[0] not in ("PID", "N2", "NTE")]
    assert tags == [
        "ST",
        "BIG",
        "CUR",
        "REF",
        "N1",
        "N3",
        "N4",
        "N1",
        "N3",
        "N4",
        "REF",
        "ITD",
        "IT1",
        "TDS",
        "CTT",
        "SE",
    ]
    written = [row[5] for row in rows if row[0] == "PID"]
    cleaner = Cleaner(read_settings(given_envelope.profile["x12"], {}))
    assert "".join("".join(written).split()) == "".join(cleaner.clean(description, "", []).split())
