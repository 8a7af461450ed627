"""Places where a test can make a process die, raise, crash, sleep or stand still.

Planned from outside by `MLC_FAILPOINTS=name=exit;name=pause:3`. Without it `hit` does nothing. The crash matrix of
the delivery machine runs on them.
"""

import os
import threading
import time

from core.errors import TemporaryError

_PLAN = dict(part.split("=", 1) for part in os.environ.get("MLC_FAILPOINTS", "").split(";") if "=" in part)
_LONGEST_BLOCK = 60


class FailpointHit(TemporaryError):
    """A test asked for a failure here."""

    code = "FAILPOINT"


class Gate:
    """A place where one worker stands still: `reached` tells that it is there, `open` lets it go on."""

    def __init__(self) -> None:
        self.reached, self.open = threading.Event(), threading.Event()


_GATES: dict[str, Gate] = {}


def arm(name: str, action: str) -> None:
    """Plan an action (`exit`, `raise`, `crash`, `pause:SECONDS`) for the next hit of a place, in this process."""
    _PLAN[name] = action


def block(name: str) -> Gate:
    """Let the next worker that comes to a place stand still there until its gate is opened, in this process."""
    _PLAN[name] = "block"
    _GATES[name] = Gate()
    return _GATES[name]


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
    elif action == "block":
        _GATES[name].reached.set()
        _GATES[name].open.wait(_LONGEST_BLOCK)
    else:
        raise FailpointHit(f"A failure was planned at {name}.")


def disarm(name: str) -> None:
    """Plan nothing for a place any more."""
    _PLAN.pop(name, None)
