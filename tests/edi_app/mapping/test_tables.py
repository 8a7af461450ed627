"""Lookup tables from CSV: ten thousand rows, any usual separator, every bad row named."""

import pytest

from core.errors import Invalid
from edi_app.mapping.tables import MOST_ENTRIES, read_table


@pytest.mark.parametrize(
    ("data", "entries"),
    [
        (b"EA,PCE\r\nKG,KGM\r\n", {"EA": "PCE", "KG": "KGM"}),
        ("\ufeffŌ;1\n\nü;2".encode(), {"Ō": "1", "ü": "2"}),
        (b'a\t"b\nc"', {"a": "b\nc"}),
        (b" a , b \na,b\n", {"a": "b"}),
        (b"a,\n", {"a": ""}),
        (b"", {}),
    ],
)
def test_table_is_read(data, entries):
    assert read_table(data) == entries


def test_ten_thousand_rows_are_read_and_one_more_is_refused():
    rows = [f"K{number},V{number}" for number in range(MOST_ENTRIES + 1)]
    assert len(read_table("\n".join(rows[:-1]).encode())) == MOST_ENTRIES
    with pytest.raises(Invalid, match="more than 10,000 entries"):
        read_table("\n".join(rows).encode())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"a,b\na,c", 'row 2: The key "a" comes twice, with different values.'),
        (b"a,b\n,c", "row 2: The key is empty."),
        (b"a,b,c", "row 1: It has 3 columns; a key and a value are needed."),
        (b"a", "row 1: It has 1 columns"),
        (b"a," + b"x" * 501, "row 1: It has a text of more than 500 characters."),
        (b"a,\xff", "file: Byte 2 is not UTF-8. Save the table as UTF-8."),
        (b'a,"b', "file: It is not CSV: unexpected end of data."),
    ],
)
def test_row_that_is_wrong_is_named(data, words):
    with pytest.raises(Invalid) as caught:
        read_table(data)
    assert words in str(caught.value)
    assert caught.value.code == "MAP_BAD_TABLE"
