#!/bin/sh
# Resolve pyproject.toml into locks/*.txt: exact versions, every hash, no registry address.
# `make lock` runs it; the custom header keeps the file free of the machine it was made on. LOCKS=folder resolves into another
# one, beginning with what is in it: `make release-check` looks that way whether the locks still fit.
set -eu
cd "$(dirname "$0")/.."
locks=${LOCKS:-locks}
compile() {
  name=$1; shift
  UV_CUSTOM_COMPILE_COMMAND="make lock" .venv/bin/uv pip compile --quiet --universal --python-version 3.11 \
    --generate-hashes --no-emit-index-url --no-annotate "$@" --output-file "$locks/$name.txt"
}
compile dev --extra server --extra desktop --extra dev pyproject.toml
# What runs in production is a subset of what was tested: the same versions, constrained by the lock above.
compile server --extra server --constraint "$locks/dev.txt" pyproject.toml
compile desktop --extra desktop --constraint "$locks/dev.txt" pyproject.toml
printf '%s\n' hatchling editables > "$locks/build.in"
compile build --constraint "$locks/dev.txt" "$locks/build.in"
# Apart from all others: what a release is checked with, and the documents are built with; nothing that runs or tests Handbell.
compile release --group pyproject.toml:release --constraint "$locks/dev.txt"
compile docs --group pyproject.toml:docs --constraint "$locks/dev.txt"
compile freezer --extra desktop --group pyproject.toml:freezer --constraint "$locks/dev.txt" pyproject.toml
