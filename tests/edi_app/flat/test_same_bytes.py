"""Same in, same bytes out: any process, locale, time zone and hash seed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import hashlib, locale
try:
    locale.setlocale(locale.LC_ALL, "")
except locale.Error:
    pass
from edi_app.bases.pages import example_file
from edi_app.bases.shipped import shipped_base, shipped_names
made = b"".join(example_file(name, stream) for name in shipped_names() for stream in shipped_base(name)["streams"])
print(hashlib.sha256(made).hexdigest())
"""


def digest(**environment):
    command = [sys.executable, "-c", PROGRAM]
    result = subprocess.run(command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=True)
    return result.stdout


@pytest.fixture(scope="module")
def usual():
    return digest(PYTHONHASHSEED="0", TZ="UTC", LC_ALL="C.UTF-8")


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Auckland", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "99", "TZ": "America/Chicago", "LC_ALL": "de_DE.UTF-8"},
    ],
)
def test_every_base_gives_the_same_bytes(usual, environment):
    assert digest(**environment) == usual
