# Loom: `make run` and `make test` are all one needs to know. Each makes what it needs the first time.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SCALE ?= demo
OUT ?=
PEOPLE ?= 100,1000

.DEFAULT_GOAL := help

help: ## List every target
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-11s %s\n", $$1, $$2}'

$(VENV)/.app: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what Loom needs (once)…"
	@$(BIN)/pip install -qq --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements.txt requirements-dev.txt $(VENV)/.app
	@$(BIN)/pip install -qq --disable-pip-version-check -r requirements-dev.txt
	@touch $@

run: $(VENV)/.app ## Serve the production build on one port, with demo people on an embedded database
	@exec $(BIN)/python -m loom_app.cli serve

dev: $(VENV)/.app ## Serve with hot reload (reflex run; pages on 3000, events on 8000)
	@$(BIN)/python -m loom_app.cli migrate && $(BIN)/python -m loom_app.cli seed --scale demo
	@exec $(BIN)/reflex run

test: $(VENV)/.dev ## Lint, types, import rules, migrations, unit and integration tests, browser journeys
	@$(BIN)/python -m tests.run

cover: $(VENV)/.dev ## The tests but the browser's, traced: what they miss, and the floor for money
	@$(BIN)/python -m tests.run --cover

prove: $(VENV)/.dev ## The heavy proofs at full size
	@LOOM_PROVE=full $(BIN)/pytest -m "not e2e" -o addopts="--strict-markers" -q tests/concurrency tests/domains/scheduling tests/domains/payments tests/domains/packages tests/domains/accounts tests/domains/engagements
	@LOOM_PROVE=full $(BIN)/pytest -m e2e -o addopts="" -q --timeout 5400 -o timeout_func_only=true tests/e2e/test_cuts.py tests/e2e/test_rolling_restart.py

bench: $(VENV)/.dev ## Measure: make bench [PEOPLE=100,1000] [OUT=file.json]
	@$(BIN)/python -m loom_app.cli bench --people $(PEOPLE) $(if $(OUT),--out $(OUT))
	@$(BIN)/python -m tests.pages $(if $(OUT),$(OUT:.json=-pages.json))

sbom: $(VENV)/.dev ## What Loom is made of, as CycloneDX, and under what licences: make sbom [OUT=file.json]
	@$(BIN)/python -m tests.bill $(OUT)

lighthouse: $(VENV)/.dev ## Lighthouse over public and signed-in pages (takes npm and Chromium)
	@$(BIN)/python -m tests.lighthouse $(if $(OUT),--out $(OUT))

observatory: $(VENV)/.dev ## Mozilla's Observatory on Loom behind TLS (takes nginx and npm)
	@$(BIN)/python -m tests.observatory

screenshots: $(VENV)/.dev ## Take the README's pictures (takes Chromium)
	@$(BIN)/python -m tests.screenshots

seed: $(VENV)/.app ## Make demo data: make seed [SCALE=large]
	@$(BIN)/python -m loom_app.cli seed --scale $(SCALE)

lint: $(VENV)/.dev ## Format check, lint, types, import rules
	@$(BIN)/python -m tests.run --lint

clean: ## Forget builds, test data and caches; keeps the demo database
	@rm -rf .web .loom/test .loom/web-* .pytest_cache .ruff_cache .import_linter_cache

.PHONY: help run dev test cover prove bench sbom lighthouse observatory screenshots seed lint clean
