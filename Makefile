# Two commands do all the set-up: `make demo` (the main job) and `make check` (every test).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo check check-foreign check-report check-spark test fast format lock docs clean

help:
	@echo "make demo    the main job, on an embedded PostgreSQL"
	@echo "make check   format, lint, types, floors, every test"
	@echo "make check-foreign  the transparency log before verifiers that others wrote (Go, openssl, sigstore)"
	@echo "make check-report  the report of a simulation in a real browser (Chromium)"
	@echo "make check-spark  the tests on a cluster of one master and two workers (Java 17)"
	@echo "make fast    the domain's tests alone, in seconds"
	@echo "make format  put the code in its form"
	@echo "make lock    pin the dependencies again"
	@echo "make docs    write docs/facts.md and the JSON Schemas again"

$(VENV)/.run: requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Points Ledger needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 demo") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

$(VENV)/.spark: $(VENV)/.dev requirements-spark.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.txt
	@touch $@

$(VENV)/.foreign: $(VENV)/.dev requirements-foreign.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-foreign.txt
	@touch $@

demo: $(VENV)/.run
	$(BIN)/points demo

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2 --dist loadfile

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 --dist loadfile

check-report: $(VENV)/.dev
	$(BIN)/python -m pytest tests/projections/report_in_chromium.py

check-foreign: $(VENV)/.foreign
	$(BIN)/python -m pytest tests/foreign/with_others.py

check-spark: $(VENV)/.spark
	$(BIN)/python -m pytest tests/spark/on_a_cluster.py

fast: $(VENV)/.dev
	$(BIN)/python -m pytest tests/domain

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet pyproject.toml --extra install -o requirements.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet pyproject.toml --extra install --extra paper --extra dev -c requirements.txt -o requirements-dev.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet pyproject.toml --extra install --extra paper --extra dev --extra spark -c requirements-dev.txt -o requirements-spark.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet pyproject.toml --extra install --extra paper --extra dev --extra foreign -c requirements-dev.txt -o requirements-foreign.txt

docs: $(VENV)/.run
	$(BIN)/python -m api.reference

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis .import_linter_cache
