# make demo    the main job on the bundled example          make lock    exact versions, anew
# make test    all checks and tests                          make clean   what these commands made
#
# VENV=DIR puts the environment elsewhere; PYTHON=PROGRAM says which Python it is made with.

VENV ?= .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile

# One lock for every platform and for Python 3.11 and newer; it names no package index.
LOCKING := --quiet --upgrade --universal --python-version 3.11 \
    --no-header --no-annotate --no-emit-index-url --no-emit-find-links

.PHONY: demo test lock clean

demo: $(VENV)/.for-running
	@PYTHON="$$(cd $(BIN) && pwd)/python" ./examples/demo.sh

test: $(VENV)/.for-testing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4

lock: $(BIN)/python
	$(PIP_INSTALL) uv
	$(BIN)/uv pip compile $(LOCKING) --output-file requirements.lock pyproject.toml
	$(BIN)/uv pip compile $(LOCKING) --extra dev --constraint requirements.lock \
	    --output-file requirements-dev.lock pyproject.toml

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .hypothesis .import_linter_cache examples/*/build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The two files mark what the environment holds, so that a second call has nothing to do.
$(VENV)/.for-running: requirements.lock | $(BIN)/python
	$(PIP_INSTALL) -r requirements.lock
	@touch $@

$(VENV)/.for-testing: requirements-dev.lock pyproject.toml | $(BIN)/python
	$(PIP_INSTALL) -r requirements-dev.lock
	$(PIP_INSTALL) --no-deps --editable .
	@touch $@

$(BIN)/python:
	@for python in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11); do \
	    $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null && break; \
	    python=; \
	done; \
	if [ -z "$$python" ]; then \
	    echo "PESquared needs Python 3.11 or newer, and found none as $(or $(PYTHON),python3 to python3.14)." >&2; \
	    echo "Name one: make PYTHON=/path/to/python3.11" >&2; \
	    exit 1; \
	fi; \
	if ! $$python -c 'import ensurepip, venv' 2> /dev/null; then \
	    echo "$$python cannot make environments: its venv or pip is missing (Debian, Ubuntu: apt install python3-venv)." >&2; \
	    exit 1; \
	fi; \
	echo "$$python -m venv $(VENV)"; \
	$$python -m venv $(VENV)
