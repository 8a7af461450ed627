"""Alerts by e-mail, through Django's mail: plain text, one message to all recipients of a rule."""

import smtplib
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage

from connector.alerts import text
from connector.alerts.errors import AlertNotTaken, AlertRefused, MailNotSet
from core.models import AlertMessage


def is_set_up() -> bool:
    """Say whether the installation can send mail."""
    return bool(settings.EMAIL_URL)


def send_mail(message: AlertMessage) -> None:
    """Send a message to its rule's recipients; returning means that the mail server took it.

    Raises `MailNotSet`, `AlertNotTaken`, or `AlertRefused` when no recipient is taken."""
    if not is_set_up():
        raise MailNotSet("This installation has no mail server.")
    mail = EmailMessage(
        subject=text.subject_of(message),
        body="\n".join(text.lines_of(message)),
        from_email=settings.ALERT_FROM,
        to=list(message.rule.recipients),
        headers={"Message-ID": _message_id(message), "Auto-Submitted": "auto-generated"},
    )
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as refused:
        codes = sorted({code for code, _ in refused.recipients.values()})
        words = f"The mail server takes none of the recipients ({', '.join(map(str, codes))})."
        raise (AlertRefused if min(codes, default=0) >= 500 else AlertNotTaken)(words) from None
    except smtplib.SMTPResponseException as answer:
        raise AlertNotTaken(f"The mail server answered {answer.smtp_code}.") from None
    except (smtplib.SMTPException, OSError) as error:
        raise AlertNotTaken(f"The mail server did not take the message ({type(error).__name__}).") from None


def _message_id(message: AlertMessage) -> str:
    """The same at every try, so that a mail that was taken twice is one in the reader's inbox."""
    domain = parseaddr(settings.ALERT_FROM)[1].rpartition("@")[2] or "localhost"
    return f"<alert-{message.key}@{domain}>"
