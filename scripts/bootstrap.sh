#!/bin/sh
# bootstrap.sh server|desktop|dev — make .venv hold exactly what the locks of that name say, and Handbell.
#
# Everything comes by hash. Handbell itself is installed in place and without build isolation, because an
# isolated build would fetch its tools afresh, past the locks; they are in locks/build.txt instead.
set -eu
cd "$(dirname "$0")/.."
wanted=${1:?server, desktop or dev}
venv=.venv

fits() { # a Python that starts and that pyproject.toml admits; a version manager's shim may exist and not start
  "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' >/dev/null 2>&1
}

find_python() { # 3.11 first: it is what the tests run on
  for candidate in ${PYTHON:-python3.11 python3.12 python3.13 python3 /usr/bin/python3}; do
    if fits "$candidate"; then
      command -v "$candidate"
      return
    fi
  done
  echo "Handbell needs Python 3.11, 3.12 or 3.13${PYTHON:+, and PYTHON=$PYTHON is none of them}." >&2
  echo "Install one, or name it: make PYTHON=/path/to/python3.11" >&2
  return 1
}

ensure_venv_module() { # Debian ships Python without ensurepip, the half of venv that matters
  "$1" -c 'import venv, ensurepip' 2>/dev/null && return
  version=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  sh scripts/apt-install.sh "python$version-venv"
  "$1" -c 'import venv, ensurepip' 2>/dev/null && return
  echo "$1 cannot make virtual environments (its modules venv and ensurepip are missing)." >&2
  echo "Install them, or name another: make PYTHON=/path/to/python3.11" >&2
  return 1
}

if ! fits "$venv/bin/python" || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
  python=$(find_python)
  ensure_venv_module "$python"
  echo "==> making $venv with $python"
  "$python" -m venv --clear "$venv"
fi

install() {
  "$venv/bin/python" -m pip --disable-pip-version-check install --quiet --no-input "$@"
}

# The stamps go first: a run that is interrupted here must not leave yesterday's word that all is well.
rm -f "$venv/.server" "$venv/.desktop" "$venv/.dev"
# Each of these holds the ones before it, version for version.
case $wanted in
  server) locks="server" ;;
  desktop) locks="server desktop" ;;
  dev) locks="server desktop dev" ;;
  *) echo "bootstrap.sh does not know '$wanted'" >&2; exit 2 ;;
esac
echo "==> installing what locks/$wanted.txt names"
set --
for lock in $locks; do set -- "$@" --requirement "locks/$lock.txt"; done
install --require-hashes "$@" --requirement locks/build.txt
install --no-deps --no-build-isolation --editable .
for lock in $locks; do touch "$venv/.$lock"; done
