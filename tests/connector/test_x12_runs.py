"""X12 files through the whole pipeline: numbers taken once, our own validator agrees, changes are held."""

import pytest

from connector.sync import sync
from core.models import ControlNumber, Export, File, Mapping, MappingVersion
from edi_app.x12.judging import check_interchanges
from tests.factories import PartnerFactory, TenantFactory
from tests.world import open_world

pytestmark = pytest.mark.django_db(transaction=True)
X12 = {"version": "004010", "sender": ["ZZ", "HARBOR"], "receiver": ["ZZ", "ACME"]}


@pytest.fixture
def world(settings, tmp_path):
    with open_world(settings, tmp_path, invoices=0, contacts=3, manual_journals=0, nasty=False) as world:
        yield world


def x12_integration(world, base, **fields):
    """An integration whose mapping is a shipped X12 base."""
    tenant = TenantFactory(slug="harbor")
    server = world.server(tenant)
    partner = PartnerFactory(tenant=tenant, name="acme", server=server, x12=X12)
    integration = world.integration(tenant=tenant, server=server, partner=partner, **fields)
    definition = {"base": base}
    mapping = Mapping.objects.create(tenant=tenant, name=base, draft=definition)
    MappingVersion.objects.create(mapping=mapping, number=1, definition=definition, sha256="0" * 64)
    integration.mapping = mapping
    integration.save()
    return integration


def faults(path):
    """What our own validator says of a delivered file."""
    found = []
    for checked in check_interchanges([path.read_bytes()]):
        found += checked.faults
        for group in checked.groups:
            found += [*group.faults, *(fault for one in group.sets for fault in one.faults)]
    return found


def test_invoices_leave_as_a_valid_810_with_numbers_of_their_own(world):
    integration = x12_integration(world, "x12-810", where={"type": ["ACCREC"]}, file_name="{control}.edi")
    for number in range(3):
        world.xero.create_invoice(Status="AUTHORISED", InvoiceNumber=f"INV-{number}")
    result = sync(integration).as_object()
    assert (result["state"], result["problems"]) == ("done", [])
    (path,) = world.outbound
    text = path.read_text()
    assert text.startswith("ISA*00*          *00*          *ZZ*HARBOR         *ZZ*ACME")
    assert text.count("ST*810*") == 3
    assert faults(path) == []
    assert File.objects.get().interchange_number == "1"
    assert {row.level: row.last for row in ControlNumber.objects.all()} == {"ISA": 1, "GS": 1}


def test_the_next_file_takes_the_next_numbers(world):
    integration = x12_integration(world, "x12-810", file_name="{control}.edi")
    for number in range(2):
        world.xero.create_invoice(Status="AUTHORISED", InvoiceNumber=f"INV-{number}")
        sync(integration)
    assert list(File.objects.order_by("pk").values_list("interchange_number", flat=True)) == ["1", "2"]


def test_a_run_in_which_every_record_fails_takes_no_number(world):
    integration = x12_integration(world, "x12-810", file_name="{control}.edi")
    world.xero.create_invoice(Status="AUTHORISED", InvoiceNumber="I" * 30)
    result = sync(integration).as_object()
    assert result["exports"]["failed"] == 1
    assert "BIG02" in result["problems"][0]["sentence"]
    assert not ControlNumber.objects.exists()


def test_a_batch_payment_waits_until_it_adds_up_and_leaves_as_one_820(world):
    integration = x12_integration(world, "x12-820", streams=["payments"], file_name="{control}.edi")
    bills = [world.xero.create_invoice(Status="AUTHORISED", Type="ACCPAY", InvoiceNumber=f"B-{n}") for n in range(3)]
    world.xero.create_batch_payment([bill["InvoiceID"] for bill in bills])
    result = sync(integration).as_object()
    assert (result["problems"], result["exports"]["delivered"]) == ([], 3)
    text = world.outbound[0].read_text()
    assert faults(world.outbound[0]) == []
    assert text.count("ST*820*") == 1
    assert text.count("RMR*") == 3
    assert Export.objects.filter(content__group__isnull=False).count() == 3
