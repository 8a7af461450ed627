"""What the page of one integration shows: its way, its schedule, its settings, and what waits."""

from dataclasses import dataclass
from typing import Any

from django.db.models import IntegerField, Subquery
from django.urls import reverse

from connector.console import words
from connector.console.cron_words import in_words, next_slots
from connector.console.detail import Card
from connector.console.going_live import next_task, tasks_of
from connector.console.standing import standing_of
from connector.schedule import zone_of
from core.models import Export, Integration, Problem, ProblemState
from core.states import ExportState

MOST_COUNTED = 1000
MOST_PROBLEMS = 2
WAITING = (ExportState.PENDING, ExportState.HELD, ExportState.FAILED)


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop on the way of the records, with the page that explains it."""

    name: str
    icon: str
    words: str
    link: str
    lines: tuple[str, ...] = ()


def context(integration: Any) -> dict[str, Any]:
    """Give everything that the page shows."""
    open_ones = Problem.objects.filter(integration=integration, state=ProblemState.OPEN).order_by("-last_seen_at")
    problems = list(open_ones[: MOST_PROBLEMS + 1])
    tasks = tasks_of(integration) if integration.enabled_at is None else []
    return {
        "tasks": tasks,
        "next_task": next_task(tasks),
        "standing": standing_of(integration),
        "way": way(integration),
        "schedule": schedule_of(integration),
        "integration_zone": zone_of(integration),
        "last_success_at": integration.last_success_at,
        "cards": [start(integration), output(integration), changes(integration)],
        "waiting": waiting(integration),
        "runs": list(integration.runs.order_by("-pk")[:10]),
        "problems": problems[:MOST_PROBLEMS],
        "has_more_problems": len(problems) > MOST_PROBLEMS,
    }


def streams_in_words(integration: Integration) -> str:
    """Name what an integration carries: `Invoices, Credit notes`."""
    return ", ".join(f"{words.STREAMS.get(stream, stream)}s" for stream in integration.streams)


def way(integration: Integration) -> list[Stop]:
    """Name the stops from Xero to the partner's folder."""
    partner = integration.partner
    folder = integration.folder or partner.folders.get("send_to", "")
    version = integration.pinned_version
    pinned = f"pinned to version {version.number}" if version else "newest published version"
    return [
        Stop(
            "Xero",
            "cloud_download",
            str(integration.organisation),
            _page("organisation", integration.organisation_id),
            (streams_in_words(integration), *filter_in_words(integration.where)),
        ),
        Stop("Mapping", "table_convert", str(integration.mapping), _page("mapping", integration.mapping_id), (pinned,)),
        Stop("Partner", "handshake", str(partner), _page("partner", partner.pk), (partner.get_mode_display(),)),
        Stop("Server", "dns", str(partner.server), _page("server", partner.server_id), (folder,)),
    ]


def _page(model: str, pk: Any) -> str:
    return reverse(f"admin:core_{model}_change", args=[pk])


def filter_in_words(where: dict[str, Any]) -> list[str]:
    """Say which records are chosen, one line a condition."""
    lines = []
    if kinds := where.get("type"):
        lines.append("Only " + ", ".join(words.KINDS.get(kind, kind) for kind in kinds))
    if statuses := where.get("status"):
        lines.append("Status " + ", ".join(statuses))
    if contacts := where.get("contacts"):
        lines.append("Contacts " + ", ".join(contacts[:5]) + (" and more" if len(contacts) > 5 else ""))
    if expression := where.get("expr"):
        lines.append(f"Where {expression}")
    return lines


def schedule_of(integration: Any) -> dict[str, Any]:
    """Say when the integration runs, in words and as its next slots."""
    zone = zone_of(integration)
    slots = next_slots(integration.cron, zone=zone, after=integration.judged_at) if integration.is_enabled else []
    return {"words": in_words(integration.cron, zone=zone), "next": slots}


def start(integration: Integration) -> Card:
    """Say where the integration starts and what happens to older documents."""
    return Card(
        "Start",
        [
            ("Documents dated from", words.day(integration.start_on)),
            ("Older documents", integration.get_opening_display()),
            ("Enabled", "yes" if integration.is_enabled else "no"),
        ],
    )


def output(integration: Integration) -> Card:
    """Say what the files look like from outside."""
    batch = {"run": "One file a run", "record": "One file a record"}
    return Card(
        "Files",
        [
            ("Name", integration.file_name),
            ("Folder", integration.folder or f"{integration.partner.folders.get('send_to', '')} (the partner's)"),
            ("Batch", batch.get(integration.batch, f"At most {integration.batch} records a file")),
            ("Without records", integration.get_when_empty_display()),
        ],
    )


def changes(integration: Integration) -> Card:
    """Say what happens when something changes that the partner already has."""
    return Card(
        "When something changes",
        [
            ("A change", integration.get_on_change_display()),
            ("A void", integration.get_on_void_display()),
            ("A bad record", integration.get_bad_record_display()),
        ],
    )


def waiting(integration: Integration) -> list[tuple[str, str]]:
    """Count the records that wait, are on hold or failed; counting stops at a thousand."""
    rows = Export.objects.filter(integration=integration.pk).values("pk")
    counts = {f"{state}_exports": CappedCount(rows.filter(state=state)[: MOST_COUNTED + 1]) for state in WAITING}
    found: Any = Integration.objects.filter(pk=integration.pk).values(**counts).get()
    shown = {str(state): found[f"{state}_exports"] for state in WAITING}
    return [(state, _capped(count)) for state, count in shown.items() if count]


def _capped(count: int) -> str:
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)


class CappedCount(Subquery):
    """Counts the rows of a query that has a limit, so that a big backlog costs no more than the limit."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS capped)"
    output_field = IntegerField()
