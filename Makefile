# make run: start Patchbay.  make test: every test.  make check: before a commit.  make bench: figures.  make soak: crashes.  make shots: pictures.
.DEFAULT_GOAL := run
.PHONY: run test coverage check lint audit bench soak shots chromium
PYTHON ?= python3
BIN := .venv/bin
TESTS ?= tests

.venv/.run: requirements.txt
	$(PYTHON) -m venv .venv
	@sh .ci/install requirements.txt
	@touch $@

.venv/.dev: requirements.txt requirements-dev.txt
	$(PYTHON) -m venv .venv
	@sh .ci/install requirements-dev.txt
	@touch .venv/.run $@

run: .venv/.run
	@exec $(BIN)/python app.py

chromium:
	@sh .ci/chromium

test: .venv/.dev chromium
	$(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder $(MEASURED) $(TESTS)

coverage: MEASURED = --cov --cov-report=term:skip-covered
coverage: test

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

audit: .venv/.dev
	@sh .ci/audit

check: lint audit coverage

.venv/.peers: tests/benchmarks/requirements.txt
	$(PYTHON) -m venv .venv/peers
	.venv/peers/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

bench: .venv/.dev .venv/.peers chromium
	$(BIN)/python -m tests.benchmarks

soak: .venv/.dev
	$(BIN)/python -m tests.soak --rounds 200

shots: .venv/.dev chromium
	$(BIN)/python -m tests.browser.shots
