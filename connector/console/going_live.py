"""Going live: what must be true before an integration may run by itself, computed from data every time."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from connector.console.words import Look
from connector.publishing import latest_version
from core.models import GrantState, HostKeyState, Integration, Mode, Server

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
    return [*_xero(integration), *_server(integration), *_sending(integration)]


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


def _server(integration: Integration) -> list[Task]:
    server = _receiving(integration)
    link = _page("server", server.pk)
    has_key = server.host_keys.filter(state=HostKeyState.APPROVED).exists()
    works = server.tested_at is not None and not server.hold_code and not server.failures
    return [
        Task("Enter how to sign in", bool(server.password or server.private_key), "A password or a key.", link),
        Task("Approve the host key", has_key, "Nothing is sent to a server that nobody has vouched for.", link),
        Task("Test the connection", works, "Writes, renames and deletes a small file in the folder.", link),
    ]


def _receiving(integration: Integration) -> Server:
    """Give the server that files go to as the partner's mode is now."""
    partner = integration.partner
    return (partner.test_server if partner.mode == Mode.TEST else None) or partner.server


def _sending(integration: Integration) -> list[Task]:
    mapping, partner = integration.mapping, integration.partner
    return [
        Task(
            "Publish the mapping",
            integration.pinned_version_id is not None or latest_version(mapping) is not None,
            "Look at the preview on your own newest record first.",
            reverse("admin:core_mapping_editor", args=[mapping.pk]),
        ),
        Task(
            "Say when it runs",
            bool(integration.cron) or integration.on_webhook == "send",
            "Without a schedule it runs only by hand.",
            _page("integration", integration.pk) + "?edit=1",
            is_needed=False,
        ),
        Task(
            "Send test files first",
            partner.mode == Mode.TEST or integration.files.filter(is_test=True).exists(),
            "In test mode files are marked as tests; production is one reviewed step later.",
            _page("partner", partner.pk),
            is_needed=False,
        ),
    ]
