# The commands of the project. `make demo` and `make test` need Python 3.11+ and make, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
MANIFEST := dbt_project/target/manifest.json
DBT_SOURCES := $(shell find dbt_project -path dbt_project/target -prune -o -type f \
	\( -name '*.sql' -o -name '*.yml' -o -name '*.csv' \) -print)
export DAGSTER_DISABLE_TELEMETRY := 1
# The matrices are small: one thread each is faster than threads that wait for each other.
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: help install demo test lint format ui bench docs clean
.DEFAULT_GOAL := help

help: ## show the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-10s %s\n", $$1, $$2}'

$(STAMP): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing from requirements.lock (about a minute) ..."
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(MANIFEST): $(STAMP) $(DBT_SOURCES)
	@$(BIN)/dbt --quiet parse --project-dir dbt_project --profiles-dir dbt_project
	@touch $@

install: $(STAMP) $(MANIFEST) ## create .venv and install from the lock file

demo: install ## simulate a pilot factory and run it through the whole pipeline
	@$(BIN)/cei demo

test: install ## run the tests
	@$(BIN)/python -m pytest -n 2 --dist loadfile

lint: install ## ruff, mypy, generated files
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m cei_assets.contracts.render --check

format: install ## let ruff format and fix
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

ui: install ## open Dagster with assets, schedules and sensors
	@$(BIN)/cei ui

bench: install ## run the benchmarks, each beside its baseline
	@for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

docs: install ## render generated documents and dbt YAML from the contracts
	@$(BIN)/python -m cei_assets.contracts.render

clean: ## remove what the commands made, except data
	@rm -rf $(VENV) dbt_project/target dbt_project/logs .mypy_cache .ruff_cache .pytest_cache
