"""ISA to IEA: given control numbers, test and production, ids and delimiters that fit or are refused."""

import pytest

from core.errors import Invalid
from core.formats import Envelope, ExportFacts, Totals
from edi_app.x12.formatter import compile_x12
from edi_app.x12.header import check_partner_block
from tests.edi_app.x12.documents import MOMENT, envelope, invoice, parsed

FORMATTER = compile_x12({"base": "x12-810"}, stream="invoices", tables={})


def header(**options):
    return FORMATTER.header(envelope(**options)).decode()


def test_the_header_of_each_release():
    assert header() == (
        "ISA*00*          *00*          *ZZ*HARBOR         *ZZ*NORTHWIND      *261122*2105*U*00401*000000101*0*P*>~\n"
        "GS*IN*HARBOR*NORTHWIND*20261122*2105*7*X*004010~\n"
    )
    assert header(version="005010") == (
        "ISA*00*          *00*          *ZZ*HARBOR         *ZZ*NORTHWIND      *261122*2105*^*00501*000000101*0*P*:~\n"
        "GS*IN*HARBOR*NORTHWIND*20261122*2105*7*X*005010~\n"
    )


def test_the_isa_is_106_bytes_with_its_terminator():
    for options in {}, {"version": "005010"}, {"receiver": ["01", "123456789012345"]}:
        assert len(header(**options).partition("\n")[0]) == 106


def test_test_mode_suffix_request_and_own_group_ids():
    text = header(
        version="004010VICS",
        test=True,
        acknowledgment_requested=True,
        group_sender="HARBORAPP",
        group_receiver="NWAPP",
    )
    assert "*1*T*>~" in text
    assert "GS*IN*HARBORAPP*NWAPP*20261122*2105*7*X*004010VICS~" in text


def test_the_trailer_counts_sets_and_repeats_the_numbers():
    trailer = FORMATTER.trailer(envelope(), Totals(exports=3, sums={"sets": 3}))
    assert trailer == b"GE*3*7~\nIEA*1*000000101~\n"


def test_a_whole_file_is_read_back_without_a_fault():
    given = envelope(line_end="crlf", st_width=9)
    contents = [FORMATTER.content(invoice(), ExportFacts(position=at), given) for at in (1, 2)]
    assert [item.control_number for item in contents] == ["000000001", "000000002"]
    body = contents[0].data
    rows = parsed(FORMATTER.header(given) + body + FORMATTER.trailer(given, Totals(exports=1, sums={"sets": 1})))
    assert (rows[0], rows[-1][2]) == (["ST", "810", "000000001"], "000000001")


def test_the_implementation_reference_is_of_the_later_release():
    for version, said in ("004010", b"ST*810*0001~"), ("005010", b"ST*810*0001*NW810~"):
        given = envelope(version=version, implementation="NW810")
        assert FORMATTER.content(invoice(), ExportFacts(), given).data.startswith(said)


def test_a_preview_needs_no_numbers():
    given = Envelope(moment=MOMENT, profile=envelope().profile)
    assert "*000000000*0*P*" in FORMATTER.header(given).decode()


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"sender": ["ZZ", "A" * 16]}, "x12.sender"),
        ({"sender": ["ZZ", ""]}, "x12.sender"),
        ({"sender": ["Z", "HARBOR"]}, "x12.sender"),
        ({"sender": "HARBOR"}, "x12.sender"),
        ({"receiver": None}, "x12.receiver"),
        ({"receiver": ["ZZ", "NÖRD"]}, "x12.receiver"),
        ({"group_sender": "A"}, "x12.group_sender"),
        ({"version": "003040"}, "x12.version"),
        ({"charset": "ebcdic"}, "x12.charset"),
        ({"line_end": "yes"}, "x12.line_end"),
        ({"st_width": 3}, "x12.st_width"),
        ({"delimiters": {"element": "A"}}, "x12.delimiters.element"),
        ({"delimiters": {"element": " "}}, "x12.delimiters.element"),
        ({"delimiters": {"element": "**"}}, "x12.delimiters.element"),
        ({"delimiters": {"element": "-"}}, "x12.delimiters.element"),
        ({"delimiters": {"terminator": "."}}, "x12.delimiters.terminator"),
        ({"delimiters": {"element": "~", "terminator": "~"}}, "x12.delimiters.terminator"),
        ({"delimiters": {"component": "|", "element": "|"}}, "x12.delimiters.component"),
        ({"delimiters": {"component": "*"}}, "x12.delimiters.component"),
        ({"delimiters": {"elemnt": "|"}}, "x12.delimiters.elemnt"),
    ],
)
def test_what_does_not_fit_is_named(changes, path):
    block = {"sender": ["ZZ", "HARBOR"], "receiver": ["ZZ", "NORTHWIND"], **changes}
    assert path in [finding.path for finding in check_partner_block(block)]


def test_a_header_that_cannot_be_right_is_not_written():
    with pytest.raises(Invalid, match="16 characters"):
        header(receiver=["ZZ", "A" * 16])
    with pytest.raises(Invalid, match="holds a delimiter"):
        header(receiver=["ZZ", "NORTH*WIND"])
    with pytest.raises(Invalid, match="is already the element delimiter"):
        header(delimiters={"component": "*"})
