"""Sign-ins in the audit trail: accepted, refused, locked, ended, and what people change about accounts.

They belong to no tenant, so they stand in the installation's own chain. Who acts from where is added by
`core.audit.acting_from`.
"""

from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from axes.signals import user_locked_out
from django.contrib.admin.models import LogEntry
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest

from connector.console.signin import step_up
from core import audit, row_security
from core.audit import INSTALLATION, EventDraft
from core.clock import database_now

LONGEST_NAME = 150


def note(event: str, user: Any, **detail: Any) -> None:
    """Write one line about an account; `user` is an account or the name that was typed."""
    name = user if isinstance(user, str) else user.get_username()
    name = "".join(letter for letter in name[:LONGEST_NAME] if letter.isprintable())
    with row_security.everything(), transaction.atomic():
        audit.append([EventDraft(INSTALLATION, event, actor=name or "nobody", detail=detail)], now=database_now())


@receiver(user_logged_in)
def _accepted(request: HttpRequest, user: Any, **_: Any) -> None:
    step_up.remember(request)
    note("signin.password", user)


@receiver(user_logged_out)
def _ended(request: HttpRequest, user: Any, **_: Any) -> None:
    if user is not None:
        note("signin.ended", user)


@receiver(user_login_failed)
def _refused(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """Note a refusal, unless the account is locked for this address already: a line for each try would be a way
    to fill the trail."""
    if request is None or AxesProxyHandler.is_allowed(request, credentials):
        note("signin.refused", str(credentials.get("username") or ""))


@receiver(user_locked_out)
def _locked(request: HttpRequest, username: str, **_: Any) -> None:
    """Note the try that locked, which was counted; those that meet the lock are not."""
    if getattr(request, "axes_failures_since_start", None):
        note("signin.locked", username or "")


@receiver(post_save, sender=LogEntry)
def _changed(instance: LogEntry, **_: Any) -> None:
    """Note what somebody changed through a form of Django's own."""
    kind = instance.content_type.model if instance.content_type else ""
    changes = instance.get_change_message()[:500]
    note("console.changed", instance.user, kind=kind, row=str(instance.object_id), name=str(instance), changes=changes)
