"""All page families of the console, registered by being imported (see `connector.urls`)."""

from connector.console import (  # noqa: F401
    acks,
    audit_trail,
    connections,
    exports,
    files,
    host_keys,
    integrations,
    mappings,
    partners,
    people,
    problems,
    roles,
    runs,
    servers,
    tenants,
    webhooks,
)
from connector.console.alerts import pages as alerts  # noqa: F401
from connector.console.inbound import picked_up  # noqa: F401
from connector.console.lookups import pages as lookups  # noqa: F401
