# Everything lives in a private environment, .venv; `make clean` takes all of it away again.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
UV_VERSION := 0.13.9

# The first of these that is Python 3.11 or later makes the environment. `make PYTHON=/path/to/python demo` names one.
PYTHON := python3 python3.13 python3.12 python3.11 python

# Rooms whose branch coverage has a bar.
COVERED := check plan engine
COVERAGE_BAR := 95

# Tests start hundreds of processes: none of them should have to compile the project's modules anew.
unexport PYTHONDONTWRITEBYTECODE

.DELETE_ON_ERROR:
.PHONY: help demo test lint format made docs extension bench lock clean

help:
	@echo "make demo       run a verb on a database of its own and see what changes"
	@echo "make test       lint, types, import layers, tests, coverage"
	@echo "make lint       all of these but the tests"
	@echo "make format     put the code in its canonical form"
	@echo "make made       write anew what is made from grammar, library and docstrings"
	@echo "make docs       the site of the documentation, in build/site"
	@echo "make extension  the extension for VS Code, checked and packed (needs Node.js)"
	@echo "make bench      the benchmarks"
	@echo "make lock       resolve the locked dependencies anew (requirements/)"
	@echo "make clean      remove the environment and everything that was built"

demo: $(VENV)/demo.stamp
	@PATH="$(CURDIR)/$(BIN):$$PATH" bash examples/helpdesk/demo.sh

test: lint
	$(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder -p tests.measuring $(COVERED:%=--cov=actionlang.%) --cov-report=
	@for room in $(COVERED); do \
	  echo "branch coverage of actionlang/$$room, at least $(COVERAGE_BAR)%:"; \
	  $(BIN)/python -m coverage report --include="actionlang/$$room/*" --fail-under=$(COVERAGE_BAR) || exit 1; \
	done

lint: $(VENV)/test.stamp
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports

format: $(VENV)/test.stamp
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .
	$(BIN)/actionlang fmt stdlib/*.act stdlib/tests examples

# Tests fail when one of these is behind what it is made from.
made: $(VENV)/test.stamp
	$(BIN)/python -m editors
	$(BIN)/python -m website pages

docs: $(VENV)/test.stamp
	$(BIN)/python -m website

extension:
	cd editors/vscode && npm ci --no-audit --no-fund && npm run ci

bench: $(VENV)/bench.stamp
	$(BIN)/python -m benchmarks

# A stamp is younger than the lock that it stands for, so nothing is installed twice.
$(VENV)/%.stamp: requirements/%.txt pyproject.toml $(VENV)/made.stamp
	$(PIP) install --require-hashes --requirement $<
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/made.stamp:
	@for python in $(PYTHON); do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  "$$python" -c 'import ensurepip, venv' 2>/dev/null || { without="$$python"; continue; }; \
	  echo "making $(VENV) with $$("$$python" --version)"; \
	  "$$python" -m venv --clear $(VENV) && touch $@; exit; \
	done; \
	if [ -n "$$without" ]; then \
	  echo "$$without can not make a virtual environment: install its venv module (Debian: apt install python3-venv)."; \
	else \
	  echo "ActionLang needs Python 3.11 or later, and none of these is one: $(PYTHON)."; \
	  echo "Install it, or name it: make PYTHON=/path/to/python3 demo"; \
	fi >&2; exit 1

# A lock holds for every platform and for every Python from 3.11 on, and each one holds what the one before it fixed.
LOCK := $(VENV)/lock/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
  --generate-hashes --no-emit-index-url --no-emit-find-links --no-config --custom-compile-command "make lock" --upgrade

lock: $(VENV)/made.stamp
	@$(BIN)/python -m venv $(VENV)/lock
	@$(VENV)/lock/bin/python -m pip --disable-pip-version-check --quiet install uv==$(UV_VERSION)
	$(LOCK) --extra all --group build --output-file requirements/demo.txt
	$(LOCK) --extra all --group dev --constraints requirements/demo.txt --output-file requirements/test.txt
	$(LOCK) --extra all --group bench --constraints requirements/test.txt --output-file requirements/bench.txt

clean:
	rm -rf editors/vscode/node_modules editors/vscode/dist editors/vscode/out editors/vscode/*.vsix
	rm -rf $(VENV) build dist *.egg-info .cache .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
