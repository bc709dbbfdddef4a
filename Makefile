# `make` alone lists the targets. Everything happens in .venv; nothing else is written here.
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

VENV := .venv
PY := $(VENV)/bin/python
PYTEST := $(PY) -m pytest
# For example: make check ARGS='--profile edge-proxy -f json'   make unit ARGS='-k units'
ARGS :=
# Tests that run side by side in `make test`. Those of tests/netns each have namespaces of their own.
JOBS := 2

.PHONY: help
help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

.PHONY: setup
setup:  ## create .venv with .venv/bin/advisor; install what is missing
	@VENV=$(VENV) scripts/setup.sh run

.PHONY: setup-test
setup-test:  ## the same, and the tools that the tests need
	@VENV=$(VENV) scripts/setup.sh test

# Findings (exit 1) are an answer, not a failure: make must not print "Error" below the report.
.PHONY: check
check: setup  ## run `advisor check` on this host; fails only if advisor could not do its job
	@$(VENV)/bin/advisor check $(ARGS) || { code=$$?; [ $$code -eq 1 ] || exit $$code; }

.PHONY: test
test: lint  ## lint, then the unit, rules, stories, drivers, cli, netns and ansible tests
	$(PYTEST) tests --ignore=tests/fleet --numprocesses=$(JOBS) --dist=worksteal $(ARGS)

.PHONY: lint
lint: setup-test  ## ruff, the format check and mypy --strict
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy --strict advisor

.PHONY: unit rules stories drivers cli netns ansible fleet
unit: setup-test  ## pure code, one test file per module
rules: setup-test  ## every rule's own tests, and the invariants of all rules
stories: setup-test  ## whole hosts with known causes
drivers: setup-test  ## NICs that are not here, from their sources and public captures
cli: setup-test  ## the command line, and the built wheel
netns: setup-test  ## against the running kernel, in private namespaces (needs root)
ansible: setup-test  ## the Ansible collection: modules, role, documentation, linters
fleet: setup-test  ## the Ansible collection, on hosts that are namespaces (needs root)
unit rules stories drivers cli netns ansible fleet:
	$(PYTEST) tests/$@ $(ARGS)

.PHONY: vm
vm: setup  ## what namespaces cannot try, in an emulated machine: ARGS='reboot nics' (root, minutes)
	@$(PY) -m tests.vm.run $(ARGS) || { code=$$?; [ $$code -eq 3 ] || exit $$code; }

.PHONY: bench
bench: setup-test  ## time and memory, against the ordinary commands
	@# Otherwise the first run after an edit, or every run where none are written, times the compiler.
	@$(PY) -m compileall -q advisor && $(PY) -m advisor.knowledge
	$(PY) bench/bench.py $(ARGS)
	$(PY) bench/apply.py $(ARGS)
	$(PY) bench/fleet.py measure
	$(PY) bench/fleet_ssh.py

.PHONY: test-minimum
test-minimum:  ## the tests with the oldest dependencies that pyproject.toml allows
	@scripts/test-minimum.sh $(ARGS)

.PHONY: wheel
wheel: setup-test  ## build dist/*.whl
	$(PY) -m pip wheel --quiet --no-deps --wheel-dir dist .

.PHONY: clean
clean:  ## remove everything that the other targets made
	rm -rf .venv .venv-minimum .venv-minimum.txt build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find advisor tests -name __pycache__ -type d -prune -exec rm -rf {} +
