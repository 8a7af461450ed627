# ml-connector: two commands on a fresh machine are `make demo` and `make test`.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
FUZZ := var/fuzz

.PHONY: demo up test test-long lint sbom bench chaos fuzz pictures lock format clean

demo: $(VENV)/.runtime ## run the main job on this machine alone; SERVE=1 leaves the console running
	$(BIN)/python manage.py demo $(if $(SERVE),--serve --port $(PORT))

up: $(VENV)/.runtime ## console, worker and beat with the embedded database and broker
	$(BIN)/python manage.py up --port $(PORT)

test: $(VENV)/.dev ## the tests, on the embedded default unless DATABASE_URL and REDIS_URL say otherwise
	$(BIN)/pytest -q -n $(or $(WORKERS),3) -m "not e2e and not long" $(ARGS)

test-long: $(VENV)/.dev ## a real browser (needs chromium), the demo with its worker killed, every page and every stream
	$(BIN)/pytest -q -n $(or $(WORKERS),3) -m "e2e or long" $(ARGS)

lint: $(VENV)/.dev ## style, types, layers, security, secrets, licences
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/bandit -q -r connector core xero_app sftp_app edi_app -c pyproject.toml
	$(BIN)/python scripts/scan_secrets.py
	@$(BIN)/pip-licenses >/dev/null

sbom: $(VENV)/.runtime ## software bill of materials (CycloneDX) of what requirements.lock installs
	$(BIN)/python scripts/make_sbom.py sbom.cdx.json

bench: $(VENV)/.dev ## measurements against named peers, as ratios
	for bench in $(patsubst bench/%.py,bench.%,$(filter-out bench/__init__.py,$(wildcard bench/*.py))); do \
		echo "== $$bench"; $(BIN)/python -m $$bench || exit 1; done

chaos: $(VENV)/.dev ## attack the delivery machine for longer: SECONDS=600 SEED=1 EXAMPLES=500
	MODEL_EXAMPLES=$(or $(EXAMPLES),300) $(BIN)/pytest -q -n 0 tests/faults/test_delivery_model.py
	$(BIN)/python -m tests.faults.chaos --seconds $(or $(SECONDS),600) $(if $(SEED),--seed $(SEED))

fuzz: $(VENV)/.dev $(FUZZ)/.atheris ## fuzz what reads partners' files, one parser after the other: SECONDS=600 for each
	for parser in $(or $(PARSER),x12 edifact); do \
		PYTHONPATH=$(FUZZ)/lib $(BIN)/python -m tests.fuzzing $$parser $(FUZZ) $(or $(SECONDS),600) || exit 1; done

pictures: $(VENV)/.dev ## take the pictures of docs/pictures anew, light and dark (needs chromium)
	rm -f docs/pictures/*.png
	$(BIN)/pytest -q -n 0 tests/e2e/pictures.py

format: $(VENV)/.dev
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

lock: ## lock the dependencies anew, with hashes and without addresses (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
		pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
		--extra dev pyproject.toml -o requirements-dev.lock

clean: ## remove what was made here: environment, databases, caches
	rm -rf $(VENV) var staticfiles .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# Beside the environment, since only fuzzing needs it and it has no wheels for every platform.
$(FUZZ)/.atheris: $(VENV)/.python
	@$(BIN)/python -m pip install -q --target $(FUZZ)/lib 'atheris>=3,<4'
	@touch $@

$(VENV)/.python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V 2>&1). Try make PYTHON=python3.12."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module does not work: on Debian install python3-venv."; exit 1; }
	@touch $@

$(VENV)/.runtime: $(VENV)/.python requirements.lock
	@test -e $(VENV)/.dev || sh scripts/install.sh $(VENV) requirements.lock
	@touch $@

$(VENV)/.dev: $(VENV)/.python requirements-dev.lock
	@sh scripts/install.sh $(VENV) requirements-dev.lock
	@touch $@
