"""Rows for tests: each factory makes a whole, valid object with what it stands on."""

import hashlib
import uuid
from datetime import UTC, datetime

import factory
from django.contrib.auth.models import User
from django.db import transaction
from factory.django import DjangoModelFactory

from core import lookups, models
from core.states import AckOutcome, ExportState, FetchState, FileState, RunState


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


def save_table(tenant, name, rows):
    """Save a lookup table's next version, as the product does."""
    with transaction.atomic():
        return lookups.save(tenant, name, rows).table


class IntegrationFactory(DjangoModelFactory):
    class Meta:
        model = models.Integration

    tenant = factory.SubFactory(TenantFactory)
    name = factory.Sequence(lambda n: f"integration-{n}")
    organisation = factory.SubFactory(OrganisationFactory, tenant=factory.SelfAttribute("..tenant"))
    streams = factory.LazyFunction(lambda: ["invoices"])
    partner = factory.SubFactory(PartnerFactory, tenant=factory.SelfAttribute("..tenant"))
    mapping = factory.LazyAttribute(lambda o: MappingVersionFactory(mapping=MappingFactory(tenant=o.tenant)).mapping)
    start_on = "2026-01-01"
    file_name = "{integration}_{date}_{sequence}.csv"
    is_enabled = True


class FetchFactory(DjangoModelFactory):
    class Meta:
        model = models.Fetch

    organisation = factory.SubFactory(OrganisationFactory)
    stream = "invoices"
    trigger = models.FetchTrigger.RUN
    state = FetchState.DONE


class RunFactory(DjangoModelFactory):
    class Meta:
        model = models.Run

    integration = factory.SubFactory(IntegrationFactory)
    tenant = factory.SelfAttribute("integration.tenant")
    trigger = models.RunTrigger.MANUAL
    state = RunState.DONE
    started_at = factory.LazyFunction(lambda: datetime(2026, 11, 25, 20, 0, tzinfo=UTC))
    finished_at = factory.LazyFunction(lambda: datetime(2026, 11, 25, 20, 1, tzinfo=UTC))


class RecordFactory(DjangoModelFactory):
    class Meta:
        model = models.Record

    organisation = factory.SubFactory(OrganisationFactory)
    tenant = factory.SelfAttribute("organisation.tenant")
    stream = "invoices"
    xero_id = factory.LazyFunction(lambda: str(uuid.uuid4()))
    version = 1
    updated_at = factory.LazyFunction(lambda: datetime(2026, 11, 25, 19, 0, tzinfo=UTC))
    number = factory.Sequence(lambda n: f"INV-{n:04d}")
    payload = factory.LazyAttribute(
        lambda o: (
            f'{{"InvoiceID":"{o.xero_id}","InvoiceNumber":"{o.number}","Status":"{o.status}",'
            f'"Total":120.50,"UpdatedDateUTC":"/Date(1795633200000+0000)/"}}'
        ).encode()
    )
    sha256 = factory.LazyAttribute(lambda o: hashlib.sha256(o.payload).hexdigest())
    kind = "ACCREC"
    status = "AUTHORISED"
    dated_on = "2026-11-25"
    currency = "USD"
    total = "120.50"


class FileFactory(DjangoModelFactory):
    class Meta:
        model = models.File

    integration = factory.SubFactory(IntegrationFactory)
    tenant = factory.SelfAttribute("integration.tenant")
    partner = factory.SelfAttribute("integration.partner")
    server = factory.SelfAttribute("partner.server")
    state = FileState.DELIVERED
    folder = "/outbound"
    name = factory.Sequence(lambda n: f"invoices_{n:04d}.csv")
    header = b"invoice_no,amount\r\n"
    size = 0
    record_count = 1


