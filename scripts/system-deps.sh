#!/bin/sh
# system-deps.sh postgresql|redis|nginx|strace|curl|systemd|nspawn|ip|debootstrap|screen|qt|alertmanager|entries|packages|nsis|wine … — see that this machine has what pip cannot bring.
#
# Of the programs only the binaries are used: the tests bring up their own servers, screens and buses, on free ports and
# in temporary folders, and never speak to a service that Debian may start after the installation.
set -eu
cd "$(dirname "$0")/.."

# What Qt loads to talk to X and to draw anywhere, even without a screen; libxss knows how long nobody has touched it.
QT="libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxkbcommon-x11-0 libxkbcommon0 libfontconfig1
  fonts-dejavu-core libegl1 libgl1 libdbus-1-3 libxss1"

program() { command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ]; }
package() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q ' installed'; }

missing_for() { # prints the Debian packages that are missing for one need
  case $1 in
    postgresql) [ -n "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null)" ] || program initdb || echo postgresql ;;
    redis) program redis-server || echo redis-server ;;
    nginx | strace | curl | debootstrap) program "$1" || echo "$1" ;;
    systemd) program systemd-analyze || echo systemd ;; # it also judges units where it does not run
    nspawn) program systemd-nspawn || echo systemd-container ;;
    ip) program ip || echo iproute2 ;;
    nsis) program makensis || echo nsis ;;
    wine) program wine || echo "wine wine64" ;; # Windows' installer is tried under it; 64 bits are enough
    alertmanager) program prometheus-alertmanager || echo prometheus-alertmanager ;;
    qt) # by package where that can be asked; elsewhere Qt itself says what it misses
      if command -v dpkg-query >/dev/null; then for name in $QT; do package "$name" || echo "$name"; done; fi ;;
    screen) # a screen, a bus, a notification daemon, a keyring, a panel with a tray, and a hand on the mouse
      program Xvfb || echo xvfb
      program xauth || echo xauth
      program dbus-daemon || echo dbus
      program dunst || echo dunst
      program gnome-keyring-daemon || echo gnome-keyring
      program openbox || echo openbox
      program trayer || echo trayer
      program xdotool || echo xdotool
      ;;
    entries) # what judges menu entries and their metadata
      program desktop-file-validate || echo desktop-file-utils
      program appstreamcli || echo appstream
      ;;
    packages) # what packages of the desktop are made and judged with
      program dpkg-shlibdeps || echo dpkg-dev
      program rpmbuild || echo rpm
      program lintian || echo lintian
      program xz || echo xz-utils
      ;;
    *) echo "system-deps.sh does not know '$1'" >&2; exit 2 ;;
  esac
}

missing=
for need in "$@"; do
  found=$(missing_for "$need") || exit $?
  missing="$missing $found"
done
# shellcheck disable=SC2086 # a list of names
[ -z "$(echo $missing)" ] || sh scripts/apt-install.sh $missing
