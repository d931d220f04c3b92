# A machine with Python 3.11 or newer and make is enough: every target makes what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
HOME_DEMO ?= .demo
PORT ?= 8501
TARGET ?= docx
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo test check check-static run bundle bench load growth fuzz screenshots format clean

help: ## List the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "需要 Python 3.11 或更新版本：请安装后用 make PYTHON=python3.11 重试"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "无法建立虚拟环境：Debian/Ubuntu 请先安装 python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

demo: $(READY) ## Load the sample notices and open the web app
	$(BIN)/zhenggai --home $(HOME_DEMO) demo --port $(PORT)

run: $(READY) ## Open the web app on your own library
	$(BIN)/zhenggai serve --port $(PORT)

test: $(READY) ## Run the tests, slow and browser ones included (make long: those of minutes)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

check-static: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

check: check-static ## Format, lint, types and the quick tests
	$(BIN)/python -m pytest -q -m "not slow and not browser"

bench: $(READY) ## Measure retrieval beside the usual alternatives
	$(BIN)/python -m benchmarks.retrieval

load: $(READY) ## Fifty visitors and twenty programs at once for ten minutes
	$(BIN)/python -m benchmarks.load

growth: $(READY) ## Time, memory and disk by number of cases
	$(BIN)/python -m benchmarks.growth

fuzz: $(READY) ## Ten minutes of coverage-guided fuzzing: make fuzz TARGET=docx
	nice -n 15 $(BIN)/python -m tests.fuzz.atheris_loaders $(TARGET) -max_total_time=600

bundle: $(READY) ## Gather everything for an installation without network
	PYTHON=$(BIN)/python deploy/bundle.sh

long: $(READY) ## What takes minutes by itself: the image's steps without Docker, a page left alone
	$(BIN)/python -m pytest -m long

screenshots: $(READY) ## Draw docs/screenshots anew from the sample library
	$(BIN)/python -m benchmarks.screenshots

format: $(READY) ## Format and mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## Remove the environment and the demo library
	rm -rf $(VENV) $(HOME_DEMO)
