"""A believable installation for the browser: two companies, four integrations, two weeks of work, and trouble."""

import json
import random
import uuid
from datetime import timedelta
from decimal import Decimal

from django.contrib.auth.models import User

from core import audit, models
from core.clock import database_now
from core.states import AckOutcome, ExportState, FileState, RunState
from tests import factories

CONTACTS = ("Café Brûlé", "O'Hara & Sons", "Ngāti Supplies", "Quay West Trading", "Müller GmbH", "Bright Bakery")
FLOWS = (
    ("harbor", "invoices-to-erp", "erp", "0 * * * *"),
    ("harbor", "invoices-to-acme", "acme", "30 6 * * 1-5"),
    ("kiwi", "payments-to-archive", "archive", "0 18 * * *"),
    ("kiwi", "bills-to-warehouse", "warehouse", "*/15 * * * *"),
)
PASSWORD = "correct horse battery"


def invoice(number, contact, total):
    """Give an invoice's JSON as Xero writes it."""
    values = {
        "Type": "ACCREC",
        "InvoiceID": "243216c5-369e-4056-ac67-05388f86dc81",
        "InvoiceNumber": number,
        "Status": "AUTHORISED",
        "Contact": {"ContactID": "025867f1-d741-4d6b-b1af-9ac774b59ba7", "Name": contact},
        "Date": "/Date(1795564800000+0000)/",
        "CurrencyCode": "USD",
        "Total": float(total),
        "UpdatedDateUTC": "/Date(1795573755038)/",
    }
    return json.dumps(values).encode()


class Scene:
    """Everything that the browser tests and the pictures look at."""

    def __init__(self):
        self.now = database_now()
        self.dice = random.Random(7)  # noqa: S311 (the same scene every time)
        self.user = User.objects.create_superuser("ada", "ada@example.com", PASSWORD, first_name="Ada")
        self.tenants = {
            "harbor": factories.TenantFactory(slug="harbor", name="Harbor Supply Co"),
            "kiwi": factories.TenantFactory(slug="kiwi", name="Kiwi Outdoor Ltd", time_zone="Pacific/Auckland"),
        }
        self.integrations = [self._integration(*flow) for flow in FLOWS]
        for integration in self.integrations:
            self._history(integration)
        self._trouble()

    def _integration(self, slug, name, partner, cron):
        tenant = self.tenants[slug]
        server = factories.ServerFactory(tenant=tenant, name=f"{partner}-sftp", host=f"sftp.{partner}.example")
        factories.HostKeyFactory(server=server, state=models.HostKeyState.APPROVED)
        return factories.IntegrationFactory(
            tenant=tenant,
            name=name,
            cron=cron,
            next_due_at=self.now + timedelta(minutes=self.dice.randint(3, 50)),
            partner=factories.PartnerFactory(tenant=tenant, name=partner, server=server),
            organisation__grant__state=models.GrantState.CONNECTED,
            organisation__legal_name=tenant.name,
            enabled_at=self.now - timedelta(days=30),
        )

    def _history(self, integration):
        for day in range(13, -1, -1):
            for _ in range(2):
                at = self.now - timedelta(days=day, minutes=self.dice.randint(20, 600))
                self._run(integration, at, failed=self.dice.random() < 0.07)

    def _run(self, integration, at, *, failed):
        run = factories.RunFactory(
            integration=integration,
            trigger=models.RunTrigger.SCHEDULE,
            state=RunState.FAILED if failed else RunState.DONE,
            created_at=at,
            started_at=at,
            finished_at=at + timedelta(seconds=41),
        )
        run.fetches.add(factories.FetchFactory(organisation=integration.organisation, read=self.dice.randint(4, 90)))
        if failed:
            return
        file = factories.FileFactory(
            integration=integration,
            run=run,
            name=f"{integration.name}_{at:%Y%m%d}_{run.pk:05d}.csv",
            created_at=at,
            sealed_at=at,
            delivered_at=at + timedelta(seconds=40),
            size=self.dice.randint(400, 90_000),
            sha256="9f2c" * 16,
            evidence="renamed",
        )
        exports = [self._export(integration, run, file, at, place) for place in range(self.dice.randint(2, 5))]
        models.File.objects.filter(pk=file.pk).update(record_count=len(exports))
        factories.AttemptFactory(file=file, number=1, started_at=at, finished_at=at + timedelta(seconds=3))

    def _export(self, integration, run, file, at, place):
        contact = self.dice.choice(CONTACTS)
        total = Decimal(self.dice.randint(1000, 900_000)) / 100
        number = f"INV-{self.dice.randint(10_000, 99_999)}"
        record = factories.RecordFactory(
            organisation=integration.organisation,
            number=number,
            total=total,
            currency="USD",
            xero_id=str(uuid.UUID(int=self.dice.getrandbits(128))),
            read_at=at,
            payload=invoice(number, contact, total),
        )
        export = factories.ExportFactory(
            integration=integration,
            record=record,
            run=run,
            file=file,
            state=ExportState.DELIVERED,
            created_at=at,
            ended_at=at,
            mapping_version=integration.mapping.versions.first(),
        )
        data = f'{number},2026-11-25,"{contact}",{total},new\r\n'.encode()
        factories.ExportContentFactory(export=export, file=file, position=place + 1, data=data)
        return export

    def _trouble(self):
        first, acme = self.integrations[0], self.integrations[1]
        waiting = models.File.objects.filter(integration=acme).latest("pk")
        models.File.objects.filter(pk=waiting.pk).update(
            state=FileState.RETRY_WAIT, next_attempt_at=self.now + timedelta(minutes=12), delivered_at=None
        )
        awaited = models.File.objects.filter(integration=first).order_by("-pk")[:3]
        models.File.objects.filter(pk__in=[file.pk for file in awaited]).update(ack_outcome=AckOutcome.AWAITED)
        factories.ProblemFactory(
            tenant=acme.tenant,
            integration=acme,
            server=acme.partner.server,
            file=waiting,
            sentence="sftp.acme.example:22 did not answer. The file is kept; the next try is in 12 minutes.",
        )
        self.failed = models.Export.objects.filter(integration=first).latest("pk")
        sentence = '"Contact.Name" has 41 characters; N102 allows 35.'
        models.Export.objects.filter(pk=self.failed.pk).update(
            state=ExportState.FAILED, file=None, sentence=sentence, problem_code="MAP_TOO_LONG"
        )
        factories.ProblemFactory(
            tenant=first.tenant,
            integration=first,
            export=self.failed,
            code="MAP_TOO_LONG",
            subject=f"export:{self.failed.pk}",
            sentence=sentence,
            next_step="Change row 4 of the mapping, then replay the record.",
        )
        self._events()

    def _events(self):
        drafts = [
            audit.EventDraft(
                tenant_id=self.failed.tenant_id,
                event=f"export.{state}",
                integration=self.failed.integration.name,
                number=self.failed.number,
                xero_id=self.failed.xero_id,
                export_id=self.failed.pk,
                state=state,
            )
            for state in ("pending", "failed")
        ]
        audit.append(drafts, now=self.now)
