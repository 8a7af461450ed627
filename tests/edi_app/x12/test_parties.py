"""Names, ids and addresses as N1 loops: what people type becomes codes, or is left out and noted."""

import pytest

from edi_app.x12.places import find_country, find_state
from tests.edi_app.x12.documents import CONTACT, invoice, render, segments


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("USA", "US"),
        ("u.s.a.", "US"),
        ("United States of America", "US"),
        ("England", "GB"),
        ("new zealand", "NZ"),
        ("Österreich", "AT"),
        ("no", "NO"),
        ("Trinidad & Tobago", "TT"),
        ("Atlantis", ""),
        ("", ""),
    ],
)
def test_countries_as_people_type_them(typed, code):
    assert find_country(typed) == code


@pytest.mark.parametrize(
    ("typed", "country", "code"),
    [
        ("Illinois", "US", "IL"),
        ("il", "US", "IL"),
        ("Québec", "CA", "QC"),
        ("Ontario", "", "ON"),
        ("Ontario", "US", ""),
        ("WA", "AU", ""),
        ("Otago", "NZ", ""),
    ],
)
def test_only_states_and_provinces_are_states(typed, country, code):
    assert find_state(typed, country) == code


def address(**changes):
    values = {"AddressType": "POBOX", "AddressLine1": "1 High St", "City": "Leeds"} | changes
    return invoice(Contact=CONTACT | {"Addresses": [values]})


def n4(document):
    return next(row for row in segments(document) if row.startswith("N4"))


def test_regions_elsewhere_go_by_name():
    row = n4(address(Region="West Yorkshire", PostalCode="LS1 1AA", Country="England"))
    assert row == "N4*Leeds**LS11AA*GB*SP*West Yorkshire"


def test_what_does_not_fit_is_left_out_and_noted():
    content = render(address(City="L", PostalCode="1", Country="Atlantis"))
    assert b"N4*" not in content.data.partition(b"N1*SE")[0]
    assert {warning.path for warning in content.warnings} == {"N1[BT]/N401", "N403", "N404"}


def test_four_lines_become_two_n3_and_long_ones_are_split():
    rows = segments(address(AddressLine1="a" * 55, AddressLine2="b" * 60, AddressLine3="c", AddressLine4="d"))
    assert [row for row in rows if row.startswith("N3*")][:2] == [
        f"N3*{'a' * 55}*{'b' * 55}",
        "N3*bbbbb*c",
    ]


def test_the_postal_address_comes_before_the_street_address():
    street = {"AddressType": "STREET", "AddressLine1": "Street 1"}
    box = {"AddressType": "POBOX", "AddressLine1": "PO Box 1"}
    for addresses, said in ([street, box], "N3*PO Box 1"), ([street, {**box, "AddressLine1": ""}], "N3*Street 1"):
        assert said in segments(invoice(Contact=CONTACT | {"Addresses": addresses}))


def test_without_an_address_there_is_none():
    rows = segments(invoice(Contact={"Name": "Northwind", "ContactNumber": "0017"}))
    at = rows.index("N1*BT*Northwind*92*0017")
    assert rows[at + 1].startswith("N1*SE")


def test_without_an_id_qualifier_and_id_are_left_out():
    assert "N1*BT*Northwind" in segments(invoice(Contact={"Name": "Northwind"}))
