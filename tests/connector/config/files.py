"""Configuration files for tests: a whole, valid one, ways to spoil it, and applying it."""

import copy
from datetime import UTC, datetime

import yaml

from connector.config.apply import apply_file
from sftp_app.keys import generate_key_pair

NOW = datetime(2026, 11, 25, 10, 7, tzinfo=UTC)
HOST_KEY = generate_key_pair(comment="host").public
PAIR = generate_key_pair(comment="harbor")
ENVIRONMENT = {
    "XERO_ID": "SIMCUSTOM",
    "XERO_SECRET": "the-client-secret",
    "XERO_WEBHOOK": "the-webhook-key",
    "SFTP_KEY": PAIR.private.reveal(),
    "SFTP_PASSWORD": "the-password",
    "REFRESH": "the-refresh-token",
    "EMPTY": "",
    "PUBLIC_HALF": PAIR.public,
    "PUTTY_KEY": "PuTTY-User-Key-File-3: ssh-ed25519",
    "CUT_KEY": PAIR.private.reveal()[:150] + "\n-----END OPENSSH PRIVATE KEY-----",
}
SECRETS = [ENVIRONMENT[name] for name in ("XERO_SECRET", "XERO_WEBHOOK", "SFTP_KEY", "SFTP_PASSWORD", "REFRESH")]
GONE = object()

CONFIGURATION = {
    "version": 1,
    "tenants": [
        {
            "slug": "harbor",
            "name": "Harbor Supply Co",
            "time_zone": "America/Chicago",
            "xero": [
                {
                    "name": "books",
                    "auth": "custom_connection",
                    "client_id": {"env": "XERO_ID"},
                    "client_secret": {"env": "XERO_SECRET"},
                    "webhook_keys": [{"env": "XERO_WEBHOOK"}],
                    "poll": "*/15 * * * *",
                }
            ],
            "servers": [
                {
                    "name": "erp",
                    "host": "sftp.example.com",
                    "port": 22,
                    "username": "harbor",
                    "private_key": {"env": "SFTP_KEY"},
                    "host_keys": [HOST_KEY],
                }
            ],
            "partners": [
                {
                    "name": "erp",
                    "server": "erp",
                    "folders": {
                        "send_to": "/outbound",
                        "send_acks_to": "/acks",
                        "pick_up_from": "/inbound",
                        "processed": "/processed",
                        "error": "/error",
                    },
                    "x12": {"version": "004010", "sender": ["ZZ", "HARBOR"], "receiver": ["ZZ", "ACME"]},
                    "edifact": {"sender": ["HARBOR", "ZZ"], "receiver": ["ACME", "ZZ"]},
                    "acks": {"want": "997", "overdue_hours": {"810": 24, "820": 48}, "pick_up": "*/5 * * * *"},
                    "mode": "production",
                }
            ],
            "lookup_tables": [{"name": "units", "rows": {"EACH": "EA", "HOUR": "HR"}}],
            "mappings": [
                {
                    "name": "invoices-csv",
                    "format": "csv",
                    "options": {"header": True, "delimiter": ",", "rows": "document"},
                    "fields": [
                        {"name": "number", "source": "InvoiceNumber", "required": True, "max": 30},
                        {"name": "date", "source": "Date", "as": "date:%Y-%m-%d"},
                        {"name": "contact", "source": "Contact.Name"},
                        {"name": "amount", "source": "Total", "as": "amount:2"},
                        {"name": "action", "source": "Export.Action"},
                    ],
                }
            ],
            "integrations": [
                {
                    "name": "invoices-to-erp",
                    "xero": "books",
                    "streams": ["invoices"],
                    "where": {"type": ["ACCREC"], "status": ["AUTHORISED", "PAID"], "expr": "Total > `0`"},
                    "partner": "erp",
                    "mapping": "invoices-csv",
                    "start": {"from": "2026-01-01", "opening": "none"},
                    "file_name": "{partner}_{date}_{sequence:06d}.csv",
                    "schedule": {"cron": "0 * * * *"},
                }
            ],
        }
    ],
}
TENANT = "tenants.0"
SERVER = f"{TENANT}.servers.0"
XERO = f"{TENANT}.xero.0"
PARTNER = f"{TENANT}.partners.0"
MAPPING = f"{TENANT}.mappings.0"
INTEGRATION = f"{TENANT}.integrations.0"


def configuration(changes=()):
    """Give the valid configuration, with values set (or taken away, with GONE) at dotted places."""
    made = copy.deepcopy(CONFIGURATION)
    for place, value in dict(changes).items():
        *steps, last = place.split(".")
        block = made
        for step in steps:
            block = block[int(step)] if isinstance(block, list) else block[step]
        if value is GONE:
            del block[last]
        elif isinstance(block, list):
            block[int(last) : int(last) + 1] = [value]
        else:
            block[last] = value
    return made


def another(place, **changes):
    """Give a copy of an item of the valid configuration with other values, to be put beside it."""
    block = configuration()
    for step in place.split("."):
        block = block[int(step)] if isinstance(block, list) else block[step]
    return block | changes


def write(folder, content):
    """Write a file and give its path; what is not bytes is dumped as YAML."""
    path = folder / "connector.yaml"
    path.write_bytes(content if isinstance(content, bytes) else yaml.safe_dump(content, sort_keys=False).encode())
    return path


def apply(folder, content, *, environment=None, now=NOW, **options):
    """Apply content from a file in a folder."""
    path = write(folder, content)
    return apply_file(path, environment=ENVIRONMENT | (environment or {}), now=now, **options)


def actions(changes):
    """Give the changes that are none of `unchanged`, in short."""
    return [
        f"{change.action} {change.entry.kind} {change.entry.name}" for change in changes if change.action != "unchanged"
    ]
