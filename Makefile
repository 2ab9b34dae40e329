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

.PHONY: demo test lint types fmt bench update verify docs clean

demo: $(READY)
	@bash examples/demo.sh

test: $(READY)
	@$(BIN)/pytest -n auto --dist worksteal $(PYTEST_ARGS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

fmt: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/skel fmt $(SKEL_SOURCES)

bench: $(READY)
	$(BIN)/python -m bench.run $(BENCH_ARGS)

# Generated files: `update` writes them, `verify` proves that they are up to date.
update: $(READY)
	$(BIN)/python -m skel.language.tables --write
	$(KUBE_DATA) $(addprefix --fetch ,$(FETCH)) --write
	$(BIN)/skel fmt $(SKEL_SOURCES)
	$(BIN)/python -m examples.make_trace
	$(BIN)/python -m docs.make_pages
	$(BIN)/python -m docs.make_compare

verify: $(READY)
	$(BIN)/python -m skel.language.tables
	$(KUBE_DATA)
	$(BIN)/skel fmt --check $(SKEL_SOURCES)
	$(BIN)/python -m examples.make_trace --check
	$(BIN)/python -m docs.make_pages --check
	$(BIN)/python -m docs.make_compare --check
	$(BIN)/skel lint stdlib examples

docs: $(READY)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

clean:
	rm -rf $(VENV) build dist site .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(READY): pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing skel and its tools into $(VENV) (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
