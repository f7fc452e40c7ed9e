# `make` or `make help` lists what can be done. Everything lives in .venv and .kayoi under this folder.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PRODUCT := $(VENV)/.product-installed
TOOLS := $(VENV)/.tools-installed
LOCK := $(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.PHONY: help install run test test-server test-rasa rasa check bench soak lock

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(PRODUCT) ## make .venv with the command .venv/bin/kayoi

run: $(PRODUCT) ## start everything with a demo clinic and print the addresses
	$(BIN)/kayoi run --demo

test: $(TOOLS) ## run the whole suite, browser tests included; flows and rules must be covered
	$(BIN)/pytest -m "not long" --cov

test-server: $(TOOLS) ## run the store tests against KAYOI_DATABASE_URL and KAYOI_REDIS_URL
	@test -n "$$KAYOI_DATABASE_URL" || { echo "test-server: set KAYOI_DATABASE_URL" >&2; exit 2; }
	@test -n "$$KAYOI_REDIS_URL" || { echo "test-server: set KAYOI_REDIS_URL" >&2; exit 2; }
	$(BIN)/pytest -m "server and not long"

rasa: ## install the Rasa backend
	@echo "rasa: the Rasa backend arrives with the language issue; there is nothing to install yet"

test-rasa: ## test the Rasa backend
	@echo "test-rasa: the Rasa backend arrives with the language issue; there is nothing to test yet"

check: $(TOOLS) ## lint, format, types and import order
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(PRODUCT) ## measure turns and webhooks, one JSON line each
	$(BIN)/kayoi bench turns --json
	$(BIN)/kayoi bench webhooks --json

soak: $(TOOLS) ## run the full-length acceptance figures
	$(BIN)/pytest -m long

lock: $(TOOLS) ## renew requirements/*.txt from requirements/*.in (with ARGS=--upgrade: newest)
	$(LOCK) $(ARGS) requirements/runtime.in --output-file requirements/runtime.txt
	$(LOCK) $(ARGS) requirements/dev.in --output-file requirements/dev.txt

# setuptools comes with the requirements, so that installing ourselves fetches nothing.
$(PRODUCT): requirements/runtime.txt pyproject.toml
	@echo "installing into $(VENV); this takes a minute the first time"
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes --only-binary :all: -r requirements/runtime.txt
	$(PIP) install --no-index --no-deps --no-build-isolation --editable .
	@touch $@

$(TOOLS): $(PRODUCT) requirements/dev.txt
	$(PIP) install --require-hashes --only-binary :all: -r requirements/dev.txt
	@touch $@
