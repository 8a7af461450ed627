"""A soak of the delivery machine: real workers, broker and sshd, killed at random, and a table of what came of it.

`python -m tests.faults.chaos --seconds 60 --seed 1`; the same seed makes the same plan. Workers also die at planned
points of the machine, since random kills alone are too weak a test. Exit code 1 when a file was lost, doubled or cut.
"""

import argparse
import base64
import os
import secrets
import sys
import tempfile
from pathlib import Path

import django
from django.core.management import call_command

SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "connector.settings",
    "LEASE_SECONDS": "4",
    "SWEEP_SECONDS": "1",
    "RETRY_SECONDS": "0.3",
    "ALLOWED_PRIVATE_NETS": "127.0.0.0/8",
    "WORKER_THREADS": "2",
    "SECRET_KEY": secrets.token_urlsafe(40),
    "CONNECTOR_KEKS": f"chaos={base64.b64encode(secrets.token_bytes(32)).decode()}",
    "CONNECTOR_KEK_ACTIVE": "chaos",
}


def main():
    """Run a soak and print its table."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="mlc-chaos-") as folder:
        place = Path(folder)
        database = options.database or f"sqlite:///{place / 'chaos.sqlite3'}"
        broker = f"unix://{place / 'valkey' / 'valkey.sock'}"
        os.environ.update(SETTINGS, DATABASE_URL=database, REDIS_URL=broker)
        table, stories = _soak(options, place)
    sys.stdout.write(f"seed {options.seed}, {options.seconds:.0f} seconds\n")
    for name, figure in table.items():
        sys.stdout.write(f"  {name:<30} {figure:>6}\n")
    sys.stdout.writelines(f"  {story}\n" for story in stories)
    return int(any(table[name] for name in ("lost", "doubled", "cut or changed")))


def _options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long things are killed")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(100_000))
    parser.add_argument("--database", default="", help="a URL of an empty database; SQLite without it")
    return parser.parse_args()


def _soak(options, place):
    """Set Django up, now that its settings are in the environment, and run."""
    django.setup()
    call_command("migrate", verbosity=0)
    from connector.supervisor import supervised
    from tests.faults.soak import Soak
    from tests.sshd import running_sshd

    with running_sshd(place / "sshd") as sshd, supervised(place / "logs", {}) as supervisor:
        soak = Soak(options, place, supervisor, sshd)
        soak.run()
        return soak.table(), list(soak.stories())


if __name__ == "__main__":
    sys.exit(main())
