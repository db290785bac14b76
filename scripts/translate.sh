#!/bin/sh
# Every sentence of the desktop into the translators' files, and these into what Qt loads. Run it after a text changed,
# translate what is new (grep 'unfinished' in the .ts), and run it again. The tests say when it was forgotten.
#
# English is the source; its file holds only the plural forms. No places and no old sentences are kept: the files then
# change when a text does, and not when a line moves.
set -eu
cd "$(dirname "$0")/.."
bin=${BIN:-.venv/bin}
i18n=${1:-desktop/handbell_desktop/ui/i18n}

sources=$(find desktop/handbell_desktop -name '*.py' | LC_ALL=C sort)
update="$bin/pyside6-lupdate -silent -locations none -no-obsolete -disable-heuristic similartext
  -source-language en -tr-function-alias QT_TRANSLATE_NOOP+=sentence"
# Unquoted on purpose: these are words for the command line.
$update $sources -ts "$i18n/handbell_de.ts"
$update -pluralonly -target-language en $sources -ts "$i18n/handbell_en.ts"
for language in de en; do
  "$bin/pyside6-lrelease" -silent "$i18n/handbell_$language.ts" -qm "$i18n/handbell_$language.qm"
done
