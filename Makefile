# Everything one does here. `make` alone lists the targets.

PYTHONS := python3 python3.14 python3.13 python3.12 python3.11
PYTHON ?= $(firstword $(foreach name,$(PYTHONS),$(if $(shell $(name) -c 'import sys; sys.version_info >= (3, 11) and print(1)' 2>/dev/null),$(name))))
UV := $(shell command -v uv 2>/dev/null)
BIN := .venv/bin
ASSETS := .venv/share/runyard/assets

ifdef UV
CREATE = uv venv --quiet --allow-existing --python $(PYTHON) .venv
INSTALL = uv pip install --quiet --python $(BIN)/python
else
CREATE = $(PYTHON) -m venv .venv
INSTALL = $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check
endif

.DEFAULT_GOAL := help
.PHONY: help demo up check lint test prove simulate chaos fuzz bench fmt lock clean
.DELETE_ON_ERROR:

help: # list the targets
	@grep -hE '^[a-z]+:.* # ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.* # (.*)/  make \1\t\2/' | expand -t 16

demo: .venv/.stamp # from nothing to a finished job, in a temporary folder
	@$(BIN)/python -m runyard.entrypoints.demo

up: .venv/.stamp # a server on this machine, its data in var/
	@$(BIN)/runyard up --data-dir var

check: .venv/.dev # every rule a tool can hold, exactly as in CI
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p runyard
	$(BIN)/mypy -p tests $(if $(wildcard benchmarks/__init__.py),-p benchmarks)
	$(BIN)/lint-imports --no-logo
	$(BIN)/deptry src
	$(BIN)/python -m pytest -q tests/unit/house

test: .venv/.dev # every suite, with counts, skips and times
	@$(BIN)/python -m tests.suites

prove: .venv/.dev # the state machine on three stores for longer; EXAMPLES=5000 STEPS=200
	@RUNYARD_EXAMPLES=$(or $(EXAMPLES),1000) RUNYARD_STEPS=$(or $(STEPS),100) $(BIN)/python -m pytest -q --timeout=0 \
		tests/unit/proofs/test_machine.py tests/integration/proofs/test_machine.py -k 'many or never'

simulate: .venv/.dev # months of bad weather under a virtual clock; SEEDS=1000
	@$(BIN)/python -m tests.proofs.simulator.simulate 0 $(or $(SEEDS),100)

chaos: .venv/.dev # kill everything while jobs run; JOBS=10000 KILLS=50 STOPS=10 RESTARTS=5 SEED=1 REDIS=flushed|stopped STORE=sqlite
	@mkdir -p .reports
	@RUNYARD_JOBS=$(or $(JOBS),500) RUNYARD_KILLS=$(or $(KILLS),20) RUNYARD_STOPS=$(or $(STOPS),2) \
		RUNYARD_RESTARTS=$(or $(RESTARTS),2) RUNYARD_SEED=$(or $(SEED),1) RUNYARD_REDIS=$(REDIS) $(BIN)/python -m pytest -q \
		--basetemp=.reports/chaos-$(or $(STORE),postgresql)-$(or $(REDIS),struck)-$(or $(SEED),1) \
		tests/integration/chaos/$(if $(filter sqlite,$(STORE)),test_the_server_is_killed,test_everything_is_killed).py

fuzz: .venv/.dev # requests made up from the API's own description, as everybody; REQUESTS=100000 SEED=1
	@RUNYARD_REQUESTS=$(or $(REQUESTS),10000) RUNYARD_SEED=$(or $(SEED),1) $(BIN)/python -m pytest -q -n 2 \
		--dist loadfile tests/fuzz; status=$$?; cat .reports/fuzz-*.txt; exit $$status

bench: .venv/.dev # how fast it is here
	@$(BIN)/python -m benchmarks

fmt: .venv/.dev # format, and mend what can be mended safely
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

lock: # resolve the requirements files anew; UPGRADE=1 takes newer versions
	@PYTHON=$(PYTHON) requirements/lock $(if $(UPGRADE),--upgrade)

clean: # remove environment, builds, caches; var/ stays
	rm -rf .venv dist build .coverage .reports .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests -name __pycache__ -prune -exec rm -rf {} +

# The environment: what a server needs. Files are hash-pinned; nothing is fetched that is not listed.
.venv/.stamp: pyproject.toml $(wildcard requirements/*.txt)
	@$(if $(PYTHON),,echo 'Runyard needs Python 3.11 or newer; none of these is: $(PYTHONS)' >&2; exit 1)
	@echo 'Preparing the environment in .venv (about half a minute the first time) …'
	@$(CREATE)
	@$(INSTALL) --require-hashes -r requirements/server.txt -r requirements/build.txt
	@$(INSTALL) --require-hashes --no-deps --upgrade --target $(ASSETS) -r requirements/assets.txt
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

# The same, and what the checks and the tests need.
.venv/.dev: .venv/.stamp
	@echo 'Adding the tools of the checks and the tests …'
	@$(INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@
