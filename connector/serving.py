"""Starting the console: a first sign-in, the web server, and the address for people."""

import secrets
import time
from collections.abc import Callable

import redis
from django.conf import settings
from django.contrib.auth import get_user_model

from connector.supervisor import ProcessEnded, Supervisor, free_port, web_command

FIRST_USER = "admin"
READY_SECONDS = 60


def first_sign_in() -> str | None:
    """Make the first user of an empty installation; give the password, once."""
    users = get_user_model()
    if users.objects.exists():
        return None
    password = secrets.token_urlsafe(12)
    users.objects.create_superuser(FIRST_USER, password=password)
    return password


def serve(supervisor: Supervisor, *, port: int, say: Callable[[str], None]) -> None:
    """Start the web server and say where it is and how to sign in. Raises `PortTaken`."""
    free_port(port)
    password = first_sign_in()
    supervisor.start_python("web", *web_command(port))
    supervisor.wait_for_line("web", "Listening at", seconds=READY_SECONDS)
    say(f"The console is at http://127.0.0.1:{port}/admin/")
    if password:
        say(f"Sign in as {FIRST_USER} with the password {password} (shown once).")
        if settings.SECOND_FACTOR and not supervisor.environment.get("DEBUG"):
            say("The first sign-in sets up a second factor; for development, DEBUG=1 leaves it out.")
    say("Stop with Ctrl-C.")


def wait_for_redis(seconds: float = 10) -> None:
    """Wait until Redis answers. Raises `ProcessEnded` with what to do."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2).ping()
        except redis.RedisError as error:
            if time.monotonic() > deadline:
                raise ProcessEnded("Redis does not answer.", next_step="Start it, or correct REDIS_URL.") from error
            time.sleep(0.1)
        else:
            return
