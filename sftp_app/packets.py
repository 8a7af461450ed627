"""SFTP version 3 on the wire (draft-ietf-secsh-filexfer-02): packet kinds, status codes, fields, attributes."""

import stat
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum


class Kind(IntEnum):
    """Packet types (draft-ietf-secsh-filexfer-02 §3)."""

    INIT = 1
    VERSION = 2
    OPEN = 3
    CLOSE = 4
    READ = 5
    WRITE = 6
    LSTAT = 7
    FSTAT = 8
    OPENDIR = 11
    READDIR = 12
    REMOVE = 13
    MKDIR = 14
    RMDIR = 15
    REALPATH = 16
    STAT = 17
    RENAME = 18
    STATUS = 101
    HANDLE = 102
    DATA = 103
    NAME = 104
    ATTRS = 105
    EXTENDED = 200
    EXTENDED_REPLY = 201


class Status(IntEnum):
    """Status codes. Those above 8 belong to later versions, yet some servers send them in version 3."""

    OK = 0
    EOF = 1
    NO_SUCH_FILE = 2
    PERMISSION_DENIED = 3
    FAILURE = 4
    UNSUPPORTED = 8
    NO_SUCH_PATH = 10
    ALREADY_EXISTS = 11
    WRITE_PROTECT = 12
    NO_SPACE = 14
    QUOTA_EXCEEDED = 15


READ, WRITE, CREATE, TRUNCATE, EXCLUSIVE = 0x01, 0x02, 0x08, 0x10, 0x20
NO_ATTRIBUTES = struct.pack(">I", 0)
_SIZE, _OWNER, _MODE, _TIMES, _EXTENDED = 0x01, 0x02, 0x04, 0x08, 0x80000000


def uint32(value: int) -> bytes:
    """Encode a 32-bit number."""
    return struct.pack(">I", value)


def uint64(value: int) -> bytes:
    """Encode a 64-bit number."""
    return struct.pack(">Q", value)


def string(value: bytes | str) -> bytes:
    """Encode a string with its length; text that came from a listing goes back byte for byte."""
    raw = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    return struct.pack(">I", len(raw)) + raw


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One entry on the server. `size` is in bytes; None when the server does not tell."""

    name: str
    size: int | None = None
    modified_at: datetime | None = None
    mode: int | None = None

    @property
    def is_folder(self) -> bool:
        """Say whether this is a folder."""
        return self.mode is not None and stat.S_ISDIR(self.mode)

    @property
    def is_link(self) -> bool:
        """Say whether this is a symbolic link."""
        return self.mode is not None and stat.S_ISLNK(self.mode)

    @property
    def is_file(self) -> bool:
        """Say whether this is a plain file; servers that tell no kind are believed to hold files."""
        return self.mode is None or stat.S_IFMT(self.mode) in (0, stat.S_IFREG)


class Fields:
    """Reads the fields of one packet in order. A packet cut short raises `struct.error`."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._at = 0

    def uint32(self) -> int:
        """Read a 32-bit number."""
        (value,) = struct.unpack_from(">I", self._raw, self._at)
        self._at += 4
        return int(value)

    def uint64(self) -> int:
        """Read a 64-bit number."""
        (value,) = struct.unpack_from(">Q", self._raw, self._at)
        self._at += 8
        return int(value)

    def string(self) -> bytes:
        """Read a string as bytes."""
        length = self.uint32()
        end = self._at + length
        if end > len(self._raw):
            raise struct.error("a string runs past its packet")
        value = self._raw[self._at : end]
        self._at = end
        return value

    def text(self) -> str:
        """Read a string as text; bytes that are no UTF-8 survive the round trip."""
        return self.string().decode("utf-8", "surrogateescape")

    def remains(self) -> bool:
        """Say whether fields are left."""
        return self._at < len(self._raw)

    def entry(self, name: str) -> RemoteFile:
        """Read an attribute block (draft §5) as the entry of that name."""
        flags = self.uint32()
        size = self.uint64() if flags & _SIZE else None
        if flags & _OWNER:
            self._at += 8
        mode = self.uint32() if flags & _MODE else None
        modified_at = None
        if flags & _TIMES:
            self._at += 4
            modified_at = datetime.fromtimestamp(self.uint32(), UTC)
        if flags & _EXTENDED:
            for _ in range(self.uint32()):
                self.string()
                self.string()
        return RemoteFile(name=name, size=size, modified_at=modified_at, mode=mode)
