"""Reconciliation: what Xero holds for a range of document dates, read live, against what became of it here.

Days are Xero's own calendar days, those of the organisation: no date is ever shifted through a zone. Both sides
agree to the cent, or the line is red and names what is missing.
"""

from collections.abc import Sequence
from datetime import date

from connector.reconcile.compare import Comparison
from connector.reconcile.live import Listed, documents
from connector.reconcile.locked import late_changes
from connector.reconcile.report import Became, LateChange, Line, Missing, Report, Sum
from core.errors import ConnectorError, Finding, Invalid
from core.models import Integration, Organisation, Tenant
from xero_app.client import XeroClient

__all__ = ["Became", "LateChange", "Line", "Missing", "Report", "Sum", "reconcile"]


def reconcile(
    tenant: Tenant, *, day_from: date, day_to: date, interactive: bool = False, most_documents: int | None = None
) -> Report:
    """Compare every stream of every live integration of a tenant, documents dated in these days, both included.

    Xero is asked once a stream, however many integrations read it. `interactive` is for a person who waits; otherwise
    it waits itself where Xero's minute is used up. Of a stream with more than `most_documents` nothing is compared.
    Trouble with Xero makes the line red and stops nothing. Raises `Invalid` for days in the wrong order."""
    if day_to < day_from:
        reason = f"{day_to} is before {day_from}."
        raise Invalid([Finding("to", reason, "Choose a later last day.", "RECONCILE_RANGE")])
    report = Report(tenant.slug, day_from, day_to)
    for organisation in Organisation.objects.filter(tenant=tenant).select_related("grant").order_by("name"):
        live = Integration.objects.filter(organisation=organisation, enabled_at__isnull=False).order_by("name")
        integrations = list(live.select_related("organisation", "tenant"))
        with XeroClient(organisation, interactive=interactive) as client:
            for stream in dict.fromkeys(name for integration in integrations for name in integration.streams):
                readers = [integration for integration in integrations if stream in integration.streams]
                listed = Listed(is_patient=not interactive, most=most_documents)
                report.lines += _stream(client, stream, readers, report, listed)
        report.late += late_changes(organisation, day_from=day_from, day_to=day_to)
    return report


def _stream(
    client: XeroClient, stream: str, readers: Sequence[Integration], report: Report, listed: Listed
) -> list[Line]:
    comparisons = [Comparison(integration, stream) for integration in readers]
    days = {"day_from": report.day_from, "day_to": report.day_to}
    error = ""
    try:
        for page in documents(client, stream, **days, listed=listed):
            for comparison in comparisons:
                comparison.page(page)
        for comparison in comparisons:
            comparison.end(listed.seen, **days, unreadable=listed.unreadable)
    except ConnectorError as trouble:
        error = f"{trouble.sentence} {trouble.next_step}".strip()
    for comparison in comparisons:
        first = comparison.line()
        first.unlisted, first.error = listed.unlisted, error
    return [line for comparison in comparisons for _, line in sorted(comparison.lines.items())]
