"""What can go wrong with a server, each with its stable code, a plain sentence and the next step.

TemporaryError
├── SftpUnreachable      SFTP_UNREACHABLE    no name, no answer, or the connection broke
├── SftpTimedOut         SFTP_TIMEOUT        an answer or the whole session took too long
├── SftpShortWrite       SFTP_PARTIAL        the server holds another size than was sent
├── SftpVanished         SFTP_VANISHED       the file was gone right after the upload
├── SftpDiskFull         SFTP_DISK_FULL      the server has no room
├── SftpNoFile           SFTP_NO_FILE        the named file is not there
├── SftpUnsettled        SFTP_UNSETTLED      an inbound file changed while it was read
└── SftpFailed           SFTP_FAILED         refused without a reason
PermanentError, holds=True (the work waits for a person)
├── HostKeyMissing       SFTP_HOSTKEY_MISSING
├── HostKeyMismatch      SFTP_HOSTKEY_CHANGED
├── SftpAuthFailed       SFTP_AUTH           three tries at most, because accounts lock
├── SftpOutdated         SFTP_OUTDATED       the server speaks only algorithms that are broken
├── SftpPermissionDenied SFTP_PERMISSION
├── SftpNoFolder         SFTP_NO_DIR
├── SftpNameTaken        SFTP_NAME_TAKEN     another file has the final name; never overwritten
├── SftpUnsupported      SFTP_UNSUPPORTED    the server cannot do what its profile asks
├── SftpTooLarge         SFTP_TOO_LARGE      an inbound file is larger than is read
└── AddressRefused       SFTP_ADDRESS
Invalid
├── KeyRefused           SFTP_KEY            a private key that we do not use
├── HostKeyRefused       SFTP_HOSTKEY        an entry that is no usable host key
└── NameRefused          SFTP_NAME           a file or folder name that is never sent
"""

from collections.abc import Sequence

from core.errors import Finding, Invalid, PermanentError, TemporaryError
from sftp_app.target import HostKeyPin


class SftpUnreachable(TemporaryError):
    """The server gave no answer, or the connection to it broke."""

    code = "SFTP_UNREACHABLE"
    next_step = "Nothing is lost. We try again by ourselves; Test connection shows how far we get."


class SftpTimedOut(TemporaryError):
    """The server was too slow: one answer, or the whole session."""

    code = "SFTP_TIMEOUT"
    next_step = "Nothing is lost. We try again by ourselves."


class SftpShortWrite(TemporaryError):
    """The server holds another number of bytes than was sent. `stored` and `size` are in bytes."""

    code = "SFTP_PARTIAL"
    next_step = "The partial file is not visible to the partner. We try again by ourselves."

    def __init__(self, sentence: str, *, stored: int, size: int) -> None:
        super().__init__(sentence)
        self.stored = stored
        self.size = size


class SftpVanished(TemporaryError):
    """The file was acknowledged, and gone when its size was asked for."""

    code = "SFTP_VANISHED"
    next_step = "Ask the partner whether a virus scanner or a job takes files out of this folder."


class SftpDiskFull(TemporaryError):
    """The server has no room, or the account's quota is used up."""

    code = "SFTP_DISK_FULL"
    next_step = "Ask the owner of the server to make room. We try again by ourselves."


class SftpNoFile(TemporaryError):
    """The named file is not there (any more)."""

    code = "SFTP_NO_FILE"


class SftpUnsettled(TemporaryError):
    """An inbound file is still being written."""

    code = "SFTP_UNSETTLED"
    next_step = "We look again at the next pickup."


class SftpFailed(TemporaryError):
    """The server refused without giving a reason."""

    code = "SFTP_FAILED"
    next_step = "We try again by ourselves. If it stays, ask the owner of the server for its log."


class SftpHold(PermanentError):
    """The work is kept until a person has acted. `tries_before_hold` attempts may come first."""

    holds = True
    tries_before_hold = 1


class HostKeyMissing(SftpHold):
    """No approved host key is valid now, so there is no connection."""

    code = "SFTP_HOSTKEY_MISSING"
    next_step = "Fetch the server's key, compare its fingerprint with the partner, and approve it."


class HostKeyMismatch(SftpHold):
    """The server shows a key that nobody approved: `shown`, where one of `approved` was due."""

    code = "SFTP_HOSTKEY_CHANGED"
    next_step = "Compare the fingerprints with the partner, then approve the new key or reject it."

    def __init__(self, sentence: str, *, shown: HostKeyPin, approved: Sequence[HostKeyPin]) -> None:
        super().__init__(sentence)
        self.shown = shown
        self.approved = tuple(approved)


class SftpAuthFailed(SftpHold):
    """The server refused the sign-in. Few tries, since many servers lock the account."""

    code = "SFTP_AUTH"
    next_step = "Replace the key or password, or ask the partner whether the account is locked."
    tries_before_hold = 3


class SftpOutdated(SftpHold):
    """The server offers only algorithms that are no longer safe."""

    code = "SFTP_OUTDATED"
    next_step = "Send the partner the sentence above; their server's administrator can add the algorithm."


class SftpPermissionDenied(SftpHold):
    """The account may not do this in this folder."""

    code = "SFTP_PERMISSION"
    next_step = "Choose another folder, or ask the owner of the server to allow it."


class SftpNoFolder(SftpHold):
    """The folder does not exist."""

    code = "SFTP_NO_DIR"
    next_step = "Choose another folder, or ask the owner of the server to create it."


class SftpNameTaken(SftpHold):
    """A file with the final name is already there; it is never overwritten."""

    code = "SFTP_NAME_TAKEN"
    next_step = "Ask the partner about the file that is there, then replay under a new name or cancel."


class SftpUnsupported(SftpHold):
    """The server cannot do what its profile asks for."""

    code = "SFTP_UNSUPPORTED"
    next_step = "Run Test connection and take the publish strategy that it suggests."


class SftpTooLarge(SftpHold):
    """An inbound file is larger than the limit, or grew beyond its announced size while it was read."""

    code = "SFTP_TOO_LARGE"
    next_step = "Ask the partner what this file is, or raise the limit."


class AddressRefused(SftpHold):
    """The address is not one that we connect to."""

    code = "SFTP_ADDRESS"
    next_step = "Use the server's public name, or list its network in ALLOWED_PRIVATE_NETS."


class KeyRefused(Invalid):
    """A private key that cannot be used."""

    def __init__(self, reason: str, *, hint: str = "", path: str = "private_key") -> None:
        super().__init__([Finding(path=path, reason=reason, hint=hint, code="SFTP_KEY")], code="SFTP_KEY")


class HostKeyRefused(Invalid):
    """A host key entry that cannot be used."""

    def __init__(self, reason: str, *, hint: str = "", path: str = "host_keys") -> None:
        super().__init__([Finding(path=path, reason=reason, hint=hint, code="SFTP_HOSTKEY")], code="SFTP_HOSTKEY")


class NameRefused(Invalid):
    """A file or folder name that is never sent to a server."""

    def __init__(self, reason: str, *, hint: str = "", path: str = "name") -> None:
        super().__init__([Finding(path=path, reason=reason, hint=hint, code="SFTP_NAME")], code="SFTP_NAME")
