"""A small world to run the pipeline in: both simulators, and the rows of one integration between them."""

import contextlib
from dataclasses import dataclass, field
from pathlib import Path

from core.models import HostKey, HostKeyState, Integration
from sftp_app.hostkeys import read_host_keys
from sftp_app.simulator import SftpSimulator
from tests.factories import (
    GrantFactory,
    IntegrationFactory,
    OrganisationFactory,
    PartnerFactory,
    ServerFactory,
    TenantFactory,
)
from xero_app.simulator import Simulator, SimulatorConfig

PASSWORD = "a-test-password"


@dataclass
class World:
    """The simulators and the folder that the partner sees."""

    xero: Simulator
    sftp: SftpSimulator
    root: Path
    integrations: list[Integration] = field(default_factory=list)

    @property
    def outbound(self) -> list[Path]:
        """The partner's folder in order of name, temporary files included."""
        return sorted((self.root / "outbound").iterdir())

    def integration(self, **fields):
        """Make an integration from the simulated organisation to the simulated server, live since the start."""
        tenant = fields.pop("tenant", None) or TenantFactory(slug="harbor", name="Harbor Supply Co")
        server = fields.pop("server", None) or self.server(tenant)
        integration = IntegrationFactory(
            tenant=tenant,
            organisation=fields.pop("organisation", None) or self.organisation(tenant),
            partner=fields.pop("partner", None) or PartnerFactory(tenant=tenant, name="erp", server=server),
            start_on=fields.pop("start_on", "1900-01-01"),
            enabled_at=fields.pop("enabled_at", "2026-01-01T00:00:00Z"),
            **fields,
        )
        self.integrations.append(integration)
        integration.refresh_from_db()
        return integration

    def organisation(self, tenant):
        """Make the custom connection that the Xero simulator knows."""
        grant = GrantFactory.build(tenant=tenant, name="books")
        grant.seal("client_secret", "sim-custom-secret")
        grant.save()
        return OrganisationFactory(tenant=tenant, grant=grant, base_currency="")

    def server(self, tenant, *, at=None, name="erp", **fields):
        """Make the SFTP server, or the one of another simulator, with its approved host key."""
        sftp = at or self.sftp
        server = ServerFactory.build(tenant=tenant, name=name, host=sftp.host, port=sftp.port, **fields)
        server.seal("password", PASSWORD)
        server.save()
        for pin in read_host_keys(sftp.host_key_line):
            HostKey.objects.create(
                server=server, key_type=pin.key_type, fingerprint=pin.fingerprint, state=HostKeyState.APPROVED
            )
        return server


@contextlib.contextmanager
def open_world(settings, root: Path, **xero):
    """Start both simulators and point the settings at them."""
    (root / "outbound").mkdir(parents=True)
    simulator = Simulator(SimulatorConfig(**{"invoices": 30, **xero}))
    sftp = SftpSimulator(root=root, username="harbor", password=PASSWORD)
    with simulator.serve() as base, sftp.serve() as (host, port):
        settings.XERO_LOGIN_BASE = settings.XERO_IDENTITY_BASE = settings.XERO_API_BASE = base
        settings.ALLOWED_PRIVATE_NETS = ["127.0.0.0/8"]
        sftp.host, sftp.port = host, port
        yield World(simulator, sftp, root)
