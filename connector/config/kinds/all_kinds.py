"""Every kind, in the order in which a file is written: what is named stands before what names it."""

from connector.config.kinds.alert_rules import ALERT_RULE
from connector.config.kinds.integrations import INTEGRATION
from connector.config.kinds.kind import Kind
from connector.config.kinds.lookup_tables import LOOKUP_TABLE
from connector.config.kinds.mappings import MAPPING
from connector.config.kinds.partners import PARTNER
from connector.config.kinds.servers import SERVER
from connector.config.kinds.tenants import TENANT
from connector.config.kinds.xero import XERO

KINDS: dict[str, Kind] = {
    kind.name: kind for kind in (TENANT, XERO, SERVER, PARTNER, LOOKUP_TABLE, MAPPING, INTEGRATION, ALERT_RULE)
}
