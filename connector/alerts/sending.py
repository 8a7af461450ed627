"""Sending one message of an alert rule: claimed, counted, tried, and settled by the one retry policy."""

from collections.abc import Callable
from datetime import datetime

from connector.alerts import bodies
from connector.alerts.errors import AlertAddress
from connector.alerts.mail import send_mail
from connector.alerts.posting import post
from connector.retry import Decision, settled
from connector.targets import allowed_nets
from core import alerts
from core.clock import database_now
from core.errors import ConnectorError
from core.models import AlertChannel, AlertMessage
from core.secret import Secret


def send(message_id: int, *, now: datetime) -> None:
    """Send a message that is due; nothing happens when it is sent, early or worked on.

    At least once: a worker that dies between the other side's answer and our note sends the same message again, under
    the same id."""
    begun = alerts.begin(message_id, now=now)
    if begun is None:
        return
    message, lease = begun

    def set_back(error: ConnectorError, decision: Decision) -> None:
        alerts.set_back(message, lease, error, retry_at=decision.retry_at, now=database_now())

    with settled(set_back, attempts=message.attempts, now=now, since=message.created_at):
        CHANNELS[message.rule.channel](message, now)
        alerts.sent(message, lease, now=database_now())


def _mail(message: AlertMessage, _: datetime) -> None:
    send_mail(message)


def _slack(message: AlertMessage, _: datetime) -> None:
    post(_url(message), bodies.slack(message), {}, allowed_nets=allowed_nets())


def _teams(message: AlertMessage, _: datetime) -> None:
    post(_url(message), bodies.teams(message), {}, allowed_nets=allowed_nets())


def _webhook(message: AlertMessage, now: datetime) -> None:
    body = bodies.webhook(message)
    headers = bodies.signature_headers(message, body, _sealed(message, "secret"), now=now)
    post(_url(message), body, headers, allowed_nets=allowed_nets())


def _url(message: AlertMessage) -> Secret:
    return _sealed(message, "url")


def _sealed(message: AlertMessage, field: str) -> Secret:
    found = message.rule.unseal(field)
    if found is None:
        raise AlertAddress(f"The alert rule has no {field}.", next_step="Enter it on the rule's page.")
    return found


CHANNELS: dict[str, Callable[[AlertMessage, datetime], None]] = {
    AlertChannel.EMAIL: _mail,
    AlertChannel.SLACK: _slack,
    AlertChannel.TEAMS: _teams,
    AlertChannel.WEBHOOK: _webhook,
}
