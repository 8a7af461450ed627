"""Rows for tests: each factory makes a whole, valid object with what it stands on."""

import factory
from factory.django import DjangoModelFactory

from core import models


class TenantFactory(DjangoModelFactory):
    class Meta:
        model = models.Tenant

    slug = factory.Sequence(lambda n: f"tenant-{n}")
    name = factory.Sequence(lambda n: f"Tenant {n}")
    time_zone = "America/Chicago"


class GrantFactory(DjangoModelFactory):
    class Meta:
        model = models.Grant

    tenant = factory.SubFactory(TenantFactory)
    name = factory.Sequence(lambda n: f"books-{n}")
    auth = models.GrantAuth.CUSTOM_CONNECTION
    client_id = "SIMCUSTOM"


class OrganisationFactory(DjangoModelFactory):
    class Meta:
        model = models.Organisation

    grant = factory.SubFactory(GrantFactory, tenant=factory.SelfAttribute("..tenant"))
    tenant = factory.SubFactory(TenantFactory)
    name = factory.SelfAttribute("grant.name")
    base_currency = "USD"


class ServerFactory(DjangoModelFactory):
    class Meta:
        model = models.Server

    tenant = factory.SubFactory(TenantFactory)
    name = factory.Sequence(lambda n: f"server-{n}")
    host = "127.0.0.1"
    username = "harbor"


class PartnerFactory(DjangoModelFactory):
    class Meta:
        model = models.Partner

    tenant = factory.SubFactory(TenantFactory)
    name = factory.Sequence(lambda n: f"partner-{n}")
    server = factory.SubFactory(ServerFactory, tenant=factory.SelfAttribute("..tenant"))
    folders = factory.LazyFunction(lambda: {"send_to": "/outbound"})


INVOICES_CSV = {
    "format": "csv",
    "options": {"header": True, "rows": "document"},
    "fields": [
        {"name": "invoice_no", "source": "InvoiceNumber"},
        {"name": "date", "source": "Date", "as": "date:%Y-%m-%d"},
        {"name": "contact", "source": "Contact.Name"},
        {"name": "amount", "source": "Total", "as": "amount:2"},
        {"name": "action", "source": "Export.Action"},
    ],
}


class MappingFactory(DjangoModelFactory):
    class Meta:
        model = models.Mapping

    tenant = factory.SubFactory(TenantFactory)
    name = factory.Sequence(lambda n: f"mapping-{n}")
    draft = factory.LazyFunction(lambda: INVOICES_CSV)


class MappingVersionFactory(DjangoModelFactory):
    class Meta:
        model = models.MappingVersion

    mapping = factory.SubFactory(MappingFactory)
    number = 1
    definition = factory.SelfAttribute("mapping.draft")
    sha256 = "0" * 64


class IntegrationFactory(DjangoModelFactory):
    class Meta:
        model = models.Integration

    tenant = factory.SubFactory(TenantFactory)
    name = factory.Sequence(lambda n: f"integration-{n}")
    organisation = factory.SubFactory(OrganisationFactory, tenant=factory.SelfAttribute("..tenant"))
    streams = factory.LazyFunction(lambda: ["invoices"])
    partner = factory.SubFactory(PartnerFactory, tenant=factory.SelfAttribute("..tenant"))
    mapping = factory.LazyAttribute(
        lambda o: MappingVersionFactory(mapping=MappingFactory(tenant=o.tenant)).mapping
    )
    start_on = "2026-01-01"
    file_name = "{integration}_{date}_{sequence}.csv"
    is_enabled = True
