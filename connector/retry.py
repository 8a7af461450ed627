"""The one retry policy: given an error, does the work wait, stop for a person, or end?

Temporary errors wait: as long as the other side asked for, else a back-off that doubles, with jitter, up to an
hour; after a week the work ends as failed. Permanent errors that hold keep the work for a person, at once or after
a few tries where a try does no harm. All others end as failed at once. What we did not expect is our mistake: it
is tried a few times, since the cause may pass, and then ends.
"""

import contextlib
import logging
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.db import connection

from core.errors import ConnectorError, PermanentError, TemporaryError
from core.leases import LeaseLost

log = logging.getLogger(__name__)

LONGEST_WAIT_SECONDS = 3600
GIVE_UP_AFTER = timedelta(days=7)
TRIES_AT_OUR_MISTAKE = 5


class OurMistake(TemporaryError):
    """Something failed that no code foresaw."""

    code = "INTERNAL"
    next_step = "Tell us the reference; the work is kept."


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows an error: exactly one of `retry_at`, `holds` or neither (failed)."""

    retry_at: datetime | None = None
    holds: bool = False


def decide(
    error: ConnectorError,
    *,
    attempts: int,
    now: datetime,
    since: datetime | None = None,
    give_up_after: timedelta = GIVE_UP_AFTER,
) -> Decision:
    """Decide after the given number of attempts; `since` is when the work was first due."""
    if isinstance(error, PermanentError):
        if error.holds and attempts < error.tries_before_hold:
            return Decision(retry_at=now + timedelta(seconds=_wait(attempts)))
        return Decision(holds=error.holds)
    if isinstance(error, OurMistake) and attempts >= TRIES_AT_OUR_MISTAKE:
        return Decision()
    if since is not None and now - since > give_up_after:
        return Decision()
    asked = error.retry_after if isinstance(error, TemporaryError) else None
    return Decision(retry_at=now + timedelta(seconds=asked if asked is not None else _wait(attempts)))


def _wait(attempts: int) -> float:
    longest = min(LONGEST_WAIT_SECONDS, settings.RETRY_SECONDS * 2 ** min(attempts - 1, 20))
    return random.uniform(longest / 2, longest)  # noqa: S311 (jitter, not a secret)


SetBack = Callable[[ConnectorError, Decision], None]


@contextlib.contextmanager
def settled(set_back: SetBack, *, attempts: int, now: datetime, since: datetime | None = None) -> Iterator[None]:
    """Run a step; what it raises is decided here and handed to `set_back`, and goes no further.

    A lost lease is nobody's trouble: another worker does the work now."""
    try:
        yield
    except LeaseLost as lost:
        log.info("stopped: %s", lost.sentence)
    except ConnectorError as error:
        set_back(error, decide(error, attempts=attempts, now=now, since=since))
    except Exception as unforeseen:
        reference = uuid4()
        log.exception("a step failed in a way that no code foresaw, reference %s", reference)
        mistake = OurMistake(f"We made a mistake ({type(unforeseen).__name__}). Reference {reference}.")
        connection.close_if_unusable_or_obsolete()  # what broke may be the database connection itself
        set_back(mistake, decide(mistake, attempts=attempts, now=now, since=since))
