# Everything runs from .venv, which these targets make from uv.lock. Needed beforehand: Python 3.11, git, make.
SHELL := /bin/bash
PYTHON ?= python3
ARGS ?=
export LINESHEET_DATA ?= $(CURDIR)/var
export UV_PYTHON_DOWNLOADS := never
UV := .boot/bin/uv
BIN := .venv/bin
FILES := $(wildcard ../shared/data/shopify-product-csvs/apparel.csv)

.PHONY: demo up test fuzz screenshots lint bench format
.DEFAULT_GOAL := demo

demo: .venv/ready
	LINESHEET_DATA=$(CURDIR)/var/demo $(BIN)/linesheet demo $(addprefix --file ,$(FILES)) $(ARGS)

up: .venv/ready
	$(BIN)/linesheet up $(ARGS)

test: .venv/ready lint
	@tests/chromium || true
	$(BIN)/pytest -n 3 --dist worksteal $(ARGS)

fuzz: .venv/ready
	LINESHEET_EXAMPLES=anew LINESHEET_WILD=10 $(BIN)/pytest -m "not browser" -o timeout=1200 $$(grep -rl "^from hypothesis" tests --include=test_*.py) $(ARGS)

screenshots: .venv/ready
	@tests/chromium || true
	rm -rf docs/screens
	LINESHEET_SCREENS=$(CURDIR)/docs/screens $(BIN)/pytest tests/screens/test_screens.py $(ARGS)

lint: .venv/ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/djlint src/linesheet/web/templates src/linesheet/api/templates --check --lint --quiet
	$(BIN)/mypy

format: .venv/ready
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/djlint src/linesheet/web/templates src/linesheet/api/templates --reformat --quiet

bench: .venv/ready
	$(BIN)/linesheet bench --growth --json $(ARGS)

.venv/ready: pyproject.toml uv.lock $(UV)
	$(UV) sync --frozen --quiet --python $(PYTHON)
	@touch $@

$(UV):
	$(PYTHON) -m venv .boot
	.boot/bin/pip install --quiet uv
