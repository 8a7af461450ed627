"""What a fresh machine meets: locks without addresses, a compose file that compose takes, commands that start."""

import base64
import os
import re
import secrets
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import compose_spec
import pytest
import redis
import yaml
from redis import retry
from redis.backoff import ConstantBackoff

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = ROOT / "docker-compose.yml"


@pytest.fixture(scope="module")
def compose():
    return compose_spec.PyOptions(apply_merge=True).from_yaml(COMPOSE.read_text())


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_pins_by_hash_and_names_no_address(name):
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert "--index" not in text
    entries = re.findall(r"^[a-z0-9].*?(?=^[a-z0-9]|\Z)", text, re.MULTILINE | re.DOTALL)
    assert entries
    assert all("--hash=sha256:" in entry and "==" in entry for entry in entries)


def test_every_dependency_is_locked_and_says_why_it_is_there():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    locked = (ROOT / "requirements-dev.lock").read_text()
    for requirement in project["dependencies"] + project["optional-dependencies"]["dev"]:
        name = re.match(r"[A-Za-z0-9-]+", requirement)[0]
        assert re.search(rf"^{re.escape(name)}(\[.*\])?==", locked, re.MULTILINE | re.IGNORECASE), name
        (line,) = [line for line in lines if line.strip().startswith(f'"{requirement}"')]
        assert "# " in line, f"{name} has no reason"


def test_the_compose_file_is_what_compose_takes(compose):
    compose.validate()
    assert set(compose.service_names()) == {"web", "worker", "beat", "migrate", "postgres", "redis"}


def test_compose_keeps_redis_on_disk_and_starts_after_the_migration(compose):
    services = yaml.safe_load(COMPOSE.read_text())["services"]
    assert "--appendonly yes" in services["redis"]["command"][-1]
    for name in ("web", "worker", "beat"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_compose_holds_no_secret_and_runs_no_one_as_root():
    text = COMPOSE.read_text()
    assert not re.search(r"(PASSWORD|SECRET|KEKS?): *[\"']?[A-Za-z0-9+/=]{6,}", text)
    assert re.search(r"^USER connector$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)


@pytest.mark.skipif(
    shutil.which("redis-server") is None and os.environ.get("CI") != "true", reason="needs redis-server"
)
def test_redis_of_compose_asks_for_a_password_that_no_process_list_shows(tmp_path):
    service = yaml.safe_load(COMPOSE.read_text())["services"]["redis"]
    password = secrets.token_hex(16)
    *shell, script = service["command"]
    here = f"redis-server - --port 0 --unixsocket {tmp_path}/redis.sock --dir {tmp_path}"
    script = script.replace("redis-server -", here).replace("$$", "$")
    with subprocess.Popen(
        [*shell, script], env=os.environ | {"REDISCLI_AUTH": password}, stdout=subprocess.DEVNULL
    ) as server:
        try:
            client = redis.Redis(unix_socket_path=f"{tmp_path}/redis.sock", password=password)
            retry.Retry(ConstantBackoff(0.1), 100).call_with_retry(client.ping, lambda _: None)
            arguments = Path(f"/proc/{server.pid}/cmdline").read_bytes()
            assert (b"redis-server" in arguments, password.encode() in arguments) == (True, False)
            with pytest.raises(redis.AuthenticationError):
                redis.Redis(unix_socket_path=f"{tmp_path}/redis.sock").ping()
        finally:
            server.terminate()
    assert server.returncode == 0


@pytest.mark.parametrize("service", ["web", "worker", "beat", "migrate"])
def test_the_commands_of_compose_start_without_containers(service, tmp_path):
    command = yaml.safe_load(COMPOSE.read_text())["services"][service]["command"]
    first = {"python": sys.executable}.get(command[0], str(Path(sys.executable).parent / command[0]))
    # As in .env: an installation that is not embedded brings its own secrets, and is refused without them.
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "CONNECTOR_KEKS": f"own={base64.b64encode(secrets.token_bytes(32)).decode()}",
        "CONNECTOR_KEK_ACTIVE": "own",
        "ALLOWED_HOSTS": "connector.example",
    }
    check = {"web": ["--check-config"], "worker": ["--help"], "beat": ["--help"], "migrate": ["--verbosity", "0"]}
    done = subprocess.run(
        [first, *command[1:], *check[service]], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_env_example_names_settings_without_values():
    lines = [line for line in (ROOT / ".env.example").read_text().splitlines() if line and not line.startswith("#")]
    assert all(line.endswith("=") for line in lines)


def test_make_says_in_one_sentence_that_python_is_too_old(tmp_path):
    old = tmp_path / "oldpython"
    old.write_text('#!/bin/sh\ncase "$1" in -V) echo "Python 3.9.2";; -c) exit 1;; esac\n')
    old.chmod(0o755)
    done = subprocess.run(
        ["make", "demo", f"PYTHON={old}", f"VENV={tmp_path / 'venv'}"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "Python 3.11 or newer is needed" in done.stdout


def test_make_says_in_one_sentence_that_venv_is_missing(tmp_path):
    bare = tmp_path / "barepython"
    bare.write_text('#!/bin/sh\n[ "$1" = -m ] && exit 1\nexit 0\n')
    bare.chmod(0o755)
    done = subprocess.run(
        ["make", "demo", f"PYTHON={bare}", f"VENV={tmp_path / 'venv'}"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "python3-venv" in done.stdout
