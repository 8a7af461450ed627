"""Going live: what must be true before an integration may run by itself, computed from data every time."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists
from django.urls import reverse

from connector.console import words
from connector.console.words import Look
from core.models import (
    File,
    GrantState,
    HostKey,
    HostKeyState,
    Integration,
    MappingVersion,
    Mode,
    Run,
    RunTrigger,
    Server,
)
from core.states import RunState

DONE = Look("Done", "good", "check_circle")
OPEN = Look("To do", "warn", "radio_button_unchecked")
ADVICE = Look("Advised", "idle", "lightbulb")


@dataclass(frozen=True, slots=True)
class Task:
    """One step of going live: whether it is done, why it matters, and where to do it."""

    title: str
    is_done: bool
    why: str
    link: str
    is_needed: bool = True

    @property
    def look(self) -> Look:
        """Show how the step stands."""
        return DONE if self.is_done else OPEN if self.is_needed else ADVICE


def tasks_of(integration: Integration) -> list[Task]:
    """List the steps of an integration in the order in which they are done."""
    facts = facts_of(integration)
    return [*_xero(integration), *_server(integration, facts), *_sending(integration, facts)]


def facts_of(integration: Integration) -> dict[str, bool]:
    """Read what the steps rest on and the integration does not say itself, in one query."""
    keys = HostKey.objects.filter(server=_receiving(integration).pk, state=HostKeyState.APPROVED)
    tried = Run.objects.filter(integration=integration.pk, trigger=RunTrigger.DRY_RUN, state=RunState.DONE)
    facts = {
        "has_key": Exists(keys),
        "is_published": Exists(MappingVersion.objects.filter(mapping=integration.mapping_id)),
        "was_tried": Exists(tried),
        "sent_tests": Exists(File.objects.filter(integration=integration.pk, is_test=True)),
    }
    found: Any = Integration.objects.filter(pk=integration.pk).values(**facts).get()
    return dict(found)


def is_ready(tasks: list[Task]) -> bool:
    """Say whether nothing that is needed is left to do."""
    return all(task.is_done for task in tasks if task.is_needed)


def next_task(tasks: list[Task]) -> Task | None:
    """Give the first step that is left."""
    return next((task for task in tasks if not task.is_done), None)


def _page(model: str, pk: Any) -> str:
    return reverse(f"admin:core_{model}_change", args=[pk])


def _xero(integration: Integration) -> list[Task]:
    organisation = integration.organisation
    link = reverse("xero-connection", args=[organisation.pk])
    return [
        Task(
            "Connect Xero",
            organisation.grant.state == GrantState.CONNECTED,
            "From then on it is read by itself.",
            link,
        ),
        Task(
            "Know the organisation",
            bool(organisation.xero_tenant_id),
            "Found when it is connected; where the sign-in reaches several, choose one.",
            link,
        ),
    ]


def _server(integration: Integration, facts: dict[str, bool]) -> list[Task]:
    server = _receiving(integration)
    link = _page("server", server.pk)
    works = server.tested_at is not None and not server.hold_code and not server.failures
    return [
        Task("Enter how to sign in", bool(server.password or server.private_key), "A password or a key.", link),
        Task(
            "Approve the host key", facts["has_key"], "Nothing is sent to a server that nobody has vouched for.", link
        ),
        Task("Test the connection", works, "Writes, renames and deletes a small file in the folder.", link),
    ]


def _receiving(integration: Integration) -> Server:
    """Give the server that files go to as the partner's mode is now."""
    partner = integration.partner
    return (partner.test_server if partner.mode == Mode.TEST else None) or partner.server


def _sending(integration: Integration, facts: dict[str, bool]) -> list[Task]:
    return [*_content(integration, facts), *_rhythm(integration), *_trial(integration, facts)]


def _content(integration: Integration, facts: dict[str, bool]) -> list[Task]:
    mapping = integration.mapping
    formats = f"{', '.join(integration.streams)} by the mapping {mapping}."
    return [
        Task("Choose records and format", True, formats.capitalize(), _form(integration)),
        Task(
            "Publish the mapping",
            integration.pinned_version_id is not None or facts["is_published"],
            "Look at the preview on your own newest record first.",
            reverse("admin:core_mapping_editor", args=[mapping.pk]),
        ),
    ]


def _rhythm(integration: Integration) -> list[Task]:
    older = integration.get_opening_display()
    starts = f"Documents dated from {words.day(integration.start_on)} on; older ones: {older.lower()}."
    return [
        Task(
            "Say when it runs",
            bool(integration.cron) or integration.on_webhook == "send",
            "Without a schedule it runs only by hand.",
            _form(integration),
            is_needed=False,
        ),
        Task("Say where it starts", True, f"{starts} Their number and sum are shown before.", _form(integration)),
    ]


def _trial(integration: Integration, facts: dict[str, bool]) -> list[Task]:
    partner = integration.partner
    return [
        Task(
            "Try it without sending",
            facts["was_tried"],
            "A dry run builds the first files and shows them. Run now reads the records from Xero before.",
            reverse("admin:core_integration_dry_run", args=[integration.pk]),
            is_needed=False,
        ),
        Task(
            "Send test files first",
            partner.mode == Mode.TEST or facts["sent_tests"],
            "In test mode files are marked as tests; production is one reviewed step later.",
            _page("partner", partner.pk),
            is_needed=False,
        ),
    ]


def _form(integration: Integration) -> str:
    return _page("integration", integration.pk) + "?edit=1"
