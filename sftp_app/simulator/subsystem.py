"""paramiko's SFTP server with the extensions that OpenSSH has, and the faults that concern the conversation."""

import threading

import paramiko
from paramiko.sftp import (
    CMD_CLOSE,
    CMD_EXTENDED,
    CMD_EXTENDED_REPLY,
    CMD_INIT,
    CMD_VERSION,
    CMD_WRITE,
    SFTP_FAILURE,
    SFTP_OK,
    SFTP_OP_UNSUPPORTED,
)

from sftp_app.connect import hang_up
from sftp_app.packets import Kind
from sftp_app.simulator.folder import Disk, Folder, OpenFile

_EXTENSIONS = {"posix-rename@openssh.com": "1", "fsync@openssh.com": "1", "statvfs@openssh.com": "2"}
_BLOCK = 512


class Subsystem(paramiko.SFTPServer):
    """One connection's conversation."""

    def __init__(
        self,
        channel: paramiko.Channel,
        name: str,
        server: paramiko.ServerInterface,
        disk: Disk,
        stopped: threading.Event,
    ) -> None:
        super().__init__(channel, name, server, Folder, disk)
        self._disk = disk
        self._stopped = stopped
        self._bytes = 0
        self._files = 0
        self._is_mute = False

    def _send_server_version(self) -> int:
        kind, data = self._read_packet()  # type: ignore[attr-defined]
        if kind != CMD_INIT:
            raise paramiko.SFTPError("no INIT")
        self._freezes("init")
        message = paramiko.Message()
        message.add_int(3)
        if not self._disk.faults.no_extensions:
            for name, version in _EXTENSIONS.items():
                message.add_string(name)
                message.add_string(version)
        self._send_packet(CMD_VERSION, message)
        return int.from_bytes(data[:4], "big")

    def _process(self, kind: int, number: int, message: paramiko.Message) -> None:
        faults = self._disk.faults
        name = Kind(kind).name.lower()
        self._slow_down(kind, message)
        if self._freezes(name):
            return
        if self._is_over(faults.drop_after_bytes):
            faults.drop_after_bytes = None
            self._drop("after bytes")
            return
        if faults.lose_reply == name:
            faults.lose_reply = ""
            self._is_mute = True
        try:
            with self._disk.lock:
                self._serve(kind, number, message)
        except OSError as error:
            code = SFTP_FAILURE if error.errno is None else self.convert_errno(error.errno)
            self._send_status(number, code)  # type: ignore[attr-defined]

    def _serve(self, kind: int, number: int, message: paramiko.Message) -> None:
        if kind == CMD_EXTENDED:
            self._extended(number, message)
        elif kind == CMD_CLOSE:
            self._close(number, message)
        else:
            super()._process(kind, number, message)  # type: ignore[misc]

    def _send_packet(self, kind: int, packet: paramiko.Message) -> None:
        if self._is_mute:
            self._drop("before a reply")
            return
        super()._send_packet(kind, packet)  # type: ignore[misc]

    def _slow_down(self, kind: int, message: paramiko.Message) -> None:
        size = len(message.asbytes())
        if kind == CMD_WRITE:
            self._bytes += size
        rate = self._disk.faults.bytes_per_second
        if rate:
            self._stopped.wait(size / rate)

    def _freezes(self, name: str) -> bool:
        """Stand still while the fault lasts; say whether the connection ended meanwhile."""
        faults = self._disk.faults
        while faults.freeze_on == name or self._is_over(faults.freeze_after_bytes):
            if self._stopped.wait(0.02) or self._is_gone():
                return True
        return False

    def _is_over(self, limit: int | None) -> bool:
        return limit is not None and self._bytes > limit

    def _is_gone(self) -> bool:
        return self.sock is None or self.sock.closed or not self.sock.get_transport().is_active()

    def _drop(self, when: str) -> None:
        self._disk.journal.note("fault", f"dropped {when}")
        if self.sock is not None:
            hang_up(self.sock.get_transport())

    def _close(self, number: int, message: paramiko.Message) -> None:
        file = self.file_table.get(message.get_binary())
        message.rewind()
        message.get_int()
        is_refused = isinstance(file, OpenFile) and self._refuses_empty(file)
        if not is_refused:
            super()._process(CMD_CLOSE, number, message)  # type: ignore[misc]
        else:
            self._send_status(number, SFTP_FAILURE)  # type: ignore[attr-defined]
        if isinstance(file, OpenFile) and file.is_written:
            self._files += 1
            self._disk.journal.note("file", file.path)
            self._disk.take(file.path)
            if self._files == self._disk.faults.close_after_files:
                self._drop("after files")

    def _refuses_empty(self, file: OpenFile) -> bool:
        place = self._disk.place(file.path)
        if not (self._disk.faults.no_empty_files and file.is_written and place.stat().st_size == 0):
            return False
        place.unlink()
        file.is_written = False
        return True

    def _extended(self, number: int, message: paramiko.Message) -> None:
        name = message.get_text()
        if self._disk.faults.no_extensions or name not in _EXTENSIONS:
            self._send_status(number, SFTP_OP_UNSUPPORTED)  # type: ignore[attr-defined]
        elif name == "fsync@openssh.com":
            self._send_status(number, SFTP_OK)  # type: ignore[attr-defined]
        elif name == "posix-rename@openssh.com":
            status = self.server.posix_rename(message.get_text(), message.get_text())
            self._send_status(number, status)  # type: ignore[attr-defined]
        else:
            self._tell_room(number)

    def _tell_room(self, number: int) -> None:
        free = self._disk.room() // _BLOCK
        reply = paramiko.Message()
        reply.add_int(number)
        for value in (_BLOCK, _BLOCK, free, free, free, 1 << 20, 1 << 20, 1 << 20, 0, 0, 255):
            reply.add_int64(value)
        self._send_packet(CMD_EXTENDED_REPLY, reply)
