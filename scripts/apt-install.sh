#!/bin/sh
# apt-install.sh PACKAGE… — install Debian or Ubuntu packages, as root or by a sudo that asks nothing.
#
# Whoever calls this has found something missing; only then is the package list refreshed. Where it cannot be
# done, the last line says what a person has to type.
set -eu

by_hand() {
  echo "Handbell needs more of this machine than it has. Please run, then try again:" >&2
  echo "    sudo apt-get install $*" >&2
  exit 1
}

command -v apt-get >/dev/null || {
  echo "Handbell needs, and this system has no apt to get it: $*" >&2
  echo "(these are Debian's package names; please install the same things in your system's way)" >&2
  exit 1
}
as_root=
if [ "$(id -u)" -ne 0 ]; then
  sudo -n true 2>/dev/null || by_hand "$@"
  as_root="sudo -n"
fi

case " $* " in
  *" prometheus-alertmanager "*) # Debian would have one listen on every address from now on; nobody here needs that
    [ ! -d /run/systemd/system ] || $as_root systemctl --quiet mask prometheus-alertmanager </dev/null || true ;;
esac

echo "==> installing $*"
# An out-of-date list can still be good enough, so the install decides, not the refresh.
$as_root apt-get -qq update </dev/null || true
# env: sudo drops DEBIAN_FRONTEND. The output is shown only when it failed.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! $as_root env DEBIAN_FRONTEND=noninteractive \
  apt-get -qq -y --no-install-recommends install "$@" </dev/null >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  by_hand "$@"
fi
