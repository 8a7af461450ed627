#!/bin/sh
# Install a lock file into a virtual environment: install.sh VENV LOCK. With uv where there is one (faster), else pip.
set -eu
venv=$1
lock=$2
echo "Installing $lock into $venv ..."
if command -v uv >/dev/null 2>&1; then
    uv pip install --quiet --python "$venv/bin/python" --require-hashes -r "$lock"
else
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
fi
