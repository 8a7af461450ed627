"""A partner's odd rules are YAML: set, drop, order, code maps, constants, defaults, added and repeated segments."""

import pytest
import yaml

from core.errors import Invalid
from edi_app.mapping.spec import Origin
from edi_app.x12.checks import check_x12
from edi_app.x12.definition import resolve_x12
from edi_app.x12.formatter import compile_x12
from edi_app.x12.rows import element_path, walk_rows
from tests.edi_app.x12.documents import GST, invoice, line, segments, tagged


def said(definition_text, document=None):
    return segments(document or invoice(), yaml.safe_load(definition_text))


def test_a_constant_replaces_a_source():
    assert tagged("BIG", invoice(), {"set": {"BIG07": "'PR'"}}) == ["BIG*20261120*INV-0042*****PR"]


def test_an_element_is_added_where_it_belongs():
    rows = said("set: {BIG03: Date, IT108: \"'IN'\", IT109: Line.AccountCode}")
    assert rows[1] == "BIG*20261120*INV-0042*20261120****DI"
    assert "IT1*1*10*EA*25.5**VP*WIDGET-1*IN*200" in rows


def test_a_segment_is_added_in_its_place():
    rows = said("set: {'REF[DP]02': Reference, 'DTM[011]02': Date, 'N1[ST]/N102': Contact.Name}")
    tags = [row.split("*")[0] for row in rows]
    assert rows[tags.index("REF") + 1] == "REF*DP*PO-991"
    assert "N1*ST*Northwind Retail Inc" in rows
    assert tags.index("DTM") == tags.index("ITD") + 1


def test_segments_and_elements_are_dropped():
    rows = said("drop: [ITD, REF, 'N1[BT]/N4', 'N1[SE]/REF', 'IT1/PID', 'N1[BT]/N103', 'N1[BT]/N104']")
    assert not [row for row in rows if row.startswith(("ITD", "REF", "PID"))]
    assert "N1*BT*Northwind Retail Inc" in rows


def test_codes_are_mapped_by_table_with_a_default():
    text = """
        tables: {types: {ACCREC: DI, ACCPAY: PR}}
        set: {BIG07: {source: Type, as: 'lookup:types', on_miss: default, default: DR}}
    """
    assert said(text)[1].endswith("DI")
    assert said(text, invoice(Type="ACCPAY"))[1].endswith("PR")
    assert said(text, invoice(Type="ACCRECCREDIT"))[1].endswith("DR")


def test_a_segment_is_repeated_for_lines_and_only_when_wanted():
    text = """
        set:
          'IT1/REF[ZZ]': {elements: {'02': Line.AccountCode}, when: 'Line.ItemCode'}
          'MEA': {each: LineItems, as: Piece, elements: {'01': "'CT'", '03': Piece.Quantity}}
    """
    rows = said(text)
    assert [row for row in rows if row.startswith("MEA")] == ["MEA*CT**10", "MEA*CT**3"]
    assert [row for row in rows if row.startswith("REF*ZZ*2")] == ["REF*ZZ*200"]


def test_a_partner_unlike_the_base_is_configured_in_yaml_alone():
    text = """
        options: {tax: sac, reference_is_po: true, our_id: V-100, units: {WIDGET-1: PC}}
        order: ['N1[SE]', 'N1[RI]', 'N1[BT]']
        set:
          BIG07: "'DI'"
          'N1[RI]/N102': "'Harbor Bank'"
          'N1[BT]/N104': {source: Contact.AccountNumber, as: 'zfill:8'}
          'REF[IA]02': "'V-100'"
          'REF[DP]02': "'0040'"
        drop: ['REF[ZZ]']
    """
    marks = {"element": "|", "terminator": "'", "component": ":"}
    rows = said_by(text, delimiters=marks, line_end="none").split("'")
    assert [row.split("|")[:2] for row in rows if row.startswith("N1")] == [["N1", "SE"], ["N1", "RI"], ["N1", "BT"]]
    assert "REF|IA|V-100" in rows
    assert "REF|DP|0040" in rows
    assert "N1|BT|Northwind Retail Inc|92|0000NW01" in rows
    assert "SAC|C|H850|||1594||||||||||State" in rows
    assert not [row for row in rows if row.startswith(("TXI", "REF|ZZ"))]


def said_by(text, **block):
    return "'".join(segments(invoice(), yaml.safe_load(text), **block))


def test_lookup_tables_of_the_installation_serve_too():
    definition = {"base": "x12-810", "set": {"IT103": {"source": "Line.AccountCode", "as": "lookup:units"}}}
    formatter = compile_x12(definition, stream="invoices", tables={"units": {"200": "CA"}})
    assert formatter.document == "810"
    with pytest.raises(Invalid, match="no lookup table units"):
        compile_x12(definition, stream="invoices", tables={})


def test_a_missing_entry_is_a_problem_by_name():
    definition = {
        "tables": {"units": {"1": "EA"}},
        "set": {"IT103": {"source": "Line.AccountCode", "as": "lookup:units"}},
    }
    with pytest.raises(Invalid, match='INV-0042 IT103: Table units has no entry for "200"') as caught:
        segments(invoice(), definition)
    assert caught.value.code == "MAP_LOOKUP_MISS"


