"""A partner unlike all others, configured in YAML alone: order of parties, further references, tax as charges, its own
delimiters, ids and codes."""

from copy import deepcopy
from dataclasses import replace

import pytest
import yaml

from connector.assembly import Item, assemble
from connector.steps.envelopes import envelope_of
from connector.steps.lots import Lot, compile_formatters, published_version, tables_for
from core.formats import ExportFacts
from core.models import Export, Integration
from edi_app.bases.sample_documents import sample_documents
from edi_app.x12 import read_interchanges, validate_set
from tests.connector.config.files import NOW, apply, configuration

pytestmark = pytest.mark.django_db

PARTNER = """
name: odd
server: erp
folders: {send_to: /odd}
x12:
  version: "VERSION"
  sender: ["01", "123456789"]
  receiver: ["12", "6085551234"]
  delimiters: {element: "|", component: "!", repetition: "%", terminator: "'"}
  line_end: none
  character_set: basic
"""
MAPPING = """
name: odd-810
base: x12-810
options: {tax: sac, reference_is_po: true}
order: ["N1[RI]", "N1[SE]", "N1[BT]", "N1[ST]"]
set:
  BIG07: {source: Type, as: "lookup:kinds", on_miss: default, default: PR}
  "REF[IA]02": "'V-100'"
  "REF[DP]02": {source: Reference, default: "0040"}
  "N1[RI]/N102": "'Harbor Bank'"
  "N1[ST]/N102": Contact.Name
  "IT1/REF[ZZ]": {elements: {"02": Line.AccountCode}}
drop: ["REF[ZZ]", "ITD"]
"""
INTEGRATION = {"name": "to-odd", "partner": "odd", "mapping": "odd-810", "file_name": "{partner}_{sequence}.edi"}


def configured(tmp_path, version):
    """Apply the YAML; give the file that the pipeline would make of a sample invoice."""
    whole = configuration()
    tenant = whole["tenants"][0]
    tenant["partners"].append(yaml.safe_load(PARTNER.replace("VERSION", version)))
    tenant["mappings"].append(yaml.safe_load(MAPPING))
    tenant["lookup_tables"].append({"name": "kinds", "rows": {"ACCREC": "DI"}})
    tenant["integrations"].append(
        {**deepcopy(tenant["integrations"][0]), **INTEGRATION, "where": {"contacts": ["FAIR01"]}}
    )
    apply(tmp_path, whole)
    integration = Integration.objects.select_related("partner", "tenant", "mapping").get(name="to-odd")
    applies = published_version(integration)
    lot = Lot(applies, tables_for(applies), Export.objects.none())
    envelope = replace(envelope_of(integration, now=NOW), numbers={"ISA": 7, "GS": 3})
    item = Item(sample_documents("invoices")[0], ExportFacts(key="K7QW2ZRTN4XA"))
    return assemble([item], compile_formatters(integration, lot), envelope, stream="invoices")


@pytest.mark.parametrize("version", ["004010", "005010"])
def test_a_partner_with_rules_of_its_own_needs_no_code(tmp_path, version):
    data = configured(tmp_path, version)
    text = data.decode()
    assert (text[3], text[104], text[105], "\n" in text) == ("|", "!", "'", False)
    assert text.startswith("ISA|00|          |00|          |01|123456789      |12|6085551234     |")
    rows = [row.split("|") for row in text.rstrip("'").split("'")]
    found = {tag: [row[1:] for row in rows if row[0] == tag] for tag in ("N1", "REF", "SAC", "TXI", "ITD", "BIG")}
    assert [row[0] for row in found["N1"]] == ["RI", "SE", "BT", "ST"]
    assert [row[:2] for row in found["REF"]][:2] == [["DP", "PO 88-1207"], ["IA", "V-100"]]  # as their keys are sorted
    assert ["ZZ", "4000"] in found["REF"]
    assert (found["TXI"], found["ITD"], found["SAC"][0][:2]) == ([], [], ["C", "H850"])
    assert found["BIG"][0][6] == "DI"
    assert found["N1"][1][1] == "HARBOR SUPPLY COMPANY LLC"
    (interchange,), damage = read_interchanges(data)
    (one,) = interchange.groups[0].sets
    assert (damage, interchange.faults, one.faults, validate_set(one)) == ("", (), (), [])
