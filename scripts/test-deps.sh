#!/bin/sh
# test-deps.sh postgresql|redis|nginx|strace … — see that the programs the tests start themselves are there.
#
# Only the binaries are used: the tests bring up their own servers, on free ports and in temporary folders,
# and never speak to a service that Debian may start after the installation.
set -eu
cd "$(dirname "$0")/.."

has() {
  case $1 in
    postgresql) [ -n "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null)" ] || command -v initdb >/dev/null ;;
    redis) command -v redis-server >/dev/null ;;
    nginx) command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] ;;
    strace) command -v strace >/dev/null ;;
    *) echo "test-deps.sh does not know '$1'" >&2; exit 2 ;;
  esac
}

package_of() {
  case $1 in
    redis) echo redis-server ;;
    *) echo "$1" ;;
  esac
}

missing=
for program in "$@"; do
  has "$program" || missing="$missing $(package_of "$program")"
done
[ -z "$missing" ] || sh scripts/apt-install.sh $missing
