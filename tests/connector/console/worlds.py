"""One row of every page family for one tenant, named after the tenant so that leaks show."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.contrib.auth.models import User

from core import audit, models
from core.states import ExportState
from tests import factories

NOW = datetime(2026, 11, 25, 20, 3, tzinfo=UTC)
HOSTILE = '<img src=x onerror="alert(1)">{{constructor}}'


@dataclass
class World:
    """A tenant's rows by model; `secret` is sealed into every sealed field."""

    name: str
    tenant: models.Tenant
    secret: str
    rows: dict = field(default_factory=dict)

    @classmethod
    def make(cls, name):
        tenant = factories.TenantFactory(slug=name, name=f"{name} tenant")
        world = cls(name, tenant, f"{name}-planted-secret")
        world._configure()
        world._run()
        world._people()
        return world

    @classmethod
    def make_hostile(cls, name):
        """Make a world in which every free text tries to become markup or a template."""
        world = cls.make(name)
        for model, row in world.rows.items():
            if model is models.Event or not model._meta.label.startswith("core."):
                continue
            texts = [field.name for field in model._meta.fields if _takes_any_text(field)]
            model.objects.filter(pk=row.pk).update(**dict.fromkeys(texts, HOSTILE))
        payload = b'{"Contact":{"Name":"%s"}}' % HOSTILE.replace('"', "'").encode()
        models.Record.objects.filter(pk=world[models.Record].pk).update(payload=payload)
        models.ExportContent.objects.filter(export=world[models.Export]).update(data=HOSTILE.encode())
        return world

    def __getitem__(self, model):
        return self.rows[model]

    def _keep(self, *rows):
        self.rows.update({type(row): row for row in rows})

    def _configure(self):
        grant = factories.GrantFactory(tenant=self.tenant, name=f"{self.name}-grant")
        server = factories.ServerFactory(tenant=self.tenant, name=f"{self.name}-server", host="sftp.invalid")
        rule = factories.AlertRuleFactory.build(tenant=self.tenant, name=f"{self.name}-rule", channel="webhook")
        for holder in (grant, server, rule):
            for name in holder.sealed_fields():
                holder.seal(name, self.secret)
            holder.save()
        partner = factories.PartnerFactory(tenant=self.tenant, server=server, name=f"{self.name}-partner")
        version = factories.MappingVersionFactory(mapping__tenant=self.tenant, mapping__name=f"{self.name}-mapping")
        organisation = factories.OrganisationFactory(
            tenant=self.tenant, grant=grant, legal_name=f"{self.name}-organisation"
        )
        integration = factories.IntegrationFactory(
            tenant=self.tenant,
            name=f"{self.name}-integration",
            organisation=organisation,
            partner=partner,
            mapping=version.mapping,
        )
        table = factories.save_table(self.tenant, f"{self.name}-table", {f"{self.name}-key": "value"})
        key = factories.HostKeyFactory(server=server)
        self._keep(self.tenant, grant, server, partner, version, version.mapping, organisation, integration)
        self._keep(key, table, table.newest, rule)

    def _run(self):
        integration = self[models.Integration]
        run = factories.RunFactory(integration=integration)
        run.fetches.add(factories.FetchFactory(organisation=integration.organisation))
        file = factories.FileFactory(integration=integration, run=run, name=f"{self.name}-file.csv")
        record = factories.RecordFactory(organisation=integration.organisation, number=f"{self.name}-INV-1")
        export = factories.ExportFactory(
            integration=integration, record=record, run=run, file=file, state=ExportState.DELIVERED
        )
        factories.ExportContentFactory(export=export, file=file)
        factories.AttemptFactory(file=file)
        problem = factories.ProblemFactory(
            tenant=self.tenant, sentence=f"{self.name}-problem", export=export, integration=integration
        )
        ack = factories.AcknowledgmentFactory(partner=self[models.Partner], file=file)
        inbound = factories.InboundFactory(partner=self[models.Partner], name=f"{self.name}-inbound.edi")
        webhook = factories.WebhookEventFactory(organisation=integration.organisation)
        self._keep(run, file, record, export, problem, ack, inbound, webhook, self._event(export))

    def _event(self, export):
        draft = audit.EventDraft(
            tenant_id=self.tenant.pk,
            event="export.delivered",
            integration=export.integration.name,
            number=export.number,
            xero_id=export.xero_id,
            export_id=export.pk,
            file_id=export.file_id,
        )
        audit.append([draft], now=NOW)
        return models.Event.objects.get(tenant_id=self.tenant.pk)

    def _people(self):
        access = factories.TenantAccessFactory(
            tenant=self.tenant, user__username=f"{self.name}-person", role=models.Role.VIEWER
        )
        self._keep(access)
        self.rows[User] = access.user


def _takes_any_text(field):
    kinds = ("CharField", "TextField")
    free = field.get_internal_type() in kinds and not field.choices and (field.max_length or 999) >= 100
    return free and field.name not in ("time_zone", "sha256")
