"""Serve a folder from another process: prints one JSON line when ready, ends on SIGTERM or SIGINT."""

import argparse
import json
import os
import signal
import sys
import threading
from pathlib import Path

from core.secret import Secret
from sftp_app.keys import generate_key_pair
from sftp_app.simulator.server import SftpSimulator


def main() -> int:
    """Run until told to stop. Exit code 1 when the port is busy, 2 for a usage error."""
    options = _options()
    simulator = SftpSimulator(
        root=options.root,
        username=options.user,
        password=os.environ.get(options.password_env, "") if options.password_env else "",
        authorized_keys=options.authorized_key,
        host_key=_host_key(options.host_key),
    )
    simulator.port = options.port
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    try:
        simulator.start()
    except OSError as error:
        sys.stderr.write(f"Port {options.port} cannot be used: {error.strerror}. Choose another with --port.\n")
        return 1
    ready = {"host": simulator.host, "port": simulator.port, "host_key": simulator.host_key_line}
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()
    done.wait()
    simulator.stop()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sftp_app.simulator", description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="the folder to serve")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--host-key", type=Path, help="private host key; made when the file is missing")
    parser.add_argument("--user", required=True)
    parser.add_argument("--password-env", help="name of the environment variable that holds the password")
    parser.add_argument("--authorized-key", action="append", default=[], help="a public key line; may be repeated")
    options = parser.parse_args()
    if not options.root.is_dir():
        parser.error(f"{options.root} is no folder")
    return options


def _host_key(path: Path | None) -> Secret | None:
    if path is None:
        return None
    if not path.exists():
        made = generate_key_pair(comment="simulator").private
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(made.reveal())
        return made
    return Secret(path.read_text())


if __name__ == "__main__":
    sys.exit(main())
