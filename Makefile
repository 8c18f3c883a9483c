# Everything a developer types. `make help` lists it.
#
# Paths are relative on purpose: make cannot handle a prerequisite with a space in it, and the
# clone may live in a folder that has one.

PYTHON ?= python3
PORT ?= 8000
UP_ARGS ?=
PYTEST_ARGS ?=
WORKERS ?= 2

VENV := .venv
BIN := $(VENV)/bin
# --no-compile: Python compiles what is really imported, at first use; compiling all of pandas,
# pyarrow and Django up front costs far more than it saves.
PIP_INSTALL := $(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --no-input -c constraints.txt

# A machine that forbids bytecode files would compile every package again in every process: seconds
# of each start, in which nothing of ours runs. The files go into .venv and __pycache__ only.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test lint format typecheck bench bench-credit bench-desk bench-live bench-import bench-loop bench-pairs chaos coverage messages compilemessages clean

help: ## List these targets
	@grep -E '^[a-z-]+:.*## ' Makefile | sort | while IFS= read -r line; do \
		printf '  make %-16s %s\n' "$${line%%:*}" "$${line##*## }"; done

run: $(VENV)/runtime.stamp ## Run the portal with its servers and the demo (PORT=8000, UP_ARGS=--no-demo)
	@PORT="$(PORT)" exec $(BIN)/python -m portal.up $(UP_ARGS)

# Compiled once before, else every worker compiles the engine's inner loops for itself.
test: $(VENV)/dev.stamp ## Run every test (PYTEST_ARGS="-k name", WORKERS=2)
	$(BIN)/python -m pushes.matching compile
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup $(PYTEST_ARGS)

lint: $(VENV)/dev.stamp ## Check style, types, import direction, templates, migrations and texts
	@BIN="$(BIN)" sh tools/lint.sh

typecheck: $(VENV)/dev.stamp ## Check types only
	PORTAL_BOOT=up $(BIN)/python -m mypy .

format: $(VENV)/dev.stamp ## Rewrite Python and templates in house style
	$(BIN)/python -m ruff check --fix-only .
	$(BIN)/python -m ruff format .
	@# djlint's exit status says that it changed something, which is what was asked for.
	$(BIN)/python -m djlint --reformat --quiet . || true

bench: $(VENV)/dev.stamp ## Run the benchmarks: the engine, then the desk at 1,000,000 links
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.desk --out benchmarks/results $(DESK_ARGS)

coverage: $(VENV)/dev.stamp ## Run every test and report which lines and branches they reach
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --cov --cov-report=term:skip-covered $(PYTEST_ARGS)

bench-credit: $(VENV)/dev.stamp ## Measure good-faith accounts of 100,000 cases, and filing 300 links
	$(BIN)/python -m benchmarks.good_faith --out benchmarks/results

chaos: $(VENV)/dev.stamp ## Kill workers in the middle of imports and decisions, many times
	HYPOTHESIS_PROFILE=explore CHAOS_ROUNDS=20 STATEFUL_STEPS=2000 $(BIN)/python -m pytest -m chaos tests/chaos tests/complaints/test_stateful.py

bench-pairs: $(VENV)/dev.stamp ## Measure product pairs on a folder of labelled sets (PAIRS=…)
	$(BIN)/python -m benchmarks.product_pairs "$(PAIRS)"

bench-desk: $(VENV)/dev.stamp ## Measure the desk's pages at 1,000,000 links (DESK_ARGS="--links 20000 --big 6000")
	$(BIN)/python -m benchmarks.desk --out benchmarks/results $(DESK_ARGS)

bench-loop: $(VENV)/dev.stamp ## Play the loop's rounds on a folder of labelled sets (PAIRS=… RUNS=file SEEDS=0-11)
	$(BIN)/python -m benchmarks.loop "$(PAIRS)" --runs "$(or $(RUNS),var/loop-runs.jsonl)" --seeds "$(or $(SEEDS),0-11)"
	$(BIN)/python -m benchmarks.loop --runs "$(or $(RUNS),var/loop-runs.jsonl)" --table

bench-live: $(VENV)/dev.stamp ## Measure live events to 300 open streams (CLIENTS=300 EVENTS=100)
	$(BIN)/python -m benchmarks.live --clients $(or $(CLIENTS),300) --events $(or $(EVENTS),100) --out benchmarks/results

bench-import: $(VENV)/dev.stamp ## Import real files and measure it (LISTINGS=… NAMES=… OUT=…)
	$(BIN)/python -m benchmarks.real_import --listings "$(LISTINGS)" --names "$(NAMES)" --out "$(OUT)"

messages: $(VENV)/dev.stamp ## Collect texts to translate
	PORTAL_BOOT=up $(BIN)/python manage.py texts update

compilemessages: $(VENV)/dev.stamp ## Compile the translations
	PORTAL_BOOT=up $(BIN)/python manage.py texts compile

clean: ## Remove caches and the virtual environment; var/ with its data stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache htmlcov .coverage
	find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or newer is needed, but '$(PYTHON)' is: $$($(PYTHON) --version 2>&1)."; \
		echo "Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "Making the virtual environment ..."
	@$(PYTHON) -m venv $(VENV) || { \
		echo "The venv module is incomplete (Debian: apt-get install python3-venv)."; \
		rm -rf $(VENV); exit 1; }

# Order-only: the interpreter's own date says nothing about the packages.
$(VENV)/runtime.stamp: requirements.txt constraints.txt | $(BIN)/python
	@echo "Installing what the portal runs on ..."
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/runtime.stamp
	@echo "Installing what tests and checks need ..."
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@
