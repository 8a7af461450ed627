"""Answers other than 200, told apart. Source: Xero's page "HTTP response codes and errors" and live answers.

Bodies may be JSON with keys in any case, text, HTML or nothing, whatever the content type says.
"""

import json
from typing import Any

from core.errors import ConnectorError
from xero_app.errors import (
    XeroBadAnswer,
    XeroDown,
    XeroNotFound,
    XeroPermissionMissing,
    XeroQueryRefused,
    XeroRateLimited,
    XeroScopeMissing,
    XeroTokenExpired,
)
from xero_app.wire import Answer

_SHOWN = 200
_LOOKED_AT = 65536


def details(body: bytes) -> dict[str, str]:
    """Read the texts of an error body by lower-case key; empty when it is not a JSON object."""
    try:
        parsed: Any = json.loads(body[:_LOOKED_AT], strict=False)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(parsed, dict):
        return {}
    return {str(key).lower(): value for key, value in parsed.items() if isinstance(value, str)}


def reason(answer: Answer) -> str:
    """Say in a few words what Xero gave as the reason; empty when it gave none that can be shown."""
    texts = details(answer.body)
    found = texts.get("detail") or _complaint(answer.body) or texts.get("message") or texts.get("title", "")
    return " ".join(found.split())[:_SHOWN]


def _complaint(body: bytes) -> str:
    try:
        return str(json.loads(body[:_LOOKED_AT], strict=False)["Elements"][0]["ValidationErrors"][0]["Message"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""


def is_expired_token(answer: Answer) -> bool:
    """Say whether a 401 is about the token's age; everything else that is 401 lacks a scope."""
    return answer.status == 401 and b"authorizationunsuccessful" not in answer.body.lower()


def is_disconnected(answer: Answer) -> bool:
    """Say whether a 403 can mean that the organisation no longer allows the app."""
    return answer.status == 403 and "role" not in reason(answer).lower()


def refusal(answer: Answer, *, what: str) -> ConnectorError:
    """Make the error of an answer other than 200. `what` is what was asked for, in people's words."""
    why = reason(answer)
    suffix = f" ({why})" if why else ""
    suffix += f" Xero's reference: {answer.correlation_id}." if answer.correlation_id else ""
    return _error(answer, what, suffix)


def _error(answer: Answer, what: str, suffix: str) -> ConnectorError:
    status = answer.status
    if is_expired_token(answer):
        return XeroTokenExpired(f"Xero says that our access has expired.{suffix}")
    if status == 401:
        return XeroScopeMissing(f"The connection may not read {what}: the permission (scope) is missing.{suffix}")
    if status == 403:
        return XeroPermissionMissing(f"The person who connected Xero may not read {what}.{suffix}")
    if status == 429:
        return XeroRateLimited(f"Xero asked us to slow down again and again.{suffix}", retry_after=60)
    if status == 404:
        return XeroNotFound(f"Xero does not have these {what} (any more).{suffix}")
    if status >= 500 and status != 501:
        return XeroDown(f"Xero did not answer our question for {what} (status {status}).{suffix}")
    if status < 400:
        return XeroBadAnswer(f"Xero answered with status {status} where data for {what} was asked for.{suffix}")
    return XeroQueryRefused(f"Xero refuses our question for {what} (status {status}).{suffix}")
