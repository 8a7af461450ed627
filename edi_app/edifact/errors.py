"""The errors of reading and answering EDIFACT; anything else that escapes is a mistake of ours."""

from core.errors import PermanentError


class EdifactUnreadable(PermanentError):
    """The bytes cannot be read as EDIFACT at all: no envelope, no usable separators, or beyond our limits."""

    code = "EDI_UNREADABLE"
    next_step = "Look at the file, and ask the partner to send it again."


class CannotAcknowledge(PermanentError):
    """No valid CONTRL can be written: what it must copy is missing or wrong in the interchange (ISO 9735-4)."""

    code = "ACK_IMPOSSIBLE"
    next_step = "Tell the partner what is wrong with the interchange by other means."
