"""The demo proves the main job, also with its worker killed on the way."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.long
@pytest.mark.timeout(300)
def test_the_demo_proves_itself_with_its_worker_killed_at_moments_left_to_chance(tmp_path):
    own = ("DATABASE_URL", "REDIS_URL")  # the demo keeps to its own database and broker
    environment = {name: value for name, value in os.environ.items() if name not in own}
    done = subprocess.run(
        [sys.executable, "manage.py", "demo", "--kills", "3", "--folder", str(tmp_path / "demo")],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("The worker was killed") == 3
    assert "NOT TRUE" not in done.stdout