def test_every_row_knows_where_it_comes_from():
    definition = {"base": "x12-810", "set": {"BIG07": "'DI'", "BIG03": "Date", "REF[DP]02": "Reference"}}
    mapping = resolve_x12(definition)
    origins = {
        element_path(path, row, place): element.origin
        for path, row in walk_rows(mapping.rows)
        for place, element in row.elements.items()
    }
    assert origins["BIG02"] is Origin.INHERITED
    assert origins["BIG07"] is Origin.OVERRIDDEN
    assert origins["BIG03"] is Origin.ADDED
    assert origins["REF[DP]02"] is Origin.ADDED
    assert origins["N1[BT]/N104"] is Origin.INHERITED


@pytest.mark.parametrize(
    ("definition", "path", "said"),
    [
        ({"base": "x12-811"}, "base", "Did you mean x12-810?"),
        ({"bsae": 1}, "bsae", "Did you mean base?"),
        ({"set": {"BIGG7": "Total"}}, "set.BIGG7", "Did you mean BIG07?"),
        ({"set": {"N1[BT]/N199": "Total"}}, "set.N1[BT]/N199", "N1 has 6 elements"),
        ({"set": {"N104": "Total"}}, "set.N104", "Did you mean N1[BT]/N104?"),
        ({"set": {"BIG02": "InvoiceNumbr"}}, "set.BIG02", "Did you mean InvoiceNumber?"),
        ({"set": {"BIG02": "X12.Nmber"}}, "set.BIG02", "Did you mean X12.Number?"),
        ({"set": {"BIG02": "Total >"}}, "set.BIG02", "not a JMESPath expression"),
        ({"set": {"BIG02": {"source": "Total", "as": "roman"}}}, "set.BIG02.as", "not a way to write a value"),
        ({"set": {"BIG02": {"sorce": "Total"}}}, "set.BIG02.sorce", "Did you mean source?"),
        ({"set": {"BIG02": {"max": 23}}}, "set.BIG02.max", "BIG02 holds 1 to 22 characters"),
        ({"set": {"BIG02": {"max": "9"}}}, "set.BIG02.max", "whole number"),
        ({"set": {"BIG07": "'DIX'"}}, "set.BIG07", "2 are allowed"),
        ({"set": {"CUR02": "'USX'"}}, "set.CUR02", "not in the list of codes"),
        ({"set": {"TDS01": "'1,00'"}}, "set.TDS01", "not a whole number"),
        ({"set": {"REF04": "Total"}}, "set.REF04", "made of components"),
        ({"set": {"ITD": "Total"}}, "set.ITD", "whole segment"),
        ({"set": {"MEA": {"each": "LineItems", "elements": {"01": "'CT'"}}}}, "set.MEA", "needs a name"),
        ({"set": {"V101": "Total"}}, "set.V101", "cannot be mapped"),
        ({"drop": ["BPR"]}, "drop[0]", "The base has no BPR"),
        ({"drop": "ITD"}, "drop", "list of paths"),
        ({"order": ["N1[XX]"]}, "order[0]", "There is no N1[XX]"),
        ({"options": {"tax": "none"}}, "options.tax", "summary, line, sac"),
        ({"options": {"taxx": "line"}}, "options.taxx", "Did you mean tax?"),
        ({"options": {"version": "005010"}}, "options.version", "partner's x12 block"),
        ({"options": {"tolerance": 0.5}}, "options.tolerance", "in quotes"),
    ],
)
def test_mistakes_are_named_when_saving(definition, path, said):
    findings = check_x12({"base": "x12-810", **definition}, streams=["invoices"], tables={})
    matching = [finding for finding in findings if finding.path == path]
    assert matching, findings
    assert any(said in str(finding) for finding in matching)


def test_the_bases_are_without_mistakes():
    assert check_x12({"base": "x12-810"}, streams=["invoices", "credit_notes"], tables={}) == []
    assert check_x12({"base": "x12-820"}, streams=["payments"], tables={}) == []


def test_streams_that_have_no_form_are_refused():
    for base, stream in ("x12-810", "payments"), ("x12-820", "allocations"), ("x12-810", "contacts"):
        (finding,) = check_x12({"base": base}, streams=[stream], tables={})
        assert stream in finding.reason


def test_what_only_the_later_release_has_is_refused_for_an_early_partner():
    definition = {"set": {"N1[BT]/N407": "'WI'"}, "drop": ["N1[BT]/N402"]}
    assert segments(invoice(), definition, version="005010")
    with pytest.raises(Invalid, match="N4 has 6 elements"):
        segments(invoice(), definition, version="004010")


def test_changes_and_cancellations_need_big08():
    assert compile_x12({"base": "x12-810"}, stream="invoices", tables={}).supports("cancel")
    without = compile_x12({"base": "x12-810", "drop": ["BIG08"]}, stream="invoices", tables={})
    assert [without.supports(action) for action in ("new", "change", "cancel")] == [True, False, False]


def test_zero_tax_and_line_tax_can_be_seen_by_mappings():
    lines = [line("100.00", tax="15.00", TaxType="OUTPUT2", TaxRate=GST)]
    rows = tagged("TXI", invoice(lines), {"set": {"TXI08": "Tax.Base"}})
    assert rows == ["TXI*GS*15*15*****100"]


def test_the_order_of_keys_says_nothing():
    """A database may sort them: what stands at one place comes in the order of the paths, or as `order` says."""
    one, other = "'REF[IA]02': \"'V-100'\"", "'REF[DP]02': \"'88'\""
    rows = [said(f"set: {{{first}, {second}}}") for first, second in ((one, other), (other, one))]
    assert rows[0] == rows[1]
    assert rows[0].index("REF*DP*88") == rows[0].index("REF*IA*V-100") - 1
