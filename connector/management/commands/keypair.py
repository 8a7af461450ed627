"""`manage.py keypair FILE`: make a key pair to sign in with, for `private_key: {file: FILE}`."""

import os
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from connector.management.connector_command import ConnectorCommand, Exit
from core.errors import PermanentError
from sftp_app.keys import generate_key_pair


class NotWritten(PermanentError):
    """The key's file cannot be made, or there is one already."""

    code = "KEYPAIR_NOT_WRITTEN"


class Command(ConnectorCommand):
    """Make an ed25519 key pair: the private half goes into a file that only you can read, the public one is shown."""

    help = "Make a key pair to sign in with. The partner gets the public line; the private half is never shown."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="where the private half goes; FILE.pub gets the public line")
        parser.add_argument("--comment", default="ml-connector", help="what ends the public line")

    def work(self, **options: Any) -> Exit:
        path = Path(options["file"])
        pair = generate_key_pair(comment=options["comment"])
        _write(path, pair.private.reveal(), mode=0o600)
        _write(path.with_name(f"{path.name}.pub"), f"{pair.public}\n", mode=0o644)
        self.say(pair.public)
        self.give({"file": str(path), "public": pair.public})
        return Exit.OK


def _write(path: Path, text: str, *, mode: int) -> None:
    """Make a file that was not there. Raises `NotWritten`."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise NotWritten(f"{path} is there already.", next_step="Choose another name; no key is replaced.") from error
    except OSError as error:
        raise NotWritten(f"{path} cannot be written: {error.strerror}.") from error
