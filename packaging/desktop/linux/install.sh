#!/bin/sh
# install.sh — puts this Handbell into your menus, for you alone and where it lies now. Run it again after you moved the
# folder or unpacked a newer one. `./install.sh --remove` takes out what it put in; what Handbell keeps for you stays.
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
program=$here/handbell-desktop
share=${XDG_DATA_HOME:-$HOME/.local/share}
config=${XDG_CONFIG_HOME:-$HOME/.config}
command=$HOME/.local/bin/handbell-desktop
entry=applications/handbell-desktop.desktop

case ${1-} in
  '' | --remove) ;;
  *) echo "usage: ./install.sh [--remove]" >&2; exit 2 ;;
esac

case $here in
  *%*) [ "${1-}" = --remove ] || echo "There is a % in $here: GNOME and its kin will not find the program there." >&2 ;;
esac

# Every file of share/, by its name: put there, and found again to be removed.
(cd "$here/share" && find . -type f) | while IFS= read -r file; do
  if [ "${1-}" = --remove ]; then
    rm -f "$share/$file"
  else
    mkdir -p "$share/$(dirname "$file")"
    cp "$here/share/$file" "$share/$file"
  fi
done

if [ "${1-}" = --remove ]; then
  [ "$(readlink "$command" || true)" != "$program" ] || rm -f "$command"
  login=$config/autostart/handbell-desktop.desktop
  if [ -e "$login" ] && grep -qF "$here/" "$login"; then rm -f "$login"; fi
else
  # Where the program is, as an entry says it: in quotes, with what means something there escaped, twice.
  # By ENVIRON, because awk would read the backslashes of anything else it is given.
  TRY=$(printf '%s' "$program" | sed 's/\\/\\\\/g')
  # shellcheck disable=SC2089,SC2090 # the quotes are the entry's
  EXEC=\"$(printf '%s' "$program" | sed 's/[\\"`$]/\\&/g; s/%/%%/g; s/\\/\\\\/g')\"
  # shellcheck disable=SC2090
  export TRY EXEC
  awk '/^Exec=/ { print "Exec=" ENVIRON["EXEC"] substr($0, length("Exec=handbell-desktop") + 1); next }
       /^TryExec=/ { print "TryExec=" ENVIRON["TRY"]; next }
       { print }' "$here/share/$entry" >"$share/$entry"
  mkdir -p "$(dirname "$command")"
  ln -sf "$program" "$command"
fi

# Menus and links to handbell:// are looked up in an index.
if command -v update-desktop-database >/dev/null; then
  update-desktop-database -q "$share/applications"
elif [ "${1-}" != --remove ] && command -v xdg-mime >/dev/null; then
  xdg-mime default handbell-desktop.desktop x-scheme-handler/handbell
elif [ "${1-}" != --remove ]; then
  echo "There is no update-desktop-database here, so handbell:// links do not open by themselves: run handbell-desktop LINK." >&2
fi
touch "$share/icons/hicolor"

if [ "${1-}" = --remove ]; then
  echo "Handbell is out of your menus. What it keeps for you is in $config/handbell-desktop and"
  echo "$share/handbell-desktop; this folder is $here."
else
  echo "Handbell is in your menus, and as $command."
fi
