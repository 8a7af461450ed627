"""Who may sign in at the simulated server, and by which methods."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import paramiko
from paramiko.common import (
    AUTH_FAILED,
    AUTH_PARTIALLY_SUCCESSFUL,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_SUCCEEDED,
)
from paramiko.server import InteractiveQuery

from sftp_app.simulator.faults import Faults
from sftp_app.simulator.journal import Journal


@dataclass(frozen=True, slots=True)
class Account:
    """One account. `methods` are SSH's names; with `needs_both` the key is followed by the password."""

    username: str
    password: str = ""
    authorized_keys: tuple[str, ...] = ()
    methods: tuple[str, ...] = ("publickey", "password")
    needs_both: bool = False


@dataclass(eq=False, slots=True)
class Door(paramiko.ServerInterface):
    """One connection's sign-in. `closed` is set when the simulator stops, `drop` cuts the line."""

    account: Account
    faults: Faults
    journal: Journal
    closed: threading.Event
    drop: Callable[[], None]
    has_shown_key: bool = field(default=False)

    def get_allowed_auths(self, username: str) -> str:
        """Name the methods that are open."""
        if self.account.needs_both:
            return "password" if self.has_shown_key else "publickey"
        return ",".join(self.account.methods)

    def check_auth_password(self, username: str, password: str) -> int:
        """Judge a password."""
        is_open = "password" in self.account.methods and (self.has_shown_key or not self.account.needs_both)
        return self._judge("password", username, is_open and self._knows(password))

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        """Judge a key."""
        line = f"{key.get_name()} {key.get_base64()}"
        known = any(line in entry for entry in self.account.authorized_keys)
        verdict = self._judge("publickey", username, known and "publickey" in self.account.methods)
        if verdict == AUTH_SUCCESSFUL and self.account.needs_both:
            self.has_shown_key = True
            return AUTH_PARTIALLY_SUCCESSFUL
        return verdict

    def check_auth_interactive(self, username: str, submethods: str) -> int | InteractiveQuery:
        """Ask for the password as a question."""
        if "keyboard-interactive" not in self.account.methods:
            return AUTH_FAILED
        return InteractiveQuery("", "", ("Password: ", False))

    def check_auth_interactive_response(self, responses: list[str]) -> int:
        """Judge the answer to that question."""
        right = len(responses) == 1 and self._knows(responses[0])
        return self._judge("keyboard-interactive", self.account.username, right)

    def check_channel_request(self, kind: str, chanid: int) -> int:
        """Let sessions in and nothing else."""
        return OPEN_SUCCEEDED if kind == "session" else OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def check_channel_subsystem_request(self, channel: paramiko.Channel, name: str) -> bool:
        """Start SFTP, unless this server has none."""
        if self.faults.freeze_on == "subsystem":
            self.closed.wait()
        if self.faults.no_sftp:
            return False
        return super(Door, self).check_channel_subsystem_request(channel, name)

    def _knows(self, password: str) -> bool:
        return bool(self.account.password) and password == self.account.password

    def _judge(self, method: str, username: str, is_right: bool) -> int:
        if self.faults.sign_in_hangs:
            self.closed.wait()
        if self.faults.drops_sign_in:
            self.drop()
        if self.faults.refuse_sign_ins > 0:
            self.faults.refuse_sign_ins -= 1
            is_right = False
        accepted = is_right and username == self.account.username
        self.journal.note("sign-in", f"{method} {username} {'accepted' if accepted else 'refused'}")
        return AUTH_SUCCESSFUL if accepted else AUTH_FAILED
