"""From a stored server to what a session needs: opened secrets, approved host keys, permitted networks."""

import base64
from ipaddress import ip_network

from django.conf import settings

from core.addresses import Network
from core.models import HostKeyState, Server
from sftp_app.target import HostKeyPin, Publish, Target


def target_of(server: Server) -> Target:
    """Open a server's secrets for one session. Raises `core.vault.KeyMissing` and `SealBroken`."""
    return Target(
        host=server.host,
        port=server.port,
        username=server.username,
        password=server.unseal("password"),
        private_key=server.unseal("private_key"),
        passphrase=server.unseal("passphrase"),
        host_keys=approved_keys(server),
        allowed_nets=allowed_nets(),
        publish=Publish(server.publish),
        staging_folder=server.staging_folder,
        hidden_temporary=bool(server.options.get("hidden_temporary", True)),
        allow_legacy_algorithms=bool(server.options.get("allow_legacy_algorithms")),
    )


def allowed_nets() -> tuple[Network, ...]:
    """Give the private networks that this installation may connect to."""
    return tuple(ip_network(net) for net in settings.ALLOWED_PRIVATE_NETS)


def approved_keys(server: Server) -> tuple[HostKeyPin, ...]:
    """Give the host keys that a person has approved for a server."""
    return tuple(
        HostKeyPin(
            fingerprint=row.fingerprint,
            key_type=row.key_type,
            key=base64.b64decode(row.key),
            valid_from=row.valid_from,
            valid_until=row.valid_until,
        )
        for row in server.host_keys.filter(state=HostKeyState.APPROVED).order_by("pk")
    )