class ExportFactory(DjangoModelFactory):
    class Meta:
        model = models.Export

    integration = factory.SubFactory(IntegrationFactory)
    tenant = factory.SelfAttribute("integration.tenant")
    record = factory.SubFactory(RecordFactory, organisation=factory.SelfAttribute("..integration.organisation"))
    stream = factory.SelfAttribute("record.stream")
    xero_id = factory.SelfAttribute("record.xero_id")
    number = factory.SelfAttribute("record.number")


class ExportContentFactory(DjangoModelFactory):
    class Meta:
        model = models.ExportContent

    export = factory.SubFactory(ExportFactory, state=ExportState.DELIVERED)
    file = factory.LazyAttribute(lambda o: o.export.file or FileFactory(integration=o.export.integration))
    position = factory.Sequence(lambda n: n + 1)
    action = "new"
    sequence = factory.SelfAttribute("position")
    data = factory.LazyAttribute(lambda o: f"{o.export.number},120.50\r\n".encode())


class AttemptFactory(DjangoModelFactory):
    class Meta:
        model = models.Attempt

    file = factory.SubFactory(FileFactory)
    number = factory.Sequence(lambda n: n + 1)
    fence = factory.SelfAttribute("number")
    result = models.AttemptResult.DELIVERED


class ProblemFactory(DjangoModelFactory):
    class Meta:
        model = models.Problem

    tenant = factory.SubFactory(TenantFactory)
    code = "SFTP_UNREACHABLE"
    subject = factory.Sequence(lambda n: f"server:{n}")
    sentence = "127.0.0.1:22 did not answer. The file is kept."
    next_step = "Test the connection."


class AlertRuleFactory(DjangoModelFactory):
    class Meta:
        model = models.AlertRule

    tenant = factory.SubFactory(TenantFactory)
    name = factory.Sequence(lambda n: f"rule-{n}")
    channel = models.AlertChannel.EMAIL
    recipients = factory.LazyFunction(lambda: ["accounts@example.com"])


class HostKeyFactory(DjangoModelFactory):
    class Meta:
        model = models.HostKey

    server = factory.SubFactory(ServerFactory)
    key_type = "ssh-ed25519"
    fingerprint = factory.Sequence(lambda n: f"SHA256:{n:043d}")


class AcknowledgmentFactory(DjangoModelFactory):
    class Meta:
        model = models.Acknowledgment

    partner = factory.SubFactory(PartnerFactory)
    tenant = factory.SelfAttribute("partner.tenant")
    direction = models.AckDirection.THEIRS
    kind = models.AckKind.FUNCTIONAL
    outcome = AckOutcome.ACCEPTED
    interchange_number = factory.Sequence(lambda n: f"{n:09d}")


class InboundFactory(DjangoModelFactory):
    class Meta:
        model = models.Inbound

    partner = factory.SubFactory(PartnerFactory)
    tenant = factory.SelfAttribute("partner.tenant")
    folder = "/inbound"
    name = factory.Sequence(lambda n: f"in{n}.edi")
    content = b"ISA"
    size = factory.LazyAttribute(lambda row: len(row.content))
    sha256 = factory.LazyAttribute(lambda row: hashlib.sha256(row.content).hexdigest())


class WebhookEventFactory(DjangoModelFactory):
    class Meta:
        model = models.WebhookEvent

    organisation = factory.SubFactory(OrganisationFactory)
    message = factory.LazyFunction(lambda: models.WebhookMessage.objects.create(sha256=uuid.uuid4().hex, body=b"{}"))
    xero_tenant_id = factory.LazyFunction(lambda: str(uuid.uuid4()))
    category = "INVOICE"
    kind = "UPDATE"
    xero_id = factory.LazyFunction(lambda: str(uuid.uuid4()))
    occurred_at = "2026-11-25T19:00:00"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"person-{n}")
    email = factory.LazyAttribute(lambda o: f"{o.username}@example.com")
    is_staff = True


class TenantAccessFactory(DjangoModelFactory):
    class Meta:
        model = models.TenantAccess

    user = factory.SubFactory(UserFactory)
    tenant = factory.SubFactory(TenantFactory)
    role = models.Role.VIEWER
