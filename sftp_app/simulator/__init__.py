"""A real SFTP server on loopback for development, the demo and tests. Reached only by commands and tests."""

from sftp_app.simulator.faults import Faults, Greeting, RenameAnswer, Sizes
from sftp_app.simulator.server import SftpSimulator

__all__ = ["Faults", "Greeting", "RenameAnswer", "SftpSimulator", "Sizes"]
