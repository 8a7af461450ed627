"""Ending an sshd and all its sessions at once, as when the machine loses power."""

import os
import signal
from pathlib import Path


def kill_sessions(sshd):
    """Kill the server and every process below it."""
    for child in _children_of(sshd.process.pid):
        os.kill(child, signal.SIGKILL)
    sshd.process.kill()
    sshd.process.wait(10)


def _children_of(pid):
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            found += [child, *_children_of(child)]
    return found
