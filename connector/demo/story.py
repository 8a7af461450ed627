"""The demo's story: the first sync, a day's changes, and an evening without the partner's server."""

import random
import time
from collections.abc import Callable
from uuid import uuid4

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from connector import schedule, tasks
from connector.demo import show
from connector.demo.proof import checks
from connector.demo.stage import CONFIGURATION, INVOICES, Stage
from connector.natural_keys import find_integration
from connector.supervisor import ProcessEnded
from core.clock import database_now
from core.models import Export, Fetch, File, Integration, Run
from core.runs import ACTIVE
from core.states import FileState

INTEGRATION = "harbor/invoices-to-erp"
PATIENCE_SECONDS = 120


class Story:
    """Tells the demo's story on one stage."""

    def __init__(self, stage: Stage, console: Console, *, kills: int = 0) -> None:
        self.stage, self.console = stage, console
        self.kills_left, self.chance = kills, random.Random(kills)  # noqa: S311 (moments, not secrets)

    def tell(self) -> bool:
        """Tell it all; give whether everything was proved."""
        self._chapter("Setting up", self._set_up)
        integration = find_integration(INTEGRATION)
        self._chapter(f"First sync: {INVOICES} invoices and bills", lambda: self._first_sync(integration))
        self._chapter("A day's work in Xero, and only that is sent", lambda: self._a_days_work(integration))
        self._chapter("The partner's server goes down, and comes back", lambda: self._an_outage(integration))
        results = checks(self.stage.outbound, integration, self.stage.xero)
        show.files(self.console, integration)
        show.life_of_one_invoice(self.console, integration)
        show.proof(self.console, results)
        return all(check.holds for check in results)

    def _chapter(self, title: str, scene: Callable[[], None]) -> None:
        self.console.rule(f"[bold]{title}", align="left")
        scene()

    def _set_up(self) -> None:
        with self.console.status("starting Valkey, the simulated Xero and a real SFTP server"):
            self.stage.start_services()
        with self.console.status("making the tables and applying the configuration"):
            self.stage.manage("migrate", "--verbosity", "0")
            self.stage.manage("apply", str(CONFIGURATION))
        with self.console.status("starting a Celery worker and beat"):
            self.stage.start_workers()
        self.console.print(f"Worker and beat run; configuration {CONFIGURATION.name} is applied.")

    def _first_sync(self, integration: Integration) -> None:
        self._run(integration)
        left_out = INVOICES - Export.objects.filter(integration=integration).count()
        self.console.print(f"{left_out} of {INVOICES} are drafts or void and were never sent: they are left out.")

    def _run(self, integration: Integration) -> Run:
        run = self._open(integration)
        with self._progress() as progress:
            bars = {
                name: progress.add_task(name, total=None) for name in ("read from Xero", "put into files", "delivered")
            }
            while self._is_active(run):
                self._update(progress, bars, run)
            self._update(progress, bars, run)
        run.refresh_from_db()
        self.console.print(show.run_line(run))
        return run

    def _open(self, integration: Integration) -> Run:
        run = schedule.open_run(integration, request_id=uuid4(), now=database_now())
        assert run is not None  # noqa: S101 (a fresh request id always opens a run)
        tasks.ring(tasks.advance, run_id=run.pk)
        return run

    def _progress(self) -> Progress:
        columns = (SpinnerColumn(), TextColumn("{task.description:<16}"), BarColumn(), MofNCompleteColumn())
        return Progress(*columns, TimeElapsedColumn(), console=self.console)

    def _update(self, progress: Progress, bars: dict, run: Run) -> None:  # type: ignore[type-arg]
        fetches = Fetch.objects.filter(runs=run, stream__in=run.integration.streams)
        read = sum(fetch.read for fetch in fetches)
        expected = sum(fetch.item_count or 0 for fetch in fetches)
        exports = Export.objects.filter(run=run)
        formatted, delivered = exports.exclude(file=None).count(), exports.filter(state="delivered").count()
        progress.update(bars["read from Xero"], completed=read, total=expected or None)
        progress.update(bars["put into files"], completed=formatted, total=formatted or None)
        progress.update(bars["delivered"], completed=delivered, total=formatted or None)

    def _is_active(self, run: Run) -> bool:
        self.stage.supervisor.check()
        time.sleep(0.15)
        self._kill_the_worker_at_times()
        if (database_now() - run.created_at).total_seconds() > PATIENCE_SECONDS:
            raise ProcessEnded(f"Run {run.pk} did not end within {PATIENCE_SECONDS} seconds.")
        return Run.objects.filter(pk=run.pk, state__in=ACTIVE).exists()

    def _kill_the_worker_at_times(self) -> None:
        """With kills left: end the worker as a power cut would, at a moment left to chance, and start another."""
        if self.kills_left and self.chance.random() < 0.3:
            self.kills_left -= 1
            time.sleep(self.chance.random())
            self.stage.supervisor.kill("worker")
            self.console.print("[red]The worker was killed[/] and another one started.")
            self.stage.start_worker()

    def _a_days_work(self, integration: Integration) -> None:
        xero = self.stage.xero
        held = xero.get("holdings", streams="invoices")["invoices"]
        unpaid = [item for item in held if item["status"] == "AUTHORISED" and item["open"] == item["Total"]]
        moved = unpaid[:5]
        for item in moved[:3]:
            xero.post(f"invoices/{item['id']}", DueDate="2027-01-31")
        xero.post(f"invoices/{moved[3]['id']}/pay", Amount=moved[3]["open"], Date="2026-11-24")
        xero.post(f"invoices/{moved[4]['id']}/void")
        xero.post("invoices", InvoiceNumber="INV-DEMO-1", Status="AUTHORISED")
        xero.post("contacts/touch", count=5)
        self.console.print("3 due dates moved, 1 invoice paid, 1 voided, 1 new; 5 contacts touched without a change.")
        self._run(integration)

    def _an_outage(self, integration: Integration) -> None:
        self.stage.stop_sftp()
        self.stage.xero.post("invoices", InvoiceNumber="INV-DEMO-2", Status="AUTHORISED")
        run = self._open(integration)
        self._wait_for(run, FileState.RETRY_WAIT)
        file = File.objects.get(run=run)
        self.console.print(
            f"[yellow]{file.name} waits[/] ({file.problem_code}), next try {show.clock(file.next_attempt_at)}"
        )
        self.stage.start_sftp()
        while self._is_active(run):
            pass
        run.refresh_from_db()
        file.refresh_from_db()
        self.console.print(f"[green]{file.name} arrived[/] at attempt {file.attempts}; {show.run_line(run)}")

    def _wait_for(self, run: Run, state: str) -> None:
        while not File.objects.filter(run=run, state=state).exists():
            if not self._is_active(run):
                raise ProcessEnded(f"Run {run.pk} ended before its file was {state}.")
