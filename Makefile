# All that a bare machine needs is make, Python 3.11 to 3.13 and a package index.
# The rest goes into .venv, from the pinned and hashed files in requirements/.

SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?=
PY := .venv/bin/python

# A .venv whose interpreter is gone (Python was upgraded, the folder was moved) is made anew.
BROKEN_VENV := $(shell $(PY) -c '' 2>/dev/null || echo broken-venv)

.venv/%.installed: requirements/%.txt scripts/venv.sh $(BROKEN_VENV)
	@PYTHON='$(PYTHON)' sh scripts/venv.sh $<
	@touch $@

# `make check` and `make schema` read the settings and start nothing: any value will do.
check types-cms types-search schema: export CMS_SECRET_KEY = check
check types-cms types-search schema: export SEARCH_SECRET_KEY = check
check types-cms types-search schema: export FEED_TOKEN = check
check types-cms types-search schema: export DATA_DIR = var/check

.PHONY: help demo test check types-cms types-search format schema bench eval lock clean broken-venv
.PRECIOUS: .venv/%.installed

help: ## Show this
	@awk 'BEGIN {FS = ":.*## "} \
		/^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo

##@ Run
demo: .venv/demo.installed ## Start both services with sample content (CMS_PORT=8000 SEARCH_PORT=8001 DATA_DIR=var/demo)
	@exec $(PY) -m scripts.demo

##@ Test
test: .venv/dev.installed ## Run every test tier (TIER=name for one, ARGS='-k word' for pytest)
	@$(PY) -m tests $(TIER) -- $(ARGS)

check: .venv/dev.installed ## Run what needs no running: lint, format, types, imports, migrations, settings
	$(PY) -m ruff check --quiet .
	$(PY) -m ruff format --quiet --check .
	$(PY) -c 'from importlinter.cli import lint_imports_command as lint; lint()' --no-logo
	@$(MAKE) -j2 types-cms types-search
	$(PY) -m cms makemigrations --check --dry-run
	$(PY) -m cms check --fail-level WARNING
	$(PY) -m search_service check --fail-level WARNING

# Most of what `make check` takes, so both at once.
types-cms: .venv/dev.installed
	DJANGO_SETTINGS_MODULE=cms.settings $(PY) -m mypy --cache-dir .mypy_cache/cms \
		cms tests/cms tests/benchmarks/admin_pages.py

types-search: .venv/dev.installed
	DJANGO_SETTINGS_MODULE=search_service.settings $(PY) -m mypy --cache-dir .mypy_cache/search \
		--exclude '^tests/(cms/|benchmarks/admin_pages)' search_service scripts tests

bench: .venv/dev.installed ## Measure start, freshness, answers, the feed, the index, HTTP (ARGS='--listings 100000 10000000')
	@$(PY) -m tests.benchmarks $(ARGS)

eval: .venv/dev.installed ## Count how many cases of what people type find what they should (ARGS='--places cities500.txt.gz')
	@$(PY) -m tests.evaluation $(ARGS)

##@ Change
format: .venv/dev.installed ## Format the code and mend what can be mended
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

schema: .venv/dev.installed ## Write the public API's OpenAPI document to contracts/api/v1/
	$(PY) -m search_service spectacular --format openapi-json --validate --fail-on-warn \
		--file contracts/api/v1/openapi.json

lock: .venv/dev.installed ## Compile pyproject.toml's dependency groups to requirements/ (a deleted file is resolved afresh)
	@for group in cms search demo dev; do \
		UV_CUSTOM_COMPILE_COMMAND='make lock' $(PY) -m uv pip compile --quiet --system-certs --universal --python-version 3.11 \
			--generate-hashes --no-emit-index-url --no-emit-find-links \
			--group pyproject.toml:$$group --output-file requirements/$$group.txt || exit 1; \
	done

clean: ## Delete what the tools left, the demo's content and .venv
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache var
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
