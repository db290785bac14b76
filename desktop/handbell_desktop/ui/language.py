"""The languages the application speaks: it installs Qt's translators and can change them while it runs.

English is written in the source; its own file holds only the plural forms ("1 change", "2 changes"). Qt's own words
(Copy, Paste, the file dialog) come from Qt's catalogue. After a change Qt sends `LanguageChange` to every window;
dates and numbers follow through the default locale, which keeps the person's own country where the language fits.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from handbell_desktop.kept.settings import Language

I18N: Final = Path(__file__).parent / "i18n"
SPOKEN: Final = ("en", "de")


def of_system(preferred: list[str] | None = None) -> str:
    """The first of the person's languages that is spoken here; English when there is none."""
    for name in QLocale.system().uiLanguages() if preferred is None else preferred:
        language = name.replace("_", "-").partition("-")[0].lower()
        if language in SPOKEN:
            return language
    return "en"


class Languages:
    """Keep one for the application's life: a translator that nobody holds is gone."""

    def __init__(self, app: QCoreApplication, choice: Language = "system") -> None:
        self._app = app
        self._translators: list[QTranslator] = []
        self.language = ""
        self.speak(choice)

    def speak(self, choice: Language) -> None:
        """Speak this language from now on; windows that are open hear it by `LanguageChange`."""
        language = of_system() if choice == "system" else choice
        if language == self.language:
            return
        self.silence()
        self.language = language
        QLocale.setDefault(_locale(language))
        qt = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        for name, folder in ((f"qtbase_{language}", qt), (f"handbell_{language}", str(I18N))):
            translator = QTranslator(self._app)
            if translator.load(name, folder):
                self._app.installTranslator(translator)
                self._translators.append(translator)

    def silence(self) -> None:
        """Back to what is written in the source."""
        for translator in self._translators:
            self._app.removeTranslator(translator)
            translator.deleteLater()
        self._translators.clear()
        self.language = ""


def _locale(language: str) -> QLocale:
    system = QLocale.system()
    return system if system.name().partition("_")[0] == language else QLocale(language)
