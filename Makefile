# Everything a fresh machine needs is Python 3.11+ and make; Windows commands stand in README.md.
PYTHON ?= python3
BIN := .venv/bin
KILLS ?= 300
LOCK := uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

.PHONY: run test suite lint bench crash manual lock clean

run: .venv/run.stamp
	$(BIN)/donghanh run

# Side by side: mypy needs one core, and the first worker compiles while the other waits for it.
test: .venv/dev.stamp
	$(MAKE) --jobs=2 lint suite

# Each worker has a core: numpy's own threads would only wait for one. Compiled modules are kept,
# whatever is set outside: the programs that tests start would compile them again, one by one.
suite: export OPENBLAS_NUM_THREADS = 1
suite: export PYTHONDONTWRITEBYTECODE =
suite: .venv/dev.stamp
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

lint: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/dev.stamp
	$(BIN)/python -m tests.bench

crash: .venv/dev.stamp
	$(BIN)/python -m tests.crash --kills $(KILLS)
	$(BIN)/python -m tests.crash_broadcast
	$(BIN)/python -m tests.crash_broadcast --does edit --chats 2000 --kills 30
	$(BIN)/python -m tests.crash_broadcast --does withdraw --chats 2000 --kills 30

manual: .venv/dev.stamp
	$(BIN)/python -m tests.manual

# The one command that needs uv and a package index; its result is committed.
lock:
	$(LOCK) --group build --output-file requirements.lock
	$(LOCK) --group dev --constraint requirements.lock --output-file requirements-dev.lock

.venv/run.stamp: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

.venv/dev.stamp: .venv/run.stamp requirements-dev.lock
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-dev.lock
	touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
