"""`manage.py reset_second_factor USER`: for somebody who lost authenticator and recovery codes."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import CommandParser
from django.db import transaction

from connector.console.signin import codes
from connector.management.connector_command import ConnectorCommand, Exit
from connector.natural_keys import NotFound
from core import audit
from core.audit import INSTALLATION, EventDraft
from core.clock import database_now

ACTOR = "manage.py reset_second_factor"


class Command(ConnectorCommand):
    """Remove a person's second factor; at the next sign-in they set up a new one. Make sure who asks."""

    help = "Remove a person's authenticator and recovery codes, so that the next sign-in sets up new ones."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER")

    def work(self, **options: Any) -> Exit:
        user = get_user_model().objects.filter(username=options["user"]).first()
        if user is None:
            raise NotFound(f"There is no user {options['user']!r}.")
        with transaction.atomic():
            removed = codes.forget(user)
            detail = {"account": user.get_username(), "authenticators": removed}
            draft = EventDraft(INSTALLATION, "signin.second_factor_reset", actor=ACTOR, detail=detail)
            audit.append([draft], now=database_now())
        self.give({"user": user.get_username(), "removed": removed})
        self.say(f"{user.get_username()} sets up a second factor at the next sign-in.")
        return Exit.OK
