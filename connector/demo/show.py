"""What the demo shows: tables and lines for people."""

from datetime import datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from connector.audit_lines import lines_of
from connector.demo.proof import Check
from core.models import Export, File, Integration, Run


def clock(moment: datetime | None) -> str:
    """Show a moment as UTC time of day."""
    return f"{moment:%H:%M:%S} UTC" if moment else "none"


def run_line(run: Run) -> str:
    """Tell a run in one line."""
    exports = Export.objects.filter(run=run)
    states = {state: exports.filter(state=state).count() for state in set(exports.values_list("state", flat=True))}
    counts = ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "nothing to send"
    return f"Run {run.pk}: [bold]{run.state}[/] ({counts})"


def files(console: Console, integration: Integration) -> None:
    """Show each file with records, size, hash and state."""
    folder = integration.folder or integration.partner.folders["send_to"]
    table = Table(title=f"What the partner received in {folder}", title_justify="left")
    for name in ("file", "records", "bytes", "sha256", "state", "tries"):
        table.add_column(name, justify="right" if name in ("records", "bytes", "tries") else "left", overflow="fold")
    for file in File.objects.filter(integration=integration).order_by("pk"):
        size = f"{file.size:,}" if file.size is not None else ""
        table.add_row(escape(file.name), str(file.record_count), size, file.sha256[:12], file.state, str(file.attempts))
    console.print(table)


def life_of_one_invoice(console: Console, integration: Integration) -> None:
    """Show the audit lines of one invoice, from its Xero id to the delivered file."""
    export = Export.objects.filter(integration=integration, number="INV-DEMO-2", state="delivered").first()
    if export is None:
        return
    table = Table(title=f"The life of {export.number} ({export.xero_id})", title_justify="left")
    for name in ("time", "event", "file", "detail"):
        table.add_column(name, overflow="fold")
    for line in lines_of(export.xero_id):
        detail = ", ".join(f"{key} {str(value)[:19]}" for key, value in line["detail"].items() if value)
        row = (line["at"][11:19], line["event"], line["file"] or "", detail)
        table.add_row(*(escape(str(cell)) for cell in row))
    console.print(table)


def proof(console: Console, results: list[Check]) -> None:
    """Show what was compared, and whether it holds."""
    console.rule("[bold]Checked against what Xero holds", align="left")
    for check in results:
        console.print(f"[{'green' if check.holds else 'red'}]{'✓' if check.holds else '✗ NOT TRUE:'}[/] {check.what}")
