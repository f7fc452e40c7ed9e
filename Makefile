# `make` or `make help` lists what can be done. Everything lives in .venv and .kayoi under this folder.

PYTHON ?= python3.11
# Rasa's last version runs on nothing newer, and in an environment of its own.
RASA_PYTHON ?= python3.10
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PRODUCT := $(VENV)/.product-installed
TOOLS := $(VENV)/.tools-installed
E2E_LOG := .pytest_cache/e2e.log
RASA := nlu/.venv-rasa
RASA_TOOLS := $(RASA)/.installed
RASA_MODEL := $(RASA)/models/kayoi.tar.gz
LOCK := $(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.PHONY: help install run test test-server test-rasa rasa nlu nlu-report check bench soak lock

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(PRODUCT) ## make .venv with the command .venv/bin/kayoi

run: $(PRODUCT) ## start everything with a demo clinic and print the addresses
	$(BIN)/kayoi run --demo

# What the browser and killed processes are waited for leaves room for the rest beside it.
test: $(TOOLS) ## run the whole suite, browser tests included; flows and rules must be covered
	@mkdir -p $(dir $(E2E_LOG))
	@echo "the browser tests run beside the others and are told of at the end"
	@$(BIN)/pytest -m "not long and not rasa" -p no:cacheprovider tests/e2e >$(E2E_LOG) 2>&1 & e2e=$$!; \
	trap 'kill $$e2e' INT TERM; \
	$(BIN)/pytest -m "not long and not rasa" --ignore=tests/e2e --cov; others=$$?; \
	wait $$e2e; e2e=$$?; cat $(E2E_LOG); \
	[ $$others -eq 0 ] && [ $$e2e -eq 0 ]

test-server: $(TOOLS) ## run the store tests against KAYOI_DATABASE_URL and KAYOI_REDIS_URL
	@test -n "$$KAYOI_DATABASE_URL" || { echo "test-server: set KAYOI_DATABASE_URL" >&2; exit 2; }
	@test -n "$$KAYOI_REDIS_URL" || { echo "test-server: set KAYOI_REDIS_URL" >&2; exit 2; }
	$(BIN)/pytest -m "server and not long and not rasa"

nlu: $(TOOLS) ## train the embedded models from nlu/data
	$(BIN)/python -m nlu.training

nlu-report: $(TOOLS) $(RASA_MODEL) ## measure both backends and write docs/nlu.md
	$(BIN)/python -m nlu.training.report

rasa: $(RASA_MODEL) ## install the Rasa backend and train it

test-rasa: $(TOOLS) $(RASA_MODEL) ## test the Rasa backend: a real server, with the model trained here
	$(BIN)/pytest -m rasa tests/rasa

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
	$(subst 3.11,3.10,$(LOCK)) $(ARGS) nlu/rasa/requirements.in --output-file nlu/rasa/requirements.txt

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

# A few of Rasa's requirements come as source only: pip builds them.
$(RASA_TOOLS): nlu/rasa/requirements.txt
	@echo "installing Rasa into $(RASA) (2.7 GB); this takes some minutes"
	@command -v $(RASA_PYTHON) >/dev/null || { echo "rasa: needs $(RASA_PYTHON), or RASA_PYTHON=..." >&2; exit 2; }
	$(RASA_PYTHON) -m venv $(RASA)
	$(RASA)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --prefer-binary -r $<
	@touch $@

$(RASA_MODEL): $(RASA_TOOLS) nlu/rasa/config.yml nlu/rasa/domain.yml $(wildcard nlu/data/*/*.yml) | $(TOOLS)
	$(BIN)/python -m nlu.training.rasa_data $(RASA)/data
	RASA_TELEMETRY_ENABLED=false RASA_CACHE_DIRECTORY=$(RASA)/cache TF_CPP_MIN_LOG_LEVEL=3 \
		$(RASA)/bin/python -m rasa train nlu \
		--config nlu/rasa/config.yml --domain nlu/rasa/domain.yml --nlu $(RASA)/data \
		--out $(RASA)/models --fixed-model-name kayoi
	sha256sum $@ > $@.sha256
