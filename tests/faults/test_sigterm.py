"""A real worker that is told to stop in the middle of an upload finishes it, or leaves it to be resumed."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.db import connection

from connector.celery import app
from connector.supervisor import worker_command
from core.models import Attempt
from tests.faults.working import deliver_again, received
from tests.outbox_files import sealed_file, states_of

pytestmark = pytest.mark.django_db(transaction=True)


def database_url():
    """The URL of the test database, for another process."""
    known = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{known['NAME']}"
    place = f"{known['HOST']}:{known['PORT'] or 5432}"
    return f"postgres://{known['USER']}:{known['PASSWORD']}@{place}/{known['NAME']}"


def environment():
    return {
        **os.environ,
        "DATABASE_URL": database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "CONNECTOR_KEKS": settings.CONNECTOR_KEKS,
        "CONNECTOR_KEK_ACTIVE": settings.CONNECTOR_KEK_ACTIVE,
        "ALLOWED_PRIVATE_NETS": "127.0.0.0/8",
        "MLC_FAILPOINTS": "deliver.in_upload=pause:3",
    }


def wait_until(condition, process):
    while not condition():
        assert process.poll() is None, "the worker ended"
        time.sleep(0.05)


@pytest.mark.timeout(120)
def test_a_worker_that_is_told_to_stop_in_an_upload_leaves_one_file(world, tmp_path):
    file, content = sealed_file(world.integrations[0])
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, *worker_command()], env=environment(), stdout=log, stderr=log)
    try:
        app.send_task("connector.tasks.deliver", kwargs={"server_id": str(file.server_id)}, queue="deliver")
        wait_until(lambda: Attempt.objects.filter(result="started").exists(), process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
    deliver_again(file)
    assert states_of(file) == ("delivered", {"delivered"})
    assert received(world) == [(file.name, content)]
    assert Attempt.objects.count() == 1, "it finished before it ended"
