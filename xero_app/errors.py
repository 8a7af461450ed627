"""What can go wrong between us and Xero, told apart: each error has a stable code, a sentence and a next step."""

from core.errors import PermanentError, TemporaryError


class XeroDown(TemporaryError):
    """Xero cannot be reached, breaks off, or answers with a failure of its own."""

    code = "XERO_DOWN"
    next_step = "Nothing to do; we try again. Xero's status page says whether it is known: status.xero.com."


class XeroTimeout(XeroDown):
    """Xero took too long; smaller pages may help."""


class XeroBadAnswer(TemporaryError):
    """A whole answer cannot be read (HTML, cut off, too large); the next one may be whole."""

    code = "XERO_BAD_ANSWER"
    next_step = "Nothing to do; we try again. If it stays, report Xero's reference to Xero."


class XeroBadRecord(PermanentError):
    """One object of an answer cannot be read. `place` is the field, `xero_id` the object when it can be told."""

    code = "XERO_BAD_ANSWER"
    next_step = "Open the object in Xero and correct the field; it is read again once it was changed."

    def __init__(self, stream: str, *, place: str, reason: str, xero_id: str = "") -> None:
        self.stream, self.place, self.xero_id = stream, place, xero_id
        which = f"{stream} {xero_id}".strip()
        super().__init__(f"Xero's answer for {which} cannot be read at {place or 'its beginning'}: {reason}")


class XeroRateLimited(TemporaryError):
    """A limit of Xero is used up, or Xero said so; `retry_after` says when to go on. The code names the limit."""

    code = "XERO_RATE_MINUTE"
    next_step = "Nothing to do; we go on by ourselves."


class XeroLimiterDown(TemporaryError):
    """Redis, which counts the calls of all workers, does not answer; calling Xero uncounted is not safe."""

    code = "XERO_LIMITER_DOWN"
    next_step = "Start Redis again or correct REDIS_URL; nothing is lost."


class XeroTokenExpired(TemporaryError):
    """Xero calls even a fresh access token expired, or another worker is still renewing it."""

    code = "XERO_TOKEN_EXPIRED"
    next_step = "Nothing to do; we sign in again with the next try."


class XeroHeld(PermanentError):
    """A person has to act in Xero or in the console; until then the work is kept."""

    holds = True


class XeroReconnectNeeded(XeroHeld):
    """Xero no longer accepts the grant."""

    code = "XERO_AUTH_EXPIRED"
    next_step = "Reconnect Xero."


class XeroAppRefused(XeroHeld):
    """Xero does not accept the app's client id and secret, or not for this kind of sign-in."""

    code = "XERO_APP_REFUSED"
    next_step = "Compare client id and secret with the app's page at developer.xero.com and enter them again."


class XeroScopeMissing(XeroHeld):
    """The grant lacks the scope of a stream; signing in again without it changes nothing."""

    code = "XERO_SCOPE"
    next_step = "Reconnect Xero with this permission."


class XeroPermissionMissing(XeroHeld):
    """The person who connected may not read this in Xero."""

    code = "XERO_PERMISSION"
    next_step = "Let a user with that role in Xero (reports included) reconnect."


class XeroDisconnected(XeroHeld):
    """The organisation no longer allows the app."""

    code = "XERO_DISCONNECTED"
    next_step = "Reconnect Xero and choose the organisation."


class XeroQueryRefused(PermanentError):
    """Xero refuses the question itself; asking again gives the same answer."""

    code = "XERO_QUERY_REFUSED"
    next_step = "Read a shorter period; if it stays, report it with Xero's reference."


class XeroNotFound(PermanentError):
    """Xero has no such object (any more)."""

    code = "XERO_NOT_FOUND"
    next_step = "Look the object up in Xero; drafts can be gone for good."
