# Two commands are enough: `make run` shows it, `make test` proves it. Both do their own set-up.
#
#   make run      the demo: a server on SQLite and the bell, signed in, with a few notifications, until Ctrl-C
#                 (without a screen the bell prints what it hears)
#   make test     everything the tests need, then the tests        ARGS="tests/server -k retry" picks some,
#                                                                  JOBS=0 runs them in one process
#   make check    what a reviewer would ask first: format, lint, types, import rules
#   make format   lets ruff put the code in order
#   make faults   the fault tests, for hours instead of minutes
#   make bench    the measurements, beside their baselines
#   make bundle   the desktop frozen into a folder that needs no Python: build/desktop/handbell-desktop
#   make package-desktop  the bundle as .deb, .rpm and .tar.xz: build/desktop-packages
#   make package-server   the server as a Debian package: build/server/handbell-server_….deb
#   make package-windows  the installer for Windows, from PAYLOAD=folder, which PyInstaller has made on Windows
#   make package-test     packages under a real systemd, the container's steps and compose.yaml, tried in clean Debian roots
#                         (as root, for a quarter of an hour)
#   make bench-desktop    the bell measured: start, memory, bursts, long lists; frozen too after `make bundle`
#   make docs     the documents as a site that needs no network, every link in it checked: build/site/index.html
#   make docs-serve       the same, shown on this machine: DOCS_PORT=8000
#   make package-docs     the same in one file: build/handbell-docs-….tar.xz
#   make screenshots      the pictures of the documents, taken from the running program
#   make dist     wheel and sdist, in build/release
#   make release-check    whether a release could be made now, and why not; ARGS=--offline leaves out what needs a network
#   make release-notes    its text, from the changelog; make release-files  SBOMs and SHA256SUMS for build/release
#   make lock     resolves pyproject.toml into locks/*.txt again
#   make clean    takes away what make and the tools have made
#
# PYTHON=/path/to/python picks the interpreter (3.11 to 3.13; found by itself otherwise). PORT=8080 is the demo's.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?=
PORT ?= 8080
DOCS_PORT ?= 8000
ARGS ?=
JOBS ?= 2
SOURCES := client/handbell server/handbell_server desktop/handbell_desktop shared/handbell_shared tests benchmarks scripts

export PYTHON
.DEFAULT_GOAL := help
.PHONY: help run test test-deps check format faults bench bench-desktop bundle package-desktop package-server package-windows package-test docs docs-serve package-docs screenshots dist release-check release-notes release-files lock clean

help:
	@sed -n 's/^#   //p' Makefile

# The stamps: nothing is installed again until a lock, pyproject.toml or the recipe itself has changed.
$(VENV)/.server: pyproject.toml shared/handbell_shared/version.py locks/server.txt locks/build.txt scripts/bootstrap.sh
	@sh scripts/bootstrap.sh server
$(VENV)/.desktop: pyproject.toml shared/handbell_shared/version.py locks/desktop.txt locks/server.txt locks/build.txt scripts/bootstrap.sh
	@sh scripts/bootstrap.sh desktop
$(VENV)/.dev: pyproject.toml shared/handbell_shared/version.py locks/dev.txt locks/build.txt scripts/bootstrap.sh
	@sh scripts/bootstrap.sh dev

$(VENV)/.docs: $(VENV)/.dev locks/docs.txt
	@echo "==> installing what locks/docs.txt names"
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-input --require-hashes --requirement locks/docs.txt
	@touch $@

test-deps:
	@sh scripts/system-deps.sh postgresql redis nginx strace curl systemd qt screen alertmanager entries

# The tray application comes only to where there is a screen: Qt is a large download.
run: $(VENV)/$(if $(DISPLAY)$(WAYLAND_DISPLAY),.desktop,.server)
	@[ -z "$(DISPLAY)$(WAYLAND_DISPLAY)" ] || sh scripts/system-deps.sh qt
	@$(BIN)/python -m scripts.demo --port $(PORT)

test: $(VENV)/.dev test-deps
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile $(ARGS)

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(SOURCES)
	$(BIN)/lint-imports

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

faults: $(VENV)/.dev test-deps
	$(BIN)/python -m pytest tests/faults tests/shared/model tests/contract --long -o timeout=14400 $(ARGS)

bench: $(VENV)/.dev test-deps
	$(BIN)/python -m benchmarks $(ARGS)

bench-desktop: $(VENV)/.dev test-deps
	$(BIN)/python -m benchmarks.desktop $(ARGS)

screenshots: $(VENV)/.dev test-deps
	$(BIN)/python -m scripts.screenshots $(ARGS)

# build/desktop/handbell-desktop/ is the program, with Python and Qt inside.
bundle: $(VENV)/.dev
	@command -v objdump >/dev/null || sh scripts/apt-install.sh binutils
	PYTHONHASHSEED=1 $(BIN)/pyinstaller --noconfirm --log-level WARN --distpath build/desktop --workpath build/work packaging/desktop/handbell-desktop.spec

# For Linuxes that are not older than this one; docs/decisions/0037 says what is in which.
package-desktop: bundle
	@sh scripts/system-deps.sh packages entries
	$(BIN)/python -m scripts.package_desktop $(ARGS)

# For this machine's Debian and its own Python.
package-server: $(VENV)/.dev
	$(BIN)/python -m scripts.package_server $(ARGS)

# Of what scripts/release/freezing.py has made on Windows; the installer itself is compiled here.
package-windows: $(VENV)/.dev
	@sh scripts/system-deps.sh nsis qt
	$(BIN)/python -m scripts.package_windows $(PAYLOAD) $(ARGS)

package-test: $(VENV)/.dev test-deps bundle
	@sh scripts/system-deps.sh debootstrap nspawn ip packages nsis wine
	$(BIN)/python -m pytest tests/deployment --package -o timeout=1800 $(ARGS)

docs: $(VENV)/.docs
	$(BIN)/python -m scripts.site build

docs-serve: $(VENV)/.docs
	$(BIN)/python -m scripts.site serve $(DOCS_PORT)

package-docs: $(VENV)/.docs
	$(BIN)/python -m scripts.site archive

build/release-tools/.ready: locks/release.txt
	@echo "==> installing what locks/release.txt names, apart from the rest"
	@$(BIN)/python -m venv --clear build/release-tools
	@build/release-tools/bin/python -m pip --disable-pip-version-check install --quiet --no-input --require-hashes --requirement $<
	@touch $@

release-check: $(VENV)/.dev build/release-tools/.ready
	$(BIN)/python -m scripts.release check $(ARGS)

release-notes: $(VENV)/.dev
	$(BIN)/python -m scripts.release notes --to build/release-notes.md

release-files: $(VENV)/.dev build/release-tools/.ready
	$(BIN)/python -m scripts.release files $(ARGS)

dist: $(VENV)/.dev
	$(BIN)/python -m scripts.release dist

lock: $(VENV)/.dev
	sh scripts/lock.sh

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
