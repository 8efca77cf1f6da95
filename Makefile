# Everything a developer types. `make demo` and `make test` start from a bare machine: Python 3.11
# or newer and make. `make help` lists the rest.

PYTHON ?= python3
PY := .venv/bin/python
SETUP := $(PYTHON) installer/bootstrap.py

# uv writes the lock; it is no part of the program, so it lives in a corner of its own.
UV_HOME := build/uv
UV := $(UV_HOME)/bin/uv

.DEFAULT_GOAL := help
.PHONY: help setup demo test check lint format catalogue lock bench prove coverage mutants windows windows-setup \
  clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-13s %s\n", $$1, $$2}' Makefile

setup: ## set up the system, .venv, the locked packages and the program
	@$(SETUP) --tests

demo: ## an outage from the first scan to the last line of the report
	@$(SETUP)
	@$(PY) -m offcirc demo

test: setup lint check ## set up, lint, run every test

check: ## the tests alone
	@$(PY) -m pytest -q -n 3 --dist loadfile

lint: ## style, types, and the arrows between rooms
	@$(PY) -m ruff check --quiet .
	@$(PY) -m ruff format --check --quiet .
	@$(PY) -m mypy --no-error-summary
	@arrows=$$(.venv/bin/lint-imports --no-logo 2>&1) || { echo "$$arrows"; exit 1; }

format: ## bring the code into the house style
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

catalogue: ## bring the French catalogue in step with the code, list what is untranslated
	@$(PY) installer/catalogue.py update

lock: ## pin the newest allowed version of every package, with its hashes
	@test -x $(UV) || { $(PYTHON) -m venv $(UV_HOME) && $(UV_HOME)/bin/python -m pip install --quiet uv; }
	@$(UV) pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	  --upgrade --no-annotate --no-header --group dev pyproject.toml --output-file build/lock.txt
	@{ echo '# Made by "make lock" from pyproject.toml: every package, each of its files by its hash.'; \
	  cat build/lock.txt; } > requirements.lock
	@grep -c '^[a-z]' requirements.lock | sed 's/$$/ packages locked/'

bench: ## measure, each figure beside a floor measured in the same run
	@$(SETUP) --tests
	@$(PY) tests/bench/run.py

prove: ## kill loops and soaks at full size (an hour and more)
	@$(SETUP) --tests
	@OFFCIRC_PROVE=1 $(PY) -m pytest -m prove

coverage: ## every branch of the hearts of the program is walked by the tests that watch over them
	@$(SETUP) --tests
	@$(PY) tests/hearts.py

mutants: ## break the hearts of the program line by line, name what no test notices (hours; ONLY=contest)
	@$(SETUP) --tests
	@$(PY) tests/mutants.py $(ONLY)

windows: ## the Windows program under wine: trials and every folder of tests (an hour and more)
	@$(SETUP) --tests
	@$(PY) installer/windows/try_windows.py

windows-setup: ## setup, MSI and archive for Windows: made, installed, used, upgraded, removed under wine
	@$(SETUP) --tests
	@$(PY) installer/windows/try_setup.py
	@$(PY) installer/windows/try_desk.py

clean: ## remove everything that can be made again, except .venv
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache \
	  demo-output bench-output
	find offcirc resources installer tests \( -name __pycache__ -o -name '*.mo' -o -name '*.pot' \) \
	  -prune -exec rm -rf {} +
