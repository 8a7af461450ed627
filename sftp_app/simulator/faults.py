"""How a simulated server misbehaves, switched on and off while it runs."""

from dataclasses import dataclass, fields
from enum import StrEnum


class Greeting(StrEnum):
    """What a new connection gets instead of SSH."""

    SSH = "ssh"
    SILENT = "silent"
    FLOOD = "flood"
    HTTP = "http"
    NO_KEY_EXCHANGE = "no_key_exchange"


class Sizes(StrEnum):
    """What the server tells about sizes: the truth, nothing (also in listings), nothing in stat, or one less."""

    TRUE = "true"
    MISSING = "missing"
    ONLY_LISTED = "only_listed"
    WRONG = "wrong"


class RenameAnswer(StrEnum):
    """What a rename gets: done unless the name is taken, done over it, or one of three refusals."""

    PLAIN = "plain"
    OVERWRITES = "overwrites"
    UNSUPPORTED = "unsupported"
    FAILURE = "failure"
    DENIED = "denied"


@dataclass(slots=True)
class Faults:
    """All faults; the defaults are a healthy server. Byte counts are per connection.

    Requests are named as in `sftp_app.packets.Kind`, in small letters (`close`, `lstat`, `rename`); `freeze_on`
    also knows `subsystem`, before any of them. `drop_after_bytes` and `lose_reply` happen once and switch
    themselves off. `takes_files`: the partner takes each file the moment it has its final name (no dot in
    front, no .tmp behind); with `takes_everything`, under any name. `flips_bytes`: what is read back is another file.
    """

    greeting: Greeting = Greeting.SSH
    refuse_sign_ins: int = 0
    sign_in_hangs: bool = False
    drops_sign_in: bool = False
    no_sftp: bool = False
    drop_after_bytes: int | None = None
    freeze_after_bytes: int | None = None
    freeze_on: str = ""
    lose_reply: str = ""
    close_after_files: int | None = None
    max_sessions: int | None = None
    short_reads: int | None = None
    bytes_per_second: float | None = None
    room: int | None = None
    silent_quota: int | None = None
    rename: RenameAnswer = RenameAnswer.PLAIN
    sizes: Sizes = Sizes.TRUE
    no_stat: bool = False
    no_list: bool = False
    write_only: bool = False
    no_hidden_names: bool = False
    no_empty_files: bool = False
    no_extensions: bool = False
    flips_bytes: bool = False
    takes_files: bool = False
    takes_everything: bool = False

    def heal(self) -> None:
        """Switch every fault off."""
        for field in fields(self):
            setattr(self, field.name, field.default)
