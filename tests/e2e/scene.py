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
ACME_810 = {"base": "x12-810", "set": {"BIG07": "'DI'", "N1[BT]/N104": "Contact.AccountNumber"}}
ACME_IDS = {"version": "004010", "sender": ["ZZ", "HARBOR"], "receiver": ["ZZ", "ACME"]}


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
        "LineItems": [{"Description": "Goods as ordered", "Quantity": 1, "LineAmount": float(total)}],
        "LineAmountTypes": "Exclusive",
        "SubTotal": float(total),
        "TotalTax": 0,
        "Total": float(total),
        "UpdatedDateUTC": "/Date(1795573755038)/",
    }
    return json.dumps(values).encode()


def segments(place, number, contact, total, at):
    """Give an invoice as the segments of an 810."""
    lines = (
        f"ST*810*{place:04d}",
        f"BIG*{at:%Y%m%d}*{number}****DI",
        f"N1*BT*{contact.upper()}*92*C{place:03d}",
        f"IT1*1*1*EA*{total}**VP*GOODS",
        f"TDS*{total * 100:.0f}",
        "CTT*1",
        f"SE*7*{place:04d}",
    )
    return "".join(f"{line}~\n" for line in lines)


def head(number, at):
    """Give the envelope's head of an interchange, as X12.5 and X12.6 have it."""
    ids = f"ZZ*{'HARBOR':15}*ZZ*{'ACME':15}"
    return (
        f"ISA*00*{'':10}*00*{'':10}*{ids}*{at:%y%m%d}*{at:%H%M}*U*00401*{number:09d}*0*P*>~\n"
        f"GS*IN*HARBOR*ACME*{at:%Y%m%d}*{at:%H%M}*{number}*X*004010~\n"
    ).encode()


def stream_of(name):
    """Give stream, kind and the beginning of the numbers of what an integration of the scene carries."""
    kinds = {"payments": ("payments", "ACCRECPAYMENT", "PAY"), "bills": ("invoices", "ACCPAY", "BILL")}
    return kinds.get(name.partition("-")[0], ("invoices", "ACCREC", "INV"))


def is_edi(integration):
    """Say whether an integration of the scene sends X12."""
    return bool(integration.partner.x12)


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
        sends_x12 = partner == "acme"
        version = factories.MappingVersionFactory(
            mapping__tenant=tenant,
            mapping__name="acme-810" if sends_x12 else f"{name.partition('-')[0]}-csv",
            note="the first version",
            published_by=self.user,
            **({"mapping__draft": ACME_810, "definition": ACME_810} if sends_x12 else {}),
        )
        integration = factories.IntegrationFactory(
            tenant=tenant,
            name=name,
            cron=cron,
            mapping=version.mapping,
            next_due_at=self.now + timedelta(minutes=self.dice.randint(3, 50)),
            streams=[stream_of(name)[0]],
            partner=factories.PartnerFactory(
                tenant=tenant,
                name=partner,
                server=server,
                x12=ACME_IDS if sends_x12 else {},
                acks={"want": "997"} if sends_x12 else {},
            ),
            organisation__grant__state=models.GrantState.CONNECTED,
            organisation__legal_name=tenant.name,
            enabled_at=self.now - timedelta(days=30),
        )
        factories.RecordFactory(
            organisation=integration.organisation,
            stream="organisation",
            kind="",
            payload=json.dumps({"OrganisationID": str(uuid.UUID(int=7)), "Name": tenant.name}).encode(),
        )
        return integration

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
            name=f"{integration.name}_{at:%Y%m%d}_{run.pk:05d}.{'edi' if is_edi(integration) else 'csv'}",
            interchange_number=f"{run.pk:09d}" if is_edi(integration) else "",
            header=head(run.pk, at) if is_edi(integration) else b"invoice_no,date,contact,amount,action\r\n",
            ack_outcome=AckOutcome.ACCEPTED if is_edi(integration) else AckOutcome.NONE,
            created_at=at,
            sealed_at=at,
            delivered_at=at + timedelta(seconds=40),
            size=self.dice.randint(400, 90_000),
            sha256="9f2c" * 16,
            evidence="renamed",
        )
        exports = [self._export(integration, run, file, at, place) for place in range(self.dice.randint(2, 5))]
        models.File.objects.filter(pk=file.pk).update(record_count=len(exports))
        fields = {"size": file.size, "host_key": "SHA256:" + "Ab7xQ" * 8}
        factories.AttemptFactory(file=file, number=1, started_at=at, finished_at=at + timedelta(seconds=3), **fields)
        if is_edi(integration):
            number = file.interchange_number
            factories.AcknowledgmentFactory(
                partner=file.partner, file=file, interchange_number=number, created_at=at + timedelta(minutes=7)
            )

    def _export(self, integration, run, file, at, place):
        contact = self.dice.choice(CONTACTS)
        total = Decimal(self.dice.randint(1000, 900_000)) / 100
        stream, kind, begins = stream_of(integration.name)
        number = f"{begins}-{self.dice.randint(10_000, 99_999)}"
        record = factories.RecordFactory(
            organisation=integration.organisation,
            stream=stream,
            kind=kind,
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
            ack_outcome=file.ack_outcome,
            mapping_version=integration.mapping.versions.first(),
        )
        data = f'{number},{at:%Y-%m-%d},"{contact}",{total},new\r\n'.encode()
        if is_edi(integration):
            data = segments(place + 1, number, contact, total, at).encode()
        factories.ExportContentFactory(export=export, file=file, position=place + 1, data=data)
        return export

    def _trouble(self):
        first, acme = self.integrations[0], self.integrations[1]
        waiting = models.File.objects.filter(integration=acme).latest("pk")
        models.File.objects.filter(pk=waiting.pk).update(
            state=FileState.RETRY_WAIT, next_attempt_at=self.now + timedelta(minutes=12), delivered_at=None
        )
        awaited = models.File.objects.filter(integration=acme).exclude(pk=waiting.pk).order_by("-pk")[:3]
        models.File.objects.filter(pk__in=[file.pk for file in awaited]).update(ack_outcome=AckOutcome.AWAITED)
        factories.ProblemFactory(
            tenant=acme.tenant,
            integration=acme,
            server=acme.partner.server,
            file=waiting,
            sentence="sftp.acme.example:22 did not answer. The file is kept; the next try is in 12 minutes.",
        )
        self.failed = models.Export.objects.filter(integration=first).latest("pk")
        sentence = '"Contact.Name" has 41 characters; contact allows 35.'
        models.Export.objects.filter(pk=self.failed.pk).update(
            state=ExportState.FAILED, file=None, ended_at=None, sentence=sentence, problem_code="MAP_TOO_LONG"
        )
        models.ExportContent.objects.filter(export=self.failed).delete()
        factories.ProblemFactory(
            tenant=first.tenant,
            integration=first,
            export=self.failed,
            code="MAP_TOO_LONG",
            subject=f"export:{self.failed.pk}",
            sentence=sentence,
            next_step="Change row 3 of the mapping, then replay the record.",
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
