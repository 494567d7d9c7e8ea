# Everything runs in .venv, made here from the hashed lock; only python3 (3.11 or later, with venv) is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
  --no-header --no-annotate --no-emit-index-url
.DEFAULT_GOAL := help
.PHONY: help up demo test test-fast check bench lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: $(READY) ## the service on real policies, data kept under var/
	$(BIN)/termijn up

demo: $(READY) ## a sample portfolio on steps seconds apart (ONCE=1: check the outcome and end)
	$(BIN)/termijn demo $(if $(ONCE),--once)

test: $(READY) ## every test, with PostgreSQL, Temporal and SMTP started as needed
	$(BIN)/pytest -q -n 2 -m "not system"
	$(BIN)/pytest -q -m system

test-fast: $(READY) ## unit tests only, seconds
	$(BIN)/pytest -q tests/unit

check: $(READY) ## format, lint, types, import contracts, migrations in step with the models
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/termijn migrate --check

bench: $(READY) ## compare with a bare workflow; minutes, prints a table
	$(BIN)/python -m bench

lock: $(READY) ## renew both locks from pyproject.toml
	$(LOCK) --all-extras --upgrade --output-file requirements.lock
	$(LOCK) --extra build --constraints requirements.lock --output-file requirements-runtime.lock

clean: ## remove what was built and what the tools cached; var/ is kept
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or later is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
	  --config-settings editable_mode=compat -e .
	@touch $@
