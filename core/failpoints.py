"""Places where a test can make a process die, raise, crash or sleep: `MLC_FAILPOINTS=name=exit;name=pause:3`.

Without the environment variable `hit` does nothing. The crash matrix of the delivery machine runs on them.
"""

import os
import time

from core.errors import TemporaryError

_PLAN = dict(part.split("=", 1) for part in os.environ.get("MLC_FAILPOINTS", "").split(";") if "=" in part)


class FailpointHit(TemporaryError):
    """A test asked for a failure here."""

    code = "FAILPOINT"


def arm(name: str, action: str) -> None:
    """Plan an action (`exit`, `raise`, `pause:SECONDS`) for the next hit of a place, in this process."""
    _PLAN[name] = action


def hit(name: str) -> None:
    """Do what is planned for this place, once."""
    if not _PLAN or name not in _PLAN:
        return
    action, _, argument = _PLAN.pop(name).partition(":")
    if action == "exit":
        os._exit(137)
    if action == "crash":
        raise RuntimeError(f"A crash was planned at {name}.")
    if action == "pause":
        time.sleep(float(argument))
        return
    raise FailpointHit(f"A failure was planned at {name}.")
