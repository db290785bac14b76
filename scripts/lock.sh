#!/bin/sh
# Resolve pyproject.toml into locks/*.txt: exact versions, every hash, no registry address.
# `make lock` runs it; the custom header keeps the file free of the machine it was made on.
set -eu
cd "$(dirname "$0")/.."
compile() {
  name=$1; shift
  CUSTOM="make lock"
  UV_CUSTOM_COMPILE_COMMAND="$CUSTOM" .venv/bin/uv pip compile --quiet --universal --python-version 3.11 \
    --generate-hashes --no-emit-index-url --no-annotate "$@" --output-file "locks/$name.txt" pyproject.toml
}
compile dev --extra server --extra desktop --extra dev
# What runs in production is a subset of what was tested: the same versions, constrained by the lock above.
compile server --extra server --constraint locks/dev.txt
compile desktop --extra desktop --constraint locks/dev.txt
printf '%s\n' hatchling editables > locks/build.in
UV_CUSTOM_COMPILE_COMMAND="make lock" .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-annotate --constraint locks/dev.txt --output-file locks/build.txt locks/build.in
