"""The demo's proof: what lies in the partner's folder against what Xero holds, to the cent."""

import csv
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from core.audit import line_hash
from core.models import Event, File, Integration
from xero_app.simulator.remote import Remote

EXPORTED = ("AUTHORISED", "PAID")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was compared, and whether it holds."""

    what: str
    holds: bool


def delivered_rows(folder: Path, integration: Integration) -> dict[str, dict[str, str]]:
    """Read the delivered files in order; the last row of an invoice is what the partner knows of it."""
    rows: dict[str, dict[str, str]] = {}
    for file in File.objects.filter(integration=integration, state="delivered").order_by("sequence"):
        with (folder / file.name).open(newline="", encoding="utf-8") as stream:
            rows |= {row["xero_id"]: row for row in csv.DictReader(stream)}
    return rows


def checks(folder: Path, integration: Integration, xero: Remote) -> list[Check]:
    """Compare everything that can be compared."""
    held = xero.get("holdings", streams="invoices")["invoices"]
    rows = delivered_rows(folder, integration)
    valid = {item["id"]: item for item in held if item["status"] in EXPORTED}
    live = {xero_id: row for xero_id, row in rows.items() if row["action"] != "cancel"}
    sums = _sums((item["CurrencyCode"], item["Total"]) for item in valid.values())
    return [
        Check(f"all {len(valid)} invoices and bills are in the partner's folder", set(valid) == set(live)),
        Check(
            "every total equals Xero's, to the cent: "
            + ", ".join(f"{currency} {total:,.2f}" for currency, total in sums.items()),
            all(Decimal(live[xero_id]["total"]) == Decimal(item["Total"]) for xero_id, item in valid.items())
            and sums == _sums((row["currency"], row["total"]) for row in live.values()),
        ),
        Check("every file is byte for byte the one that the audit trail names", _same_bytes(folder, integration)),
        Check("no temporary file was left behind", not list(folder.glob(".*"))),
        Check(f"the chain of {Event.objects.count()} audit events is unbroken", _chain_holds()),
        Check("Xero was called with GET only", not xero.get("violations")),
    ]


def _sums(amounts: Iterable[tuple[str, str]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for currency, amount in amounts:
        sums[currency] = sums.get(currency, Decimal(0)) + Decimal(amount)
    return dict(sorted(sums.items()))


def _same_bytes(folder: Path, integration: Integration) -> bool:
    files = File.objects.filter(integration=integration, state="delivered")
    return all(hashlib.sha256((folder / file.name).read_bytes()).hexdigest() == file.sha256 for file in files)


def _chain_holds() -> bool:
    last = ""
    for event in Event.objects.order_by("sequence").iterator():
        if event.prev_hash != last or event.hash != line_hash(event):
            return False
        last = event.hash
    return True
