"""What can go wrong with telling somebody, each with its stable code.

TemporaryError
├── AlertNotTaken     ALERT_NOT_TAKEN     no answer, or an answer that asks for another try
└── MailNotSet        ALERT_MAIL_NOT_SET  the installation has no mail server yet
PermanentError
├── AlertRefused      ALERT_REFUSED       the other side says no, or leads elsewhere
└── AlertAddress      ALERT_ADDRESS       an address that is never connected to
"""

from core.errors import PermanentError, TemporaryError


class AlertNotTaken(TemporaryError):
    """The other side did not take the message this time."""

    code = "ALERT_NOT_TAKEN"
    next_step = "Nothing is lost: we try again, and the console shows every problem."


class MailNotSet(TemporaryError):
    """There is no mail server to send through."""

    code = "ALERT_MAIL_NOT_SET"
    next_step = "Set EMAIL_URL and ALERT_FROM, or let the rule use a webhook."


class AlertRefused(PermanentError):
    """The other side refuses the message, and would refuse it again."""

    code = "ALERT_REFUSED"
    next_step = "Check the rule's address, test it, then send what failed again."


class AlertAddress(PermanentError):
    """The webhook's address is not one that we connect to."""

    code = "ALERT_ADDRESS"
    next_step = "Use a public https:// address, or list its network in ALLOWED_PRIVATE_NETS."
