"""The first steps of an empty installation: what is there already, and what comes next."""

from typing import Any

from django.urls import reverse

from connector.console.access import Access
from connector.console.going_live import Task
from core.models import (
    Grant,
    GrantState,
    HostKey,
    HostKeyState,
    Integration,
    Mapping,
    Organisation,
    Partner,
    Server,
    Tenant,
)


def first_steps(access: Access) -> list[Task]:
    """List the way from an empty installation to the first integration, computed from data."""
    own = {model: access.scope(model._default_manager.all()) for model in (Server, Partner, Mapping, Organisation)}
    connected = access.scope(Grant.objects.filter(state=GrantState.CONNECTED))
    approved = access.scope(HostKey.objects.filter(state=HostKeyState.APPROVED), path="server__tenant_id")
    rows: list[tuple[str, Any, str, str]] = [
        (
            "Add a tenant",
            access.scope(Tenant.objects.all(), path="pk"),
            "A customer.",
            "tenant",
        ),
        ("Add a Xero connection", own[Organisation], "It reads one organisation.", "organisation"),
        ("Connect it", connected, "Sign in at Xero, or test a custom connection.", "organisation"),
        ("Add the SFTP server", own[Server], "Where the partner takes files.", "server"),
        ("Approve its host key", approved, "Compare it with what the server's owner tells you.", "server"),
        ("Add the partner", own[Partner], "Who receives, in which folders, under which ids.", "partner"),
        ("Make a mapping", own[Mapping], "Which output field comes from which Xero field.", "mapping"),
        ("Add the integration", access.scope(Integration.objects.all()), "It ties them together.", "integration"),
    ]
    return [Task(title, found.exists(), why, _link(model, found)) for title, found, why, model in rows]


def _link(model: str, found: Any) -> str:
    is_list = found.model._meta.model_name in ("grant", "hostkey")
    return reverse(f"admin:core_{model}_changelist" if is_list else f"admin:core_{model}_add")
