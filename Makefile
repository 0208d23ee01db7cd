# Handheld Office 掌上办. `make help` lists what there is; nothing needs to be prepared but Python ≥ 3.11 and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
SANDBOX_PORT ?= 8001
DATA ?= data/demo
URL ?= http://127.0.0.1:$(PORT)
WORKERS ?= 3
SEEDS ?= 20
FIRST ?= 1
SECONDS_EACH ?= 45

.DEFAULT_GOAL := help
.PHONY: help run web test slow town check bench bench-chat bench-pay chaos-chat chaos-pay flows matrix format docs schema lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/runs web ## start everything on this machine (PORT=, SANDBOX_PORT=, DATA=)
	@$(BIN)/handheld demo --port $(PORT) --sandbox-port $(SANDBOX_PORT) --data $(DATA)

web: $(VENV)/runs ## build the citizen app and the console, once
	@$(BIN)/python miniapp_stub/tools/build_web.py

test: $(VENV)/tests ## the whole suite, on real parts (WORKERS= processes, a file in one of them)
	@$(BIN)/python miniapp_stub/tools/build_web.py --all
	@sh tests/install_browser.sh
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

slow: $(VENV)/tests ## the long proofs: 100,000 rows renewed under traffic, a million nonces, 1,000 canary persons, a message in every gap, 10,000 notices, 2,000 lives of a bill
	@SLOW=1 $(BIN)/python -m pytest -s tests/kit/test_ciphers.py tests/kit/test_sealed.py tests/attacks/test_canary_persons.py \
		tests/chat/test_resume.py tests/chat/test_counters.py \
		tests/money/test_storm.py tests/money/test_machine.py tests/money/test_races.py tests/money/test_units.py tests/payments/wire/test_ledger_model.py

town: $(VENV)/tests ## a day's work with vanishing clerks: 1,000 consultations, 20 clerks, two assigning processes (SEEDS=11,12)
	@SLOW=1 SEEDS=$(or $(SEEDS),11) $(BIN)/python -m pytest -s tests/chat/simulation tests/chat/test_taking.py

check: $(VENV)/tests ## format, lint, types, import contracts, house tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy kit auth chat payments mobileapi miniapp_stub/sandbox tests
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m pytest -q tests/house

bench: $(VENV)/tests ## the benchmarks, each as a ratio to its floor in the same run
	@$(BIN)/python -m bench

chaos-chat: $(VENV)/tests ## consultation under faults, 20 seeds in some 25 minutes (SEEDS=, FIRST=, SECONDS_EACH=)
	@$(BIN)/python -m tests.chaos.chat --seeds $(SEEDS) --first $(FIRST) --seconds $(SECONDS_EACH) --keep data/chaos

chaos-drills: $(VENV)/tests ## Redis and PostgreSQL away in five ways each, slow readers, a storm, a rolling restart
	@$(BIN)/python -m tests.chaos.drills

chaos-pay: $(VENV)/tests ## money stopped at every place where it waits, in six ways (EVERY=7: each seventh; FLOWS=create,notify)
	@$(BIN)/python -m tests.money.chaos_pay --every $(or $(EVERY),1) $(if $(FLOWS),--flows $(FLOWS))

bench-pay: $(VENV)/tests ## notices and a day's reconciliation beside their floors (ROWS=, at most 5000000)
	@$(BIN)/python -m bench.payments --rows $(or $(ROWS),1000000)

bench-chat: $(VENV)/tests ## consultation alone: one process and two, beside their floors
	@$(BIN)/python -m bench.chat

flows: $(VENV)/tests ## walk the five flows against the running server (URL=)
	@$(BIN)/python -m tests.flows $(URL)

matrix: $(VENV)/tests ## who reaches what: every route and frame × twelve callers, against an office of its own
	@$(BIN)/python -m tests.attacks.matrix

docs: $(VENV)/tests ## write the generated pages of docs/ anew
	@$(BIN)/python -m tests.house.pages

schema: $(VENV)/tests ## write the schema that an empty database is given, from the migrations
	@$(BIN)/python -m mobileapi.snapshot

format: $(VENV)/tests ## put the code into its form
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lock: $(VENV)/tests ## resolve the dependencies anew
	@$(BIN)/pip install -q uv
	@$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --all-extras -o requirements-dev.lock pyproject.toml
	@$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --extra web -c requirements-dev.lock -o requirements.lock pyproject.toml

clean: ## remove what was built (the data stay)
	@rm -rf $(VENV) miniapp_stub/*/dist miniapp_stub/*/node_modules

# The environments. Each is made once, and again when its lock changes.
$(VENV)/runs: requirements.lock pyproject.toml
	@$(call install,requirements.lock)
	@touch $@

$(VENV)/tests: requirements-dev.lock pyproject.toml
	@$(call install,requirements-dev.lock)
	@touch $@ $(VENV)/runs

define install
set -e; \
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
  || { echo "Handheld Office needs Python 3.11 or newer as '$(PYTHON)'; name another with: make run PYTHON=/path/to/python3" >&2; exit 1; }; \
test -x $(BIN)/pip || { rm -rf $(VENV); $(PYTHON) -m venv $(VENV) >/dev/null 2>&1; } \
  || { [ "$$(id -u)" = 0 ] && apt-get -qq update && apt-get -qq install -y python3-venv >/dev/null && $(PYTHON) -m venv $(VENV); } \
  || { echo "Python's venv module is missing; install it (Debian: apt-get install python3-venv) and run make again" >&2; exit 1; }; \
echo "installing Python packages (once; about a minute) …"; \
$(BIN)/python -m pip install -q --disable-pip-version-check -r $(1) > $(VENV)/pip.log 2>&1 \
  && $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e . >> $(VENV)/pip.log 2>&1 \
  || { tail -n 3 $(VENV)/pip.log >&2; echo "the Python packages could not be installed; check that the package index can be reached, then run make again (the whole story: $(VENV)/pip.log)" >&2; exit 1; }
endef
