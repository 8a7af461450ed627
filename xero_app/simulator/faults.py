"""Faults on demand: a queue of rules, each for the next calls whose path it matches.

Kinds: `status` (400 to 503 with that status' body), `drop` (closed before anything is done), `lost` (done, then
closed without an answer), `reset` (closed in the middle of the body), `truncate` (a body cut short that still
calls itself whole), `hang` (an answer that never comes, closed after `seconds`), `slow` (waits `seconds`),
`touch` (after answering, the first row of the answer is changed: a page shift).
"""

import threading
from dataclasses import asdict, dataclass
from typing import Any

from xero_app.simulator.exchange import HTML, TEXT, Response, not_found, problem, query_problem

KINDS = ("status", "drop", "lost", "reset", "truncate", "hang", "slow", "touch")


@dataclass(slots=True, kw_only=True)
class Fault:
    """One rule. `path` is matched anywhere in the request's path; `after` calls pass before it begins."""

    kind: str
    path: str = ""
    method: str = ""
    times: int = 1
    after: int = 0
    status: int = 500
    seconds: float = 0.0
    problem: str = "minute"
    retry_after: int | None = 5

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            msg = f"A fault's kind is one of {', '.join(KINDS)}, not {self.kind!r}."
            raise ValueError(msg)


class FaultQueue:
    """The rules waiting, first come first served."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Queues a rule."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Forgets all rules."""
        with self._lock:
            self._faults.clear()

    def listed(self) -> list[dict[str, Any]]:
        """The rules that still wait."""
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def take(self, *, method: str, path: str) -> Fault | None:
        """The rule for this call, counted down."""
        with self._lock:
            for fault in self._faults:
                if fault.path not in path or fault.method not in ("", method):
                    continue
                if fault.after:
                    fault.after -= 1
                    continue
                fault.times -= 1
                if fault.times <= 0:
                    self._faults.remove(fault)
                return fault
        return None


def faulty_answer(fault: Fault) -> Response:
    """The answer of a `status` fault, with the body and headers that status has on the live API."""
    status = fault.status
    if status == 429:
        headers = {"X-Rate-Limit-Problem": fault.problem}
        if fault.retry_after is not None and fault.problem != "concurrent":
            headers["Retry-After"] = str(fault.retry_after)
        return Response(status=429, content_type=TEXT, headers=headers)
    if status in _PROBLEMS:
        title, detail = _PROBLEMS[status]
        return problem(status=status, title=title, detail=detail)
    if status == 400:
        return query_problem("Simulated: the request could not be understood")
    if status == 404:
        return not_found()
    if status == 412:
        return Response(status=412, content_type=TEXT, body=b"Precondition Failed")
    return Response(status=status, content_type=HTML, body=_OFFLINE)


_PROBLEMS = {
    401: ("Unauthorized", "TokenExpired: token expired at 10/20/2026 21:00:00"),
    403: ("Forbidden", "AuthenticationUnsuccessful"),
    500: (
        "An error occurred",
        "An error occurred in Xero. Check the API Status page http://status.developer.xero.com",
    ),
}
_OFFLINE = b"<html><head><title>Service Unavailable</title></head><body><h1>The Xero API is offline</h1></body></html>"
