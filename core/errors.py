"""The error family: every failure that the product expects says what happened, where, and what to do next.

    ConnectorError
    ├── TemporaryError   worth another try by itself, after `retry_after` seconds or the usual back-off
    └── PermanentError   another try changes nothing
        └── (holds=True) ... until a person acts: the work is kept, on hold

Concrete errors live beside the code that raises them and only set `code` (stable, listed in
`docs/problems.md`, used in screens, metrics and exports) and their sentence. One place, `connector/retry.py`, decides
what follows.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong in something a person wrote: the place, the reason and the way out.

    `path` is the place in their own terms (`integrations[0].schedule.cron`, `row 4`, `BIG02`), `hint` the
    next step or the nearest valid name.
    """

    path: str
    reason: str
    hint: str = ""
    code: str = ""

    def __str__(self) -> str:
        text = f"{self.path}: {self.reason}"
        return f"{text} {self.hint}" if self.hint else text


class ConnectorError(Exception):
    """Base of all expected failures. `code` is stable; `sentence` and `next_step` are for people."""

    code = "INTERNAL"
    next_step = ""

    def __init__(self, sentence: str, *, next_step: str | None = None, code: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        if next_step is not None:
            self.next_step = next_step
        if code is not None:
            self.code = code


class TemporaryError(ConnectorError):
    """Worth another try by itself. `retry_after` is in seconds when the other side named a time."""

    def __init__(
        self,
        sentence: str,
        *,
        retry_after: float | None = None,
        next_step: str | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(sentence, next_step=next_step, code=code)
        self.retry_after = retry_after


class PermanentError(ConnectorError):
    """Another try changes nothing. With `holds`, the work is kept until a person has acted; so many tries come
    first where a try does no harm."""

    holds = False
    tries_before_hold = 1


class Invalid(PermanentError):
    """Something cannot be accepted as it is; `findings` names every place at once.

    The code is that of the first finding, the next steps are their hints."""

    code = "INVALID"

    def __init__(self, findings: list[Finding] | tuple[Finding, ...], *, code: str | None = None) -> None:
        self.findings = tuple(findings)
        first = self.findings[0].code if self.findings else ""
        super().__init__("\n".join(str(item) for item in self.findings), code=code or first or None)

    @property
    def reasons(self) -> str:
        """Give the reasons alone, for a screen that shows places and next steps by themselves."""
        return " ".join(item.reason for item in self.findings)

    @property
    def hints(self) -> str:
        """Give what to do, each step once."""
        return " ".join(dict.fromkeys(item.hint for item in self.findings if item.hint))
