"""Going live takes up what is stored already, and a wider filter takes up what it newly lets in; nothing else does."""

import json
from datetime import UTC, datetime

import pytest

from core.models import Export, Integration, Organisation, Record
from tests.connector.config.files import INTEGRATION, NOW, actions, apply, configuration

pytestmark = pytest.mark.django_db


def store_invoice(number, *, kind="ACCREC", status="AUTHORISED", dated="2026-06-01"):
    """Store one invoice as if it had been read."""
    organisation = Organisation.objects.get()
    payload = {
        "InvoiceID": f"00000000-0000-0000-0000-{number:012d}",
        "InvoiceNumber": f"INV-{number}",
        "Type": kind,
        "Status": status,
        "DateString": f"{dated}T00:00:00",
        "Total": 10.00,
        "UpdatedDateUTC": "/Date(1780000000000+0000)/",
    }
    Record.objects.create(
        tenant=organisation.tenant,
        organisation=organisation,
        stream="invoices",
        xero_id=payload["InvoiceID"],
        version=1,
        updated_at=datetime(2026, 6, 1, tzinfo=UTC),
        sha256="0" * 64,
        payload=json.dumps(payload).encode(),
        number=payload["InvoiceNumber"],
        kind=kind,
        status=status,
        currency="USD",
        total="10.00",
    )


def exported():
    return sorted(Export.objects.values_list("number", flat=True))


def test_enabling_takes_up_the_stored_documents_once(tmp_path):
    apply(tmp_path, configuration({INTEGRATION + ".enabled": False}))
    store_invoice(1)
    store_invoice(2, dated="2025-12-31")
    assert Integration.objects.get().enabled_at is None
    apply(tmp_path, configuration({INTEGRATION + ".file_name": "x_{sequence}.csv", INTEGRATION + ".enabled": False}))
    assert exported() == []
    tried = apply(tmp_path, configuration(), dry_run=True)
    assert exported() == []
    applied = apply(tmp_path, configuration())
    assert exported() == ["INV-1"]
    for changes in (tried, applied):
        (change,) = [change for change in changes if change.action == "changed"]
        assert change.notes == ["stored documents taken up: 1 (10.00 USD)"]
    assert Integration.objects.get().enabled_at == NOW


def test_a_wider_filter_takes_up_what_it_newly_lets_in(tmp_path):
    apply(tmp_path, configuration())
    store_invoice(1)
    store_invoice(2, kind="ACCPAY")
    wider = configuration({INTEGRATION + ".where.type": ["ACCREC", "ACCPAY"]})
    assert actions(apply(tmp_path, wider)) == ["changed integration invoices-to-erp"]
    assert exported() == ["INV-1", "INV-2"]


def test_another_file_name_takes_nothing_up(tmp_path):
    apply(tmp_path, configuration())
    store_invoice(1)
    apply(tmp_path, configuration({INTEGRATION + ".file_name": "x_{sequence}.csv"}))
    assert exported() == []


def test_a_paused_integration_stays_live_and_keeps_its_first_day(tmp_path):
    apply(tmp_path, configuration())
    later = datetime(2026, 12, 1, tzinfo=UTC)
    apply(tmp_path, configuration({INTEGRATION + ".enabled": False}), now=later)
    integration = Integration.objects.get()
    assert (integration.is_enabled, integration.enabled_at) == (False, NOW)
