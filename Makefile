# Every target works on a fresh machine: the first one makes .venv and installs the project into it.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.skel-ready
SKEL_SOURCES := examples bench/programs stdlib
# What `update` and `verify` hold the data of Kubernetes against, where it is there; FETCH=1.37 adds a minor from its Go
# module.
OPENAPI ?= ../shared/facts/openapi
LIFECYCLE ?= ../shared/facts/lifecycle.json
KUBE_DATA = $(BIN)/python -m skel.kube.generate --openapi $(OPENAPI) --lifecycle $(LIFECYCLE)
export PATH := $(abspath $(BIN)):$(PATH)

# Releases whose control planes the tests bring up for real.
RELEASES ?= 1.24 1.25 1.26 1.36

.PHONY: demo test programs test-cluster lint types fmt bench update verify failure-modes docs clean

demo: $(READY)
	@bash examples/demo.sh

test: $(READY)
	@$(BIN)/pytest -n auto --dist worksteal -m 'not cluster' $(PYTEST_ARGS)

# Real control planes: one after the other, each of them has use for all cores.
test-cluster: $(READY)
	@$(BIN)/pytest -m cluster --durations=10 $(PYTEST_ARGS)

# Their programs: from the cache (SKEL_CACHE), else minutes. Where they can't be had, the tests that need them skip.
programs: $(READY)
	@for release in $(RELEASES); do \
		$(BIN)/skel cluster fetch $$release || missing="$$missing $$release"; \
	done; \
	test -z "$$missing" || printf '\n!!! NO CONTROL PLANE OF KUBERNETES%s: see above. Tests that need it are SKIPPED.\n\n' "$$missing"
	@$(BIN)/python -m tests.storage.gateway || printf '\n!!! NO S3 SERVER: see above. Tests that need it are SKIPPED.\n\n'

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

fmt: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/skel fmt $(SKEL_SOURCES)

# CLUSTER=1 measures control planes and replays instead.
bench: $(READY)
	$(BIN)/python -m bench.$(if $(CLUSTER),cluster,run) $(BENCH_ARGS)

# Generated files: `update` writes them, `verify` proves that they are up to date.
update: $(READY)
	$(BIN)/python -m skel.language.tables --write
	$(KUBE_DATA) $(addprefix --fetch ,$(FETCH)) --write
	$(BIN)/skel fmt $(SKEL_SOURCES)
	$(BIN)/python -m examples.make_trace
	$(BIN)/python -m docs.make_pages
	$(BIN)/python -m docs.make_compare
	$(BIN)/python -m docs.make_faults

verify: $(READY)
	$(BIN)/python -m skel.language.tables
	$(KUBE_DATA)
	$(BIN)/skel fmt --check $(SKEL_SOURCES)
	$(BIN)/python -m examples.make_trace --check
	$(BIN)/python -m docs.make_pages --check
	$(BIN)/python -m docs.make_compare --check
	$(BIN)/python -m docs.make_faults --check
	$(BIN)/skel lint stdlib examples examples/failure-modes/*/scenario.yaml

# The catalogue of failures on real binaries: bounded in time; FAULT_ARGS=--write stores what was measured.
failure-modes: $(READY)
	$(BIN)/python -m examples.failure_modes $(FAULT_ARGS)

docs: $(READY)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

clean:
	rm -rf $(VENV) build dist site .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(READY): pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing skel and its tools into $(VENV) (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
