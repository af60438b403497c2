# Every target makes what it needs. Needed beforehand: Python 3.11 or later.
# Programs that only some tests need are listed in .ci/run; without them those tests are skipped.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

.DEFAULT_GOAL := demo
.PHONY: demo test test-thorough gallery lint format bench clean

# What the demo needs, without the tools of the tests: seconds, where those take a minute.
demo: $(BIN)/derive
	$(BIN)/derive report three-layer-chain --format html,markdown,latex -o notes

# A process for each core.  Each begins with its own part of the tests in their order, so that those
# of one file mostly share what is kept for them, and takes over from others in the end.
PYTEST := $(BIN)/python -m pytest -n auto --dist worksteal

test: $(READY)
	$(PYTEST)

# What is left out of `make test`: the long sweeps of which it tries a sample.  All of them, or those
# of some folders: make test-thorough PART="tests/oracle tests/proving".
PART ?=
test-thorough: $(READY)
	$(PYTEST) -m thorough $(PART)

gallery: $(READY)
	$(BIN)/python output/regenerate.py

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright

format: $(READY)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# What a part found is written as soon as it ends.  Some parts alone: make bench PART="kernels layers";
# benchmarks/results.md says how long each takes.
bench: $(READY)
	$(BIN)/pip install --quiet -e '.[bench]' || echo "what is not installed is left out"
	$(BIN)/python -m benchmarks $(PART)

clean:
	rm -rf .venv build dist tests/documents/node_modules
	rm -rf .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/derive:
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -e '.[html,smt]'

$(READY): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -e '.[test,dev]'
	touch $@
