# Everything installs into .venv by itself; `make help` lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help demo test check check-slow fix bench docs locale clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Mofang needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check -c constraints.txt -e '.[embedded,dev]'
	@$(BIN)/python -m mofang.cli.main models install --json > /dev/null
	@touch $@

demo: $(STAMP) ## the whole journey on the embedded defaults
	@$(BIN)/mofang run examples/assistant

test: $(STAMP) ## every test that takes seconds
	@$(BIN)/python -m pytest -n auto

check: $(STAMP) ## lint, types, import rules
	@$(BIN)/ruff check src tests bench
	@$(BIN)/ruff format --check src tests bench
	@$(BIN)/mypy
	@$(BIN)/lint-imports

check-slow: $(STAMP) ## what takes minutes; keeps its output under bench/results/
	@mkdir -p bench/results
	@set -o pipefail; $(BIN)/python -m pytest -n auto -m slow --durations=10 2>&1 | tee bench/results/check-slow.txt

fix: $(STAMP) ## format and mend what can be mended
	@$(BIN)/ruff check --fix src tests bench
	@$(BIN)/ruff format src tests bench

bench: $(STAMP) ## the measurements, written to bench/results/
	@$(BIN)/python bench/all.py

docs: $(STAMP) ## regenerate docs/reference from the code
	@$(BIN)/python docs/generate.py

locale: $(STAMP) ## collect messages and compile the catalogues
	@mkdir -p build
	@$(BIN)/pybabel -q extract --no-location --sort-output --omit-header -k _ -o build/mofang.pot src
	@$(BIN)/pybabel -q update --init-missing --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -i build/mofang.pot -d src/mofang/locale -D mofang -l zh_CN
	@$(BIN)/pybabel -q compile -d src/mofang/locale -D mofang

clean: ## remove what was built, never your data
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache src/*.egg-info
