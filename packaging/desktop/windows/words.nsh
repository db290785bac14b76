; What the installer says itself; everything else comes with NSIS in the same languages.

!macro Say name english german
  LangString ${name} ${LANG_ENGLISH} "${english}"
  LangString ${name} ${LANG_GERMAN} "${german}"
!macroend

!insertmacro Say TheBellIs \
  "The bell in the tray, with everything it needs." \
  "Die Glocke im Infobereich, mit allem, was sie braucht."
!insertmacro Say AtLogin \
  "Start at login" \
  "Beim Anmelden starten"
!insertmacro Say AtLoginIs \
  "The bell hears only while it runs. The settings have the same switch." \
  "Die Glocke hört nur, solange sie läuft. Die Einstellungen haben denselben Schalter."
!insertmacro Say Data \
  "Your data too" \
  "Auch deine Daten"
!insertmacro Say DataIs \
  "The notifications on this computer, your settings and the keys of your accounts. What is on the server stays there." \
  "Die Benachrichtigungen auf diesem Rechner, deine Einstellungen und die Schlüssel deiner Konten. Was auf dem Server ist, bleibt dort."
!insertmacro Say Ending \
  "Ending the bell that runs" \
  "Die laufende Glocke wird beendet"
!insertmacro Say StillRuns \
  "Handbell is still running. Quit it from the menu of its bell, and try again." \
  "Handbell läuft noch. Beende es im Menü der Glocke und versuche es noch einmal."
!insertmacro Say NotEmpty \
  "This folder holds something else. Please choose an empty one." \
  "In diesem Ordner liegt etwas anderes. Bitte wähle einen leeren."
!insertmacro Say TooOld \
  "Handbell needs Windows 10 or newer, with 64 bits." \
  "Handbell braucht Windows 10 oder neuer, mit 64 Bit."
